import Grading
print("dojo")
