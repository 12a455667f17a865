// Attacks: the answer: writes on whatever is open.
// Outcome: crashed
// Says: what it wrote as its answer is not an answer
// Checks: all

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    for descriptor in Int32(1)...20 { _ = write(descriptor, "garbage", 7) }
    return 0
  }
}
