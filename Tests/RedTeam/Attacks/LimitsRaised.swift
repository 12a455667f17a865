// Attacks: the limits: raises what it can, then takes 10 GB.
// Outcome: out of memory
// Says: it needed more than 2048 MB of memory

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    for resource in 0..<UInt32(16) {
      var limit = rlimit(rlim_cur: .max, rlim_max: .max)
      setrlimit(__rlimit_resource_t(resource), &limit)
    }
    var memory: [[UInt8]] = []
    while memory.count < 10_000 { memory.append([UInt8](repeating: 1, count: 1_000_000)) }
    return Double(memory.count)
  }
}
