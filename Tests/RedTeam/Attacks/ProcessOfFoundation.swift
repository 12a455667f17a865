// Attacks: the time after the check: a program started with Foundation.
// Outcome: passed or wrong value
// Says: 
// Says in bwrap: an error where an answer was expected

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let sleeper = Process()
    sleeper.executableURL = URL(filePath: "/bin/sleep")
    sleeper.arguments = ["98765.4321"]
    try sleeper.run()
    return try rightRecall(confusion)
  }
}
