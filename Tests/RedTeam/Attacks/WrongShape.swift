// Attacks: the answer: counts that are none, and an error instead.
// Outcome: wrong value
// Says: an error where an answer was expected: no idea

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    throw BadInput("no idea")
  }
}
