// Attacks: the process that started it.
// Outcome: crashed
// Says: the process

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    kill(getppid(), SIGKILL)
    sleep(1)
    exit(7)
  }
}
