// Attacks: the judgement: infinity.
// Outcome: not a number
// Says: inf

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return .infinity
  }
}
