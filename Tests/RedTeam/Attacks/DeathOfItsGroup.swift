// Attacks: the worker's process group.
// Outcome: crashed
// Says: the process was killed

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    kill(0, SIGKILL)
    return 0
  }
}
