import Curriculum
print("worker")
