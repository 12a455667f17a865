// Attacks: the answer: a `write` of its own, which the worker might call.
// Outcome: passed
// Says: 
// Checks: all

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    return try rightRecall(confusion)
  }
}

// The worker has its own `write` from the C library; if it took this one, no answer would ever arrive.
@_cdecl("write") public func hostileWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { count }
