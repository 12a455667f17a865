// Attacks: the checks.
// Outcome: does not compile
// Says: error: no such module 'Curriculum'

import Contracts

import Curriculum

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return try rightRecall(confusion)
  }
}
