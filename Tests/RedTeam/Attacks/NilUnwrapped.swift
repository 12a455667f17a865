// Attacks: its own process: unwraps nil.
// Outcome: crashed
// Says: unexpectedly found nil while unwrapping an Optional value
// Line: yes

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let nothing: Double? = confusion.falseNegatives >= 0 ? nil : 1
    return nothing!
  }
}
