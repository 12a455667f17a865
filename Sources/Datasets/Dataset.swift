import Behavior
