// Attacks: the compiler's messages: a line of another file.
// Outcome: does not compile
// Says: error

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    #sourceLocation(file: "/etc/passwd", line: 1)
    return nothing
  }
}
