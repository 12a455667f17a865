// Attacks: the grader.
// Outcome: does not compile
// Says: error: no such module 'Grading'

import Contracts

import Grading

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return try rightRecall(confusion)
  }
}
