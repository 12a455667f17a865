// Attacks: the grader's memory: announces an answer of terabytes.
// Outcome: crashed
// Says: its answer is longer than 64 MB

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    _ = write(3, "a\0\0\0\0\0\0\0\u{7f}", 9)
    sleep(100)
    return 0
  }
}
