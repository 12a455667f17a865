// Attacks: the memory.
// Outcome: out of memory
// Says: it needed more than 2048 MB of memory

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let memory = [UInt8](repeating: 1, count: 10_000_000_000 + confusion.falseNegatives)
    return Double(memory[confusion.falseNegatives])
  }
}
