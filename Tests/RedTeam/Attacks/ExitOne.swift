// Attacks: the worker: ends it.
// Outcome: crashed
// Says: the process ended (exit status 1) before it answered

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    exit(1)
  }
}
