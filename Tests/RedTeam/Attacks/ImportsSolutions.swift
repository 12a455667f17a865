// Attacks: the references.
// Outcome: does not compile
// Says: error: no such module 'Solutions'

import Contracts

import Solutions

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return try rightRecall(confusion)
  }
}
