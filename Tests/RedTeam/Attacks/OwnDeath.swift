// Attacks: the worker: kills it.
// Outcome: crashed
// Says: the process was killed
// Checks: all

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    kill(getpid(), SIGKILL)
    return 0
  }
}
