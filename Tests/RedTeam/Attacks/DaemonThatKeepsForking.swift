// Attacks: the time after the check: a process that is another one every moment.
// Outcome: crashed
// Says: the process ended (exit status 0) before it answered

import Contracts
import Foundation

@_silgen_name("fork") func systemFork() -> Int32

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    if systemFork() == 0 {
      setsid()
      if systemFork() == 0 {
        while true {
          setsid()
          if systemFork() != 0 { exit(0) }
        }
      }
      exit(0)
    }
    sleep(1)
    exit(0)
  }
}
