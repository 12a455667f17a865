// Attacks: the processor: never ends.
// Outcome: timed out
// Says: it needed more than 1 s of processor time
// Seconds: 1

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    while Date.now.timeIntervalSince1970 > 0 {}
    return 0
  }
}
