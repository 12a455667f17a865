// Attacks: the system's table of threads.
// Outcome: out of memory
// Says: it needed more than 2048 MB of memory

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    while confusion.falseNegatives >= 0 { Thread.detachNewThread { sleep(100) } }
    return 0
  }
}
