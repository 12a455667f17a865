// Attacks: the judgement: the answer to the one input that is known.
// Outcome: wrong value
// Says: recall of TP=8

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return 0.8
  }
}
