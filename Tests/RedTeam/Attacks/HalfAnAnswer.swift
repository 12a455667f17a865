// Attacks: the answer: begins it and leaves.
// Outcome: crashed
// Says: the process ended (exit status 0) before it answered

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    _ = write(3, "a\u{7f}\0\0", 4)
    exit(0)
  }
}
