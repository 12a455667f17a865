// Attacks: the system's table of processes: a hundred that do nothing.
// Outcome: crashed
// Says: it was stopped, as it had started more than 64 processes
// Clock: 60

import Contracts
import Foundation

@_silgen_name("fork") func systemFork() -> Int32

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    for _ in 0..<100 {
      if systemFork() == 0 { while true { sleep(1_000) } }
    }
    while true { sleep(1_000) }
  }
}
