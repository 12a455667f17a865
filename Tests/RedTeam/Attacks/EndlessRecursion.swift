// Attacks: the stack.
// Outcome: crashed
// Says: endless recursion: the stack is full

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return Double(deep(confusion.falseNegatives))
  }
}

func deep(_ n: Int) -> Int { n == -5 ? 0 : deep(n + 1) &+ deep(n + 2) &+ 1 }
