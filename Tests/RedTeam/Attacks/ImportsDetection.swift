// Attacks: an answer that the package holds.
// Outcome: does not compile
// Says: error: no such module 'Detection'

import Contracts

import Detection

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return try rightRecall(confusion)
  }
}
