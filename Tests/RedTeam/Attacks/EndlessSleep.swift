// Attacks: the clock: waits for ever, and uses nothing.
// Outcome: timed out
// Says: no answer after 3 s on the clock
// Clock: 3

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    while true { sleep(1_000) }
  }
}
