// Attacks: the compiler: an expression that takes the type-checker for ever.
// Outcome: does not compile
// Says: 

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let n = confusion.falseNegatives
    return Double(-(1 + n) * 2.5 + (3 - n) / 1.5 + -(2 * n) * (0.5 + n) - (7 + n * 2) / (1 - 0.25 * n) + [1, 2.5, 3].map { $0 * n + 1 }.reduce(0, +) * -1 + (n + 2 * 3.5 - n * 1))
  }
}
