// Attacks: the glue: a `dojo_make` of its own.
// Outcome: does not compile
// Says: 

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return 0
  }
}

@_cdecl("dojo_make") public func hostileMake(_ slot: UnsafeMutableRawPointer) { exit(0) }
