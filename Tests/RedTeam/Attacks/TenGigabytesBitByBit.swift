// Attacks: the memory, a megabyte at a time.
// Outcome: out of memory
// Says: it needed more than 2048 MB of memory

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    var memory: [[UInt8]] = []
    while memory.count < 10_000 { memory.append([UInt8](repeating: 1, count: 1_000_000)) }
    return Double(memory.count)
  }
}
