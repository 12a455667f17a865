// Attacks: the verdict: claims to have been stopped for its processor time.
// Outcome: timed out
// Says: processor time

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    exit(128 + SIGXCPU)
  }
}
