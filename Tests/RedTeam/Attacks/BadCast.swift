// Attacks: its own process: casts what cannot be cast.
// Outcome: crashed
// Says: could not cast a value of type 'Swift.String' to 'Swift.Double'.

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let value: Any = "\(confusion.falseNegatives)"
    return (value as! Double)
  }
}
