// Attacks: its own process: makes a whole number of what is none.
// Outcome: crashed
// Says: Double value cannot be converted to Int because it is either infinite or NaN
// Line: yes

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let nothing = Double(confusion.falseNegatives - confusion.falseNegatives)
    return Double(Int(nothing / nothing))
  }
}
