// Attacks: the held-out labels.
// Outcome: does not compile
// Says: error: no such module 'Datasets'

import Contracts

@_exported import /* a /* nested */ comment */ enum
  `Datasets`.Datasets

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return try rightRecall(confusion)
  }
}
