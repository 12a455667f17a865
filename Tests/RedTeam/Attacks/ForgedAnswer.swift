// Attacks: the answer: an empty one.
// Outcome: crashed
// Says: its answer is malformed

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    _ = write(3, "a\u{2}\0\0\0\0\0\0\0{}", 11)
    return 0
  }
}
