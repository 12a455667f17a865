// Attacks: its own process: divides by zero.
// Outcome: crashed
// Says: division by zero
// Line: yes

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return Double(5 / (confusion.falseNegatives - confusion.falseNegatives))
  }
}
