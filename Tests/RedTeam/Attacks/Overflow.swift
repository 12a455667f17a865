// Attacks: its own process: overflows.
// Outcome: crashed
// Says: arithmetic overflow
// Line: yes

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return Double(Int.max - 3 + (confusion.falseNegatives + 8))
  }
}
