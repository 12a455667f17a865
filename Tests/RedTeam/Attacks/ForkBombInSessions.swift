// Attacks: the system's table of processes: each process makes two, each in a session of its own, so that no group holds them.
// Outcome: crashed
// Says: it was stopped, as it had started more than 64 processes
// Clock: 60

import Contracts
import Foundation

@_silgen_name("fork") func systemFork() -> Int32

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    while true {
      if systemFork() == 0 { setsid() }
    }
  }
}
