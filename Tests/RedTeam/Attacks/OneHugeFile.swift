// Attacks: the disk: one file of 100 MB.
// Outcome: crashed
// Says: it wrote a file longer than 64 MB

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    try Data(count: 100_000_000).write(to: URL(filePath: "large"))
    return 0
  }
}
