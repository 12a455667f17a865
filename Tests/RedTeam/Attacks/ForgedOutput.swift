// Attacks: the answer: an output that is none.
// Outcome: crashed
// Says: its answer is malformed

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    _ = write(3, "a\u{1c}\0\0\0\0\0\0\0{\"output\":{\"_0\":\"Z2FyYmFn\"}}", 37)
    sleep(100)
    return 0
  }
}
