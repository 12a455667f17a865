// Attacks: the output.
// Outcome: too much output
// Says: it printed more than 1 MB

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let text = String(repeating: "x", count: 1_000_000)
    for _ in 0..<1_000 { print(text) }
    return 0
  }
}
