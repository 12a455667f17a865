// Attacks: its own process: gives up.
// Outcome: crashed
// Says: giving up
// Line: yes

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    if confusion.falseNegatives >= 0 { fatalError("giving up") }
    return 0
  }
}
