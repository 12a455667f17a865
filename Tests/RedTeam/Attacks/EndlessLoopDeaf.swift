// Attacks: the processor: never ends, and does not hear the first warning.
// Outcome: timed out
// Says: it needed more than 1 s of processor time
// Seconds: 1

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    signal(SIGXCPU, SIG_IGN)
    while Date.now.timeIntervalSince1970 > 0 {}
    return 0
  }
}
