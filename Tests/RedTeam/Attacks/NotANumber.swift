// Attacks: the judgement: NaN compares as neither wrong nor right.
// Outcome: not a number
// Says: nan

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return .nan
  }
}
