// Attacks: the answer: closes what it would come on.
// Outcome: crashed
// Says: the process ended (exit status 1) before it answered

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    for descriptor in Int32(0)...300 { close(descriptor) }
    return 0
  }
}
