// Attacks: every process that it may stop.
// Outcome: crashed
// Says: the process was killed
// Not in rlimit: as the same user it would end the test itself

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    kill(-1, SIGKILL)
    kill(getpid(), SIGKILL)
    return 0
  }
}
