// Attacks: its own process: reads past the end of an array.
// Outcome: crashed
// Says: index out of range
// Line: yes

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let numbers = [1, 2, 3]
    return Double(numbers[confusion.falseNegatives])
  }
}
