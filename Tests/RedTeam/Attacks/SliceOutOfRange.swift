// Attacks: its own process: slices past the end of an array.
// Outcome: crashed
// Says: index out of range
// Line: yes

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return Double([1, 2, 3][0..<(confusion.falseNegatives + 4)].count)
  }
}
