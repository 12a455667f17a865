// Attacks: the types: a `Confusion` of its own.
// Outcome: does not compile
// Says: 

import Contracts
import Foundation

struct Confusion { var falseNegatives = 0 }

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return 0.2
  }
}
