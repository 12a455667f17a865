// Attacks: the worker: ends it as if all were well.
// Outcome: crashed
// Says: the process ended (exit status 0) before it answered
// Checks: all

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    exit(0)
  }
}
