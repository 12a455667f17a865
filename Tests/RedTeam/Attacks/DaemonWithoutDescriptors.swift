// Attacks: the time after the check: a daemon that has closed all it was given, and ignores every signal.
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
        for descriptor in Int32(0)...300 { close(descriptor) }
        for number in Int32(1)...31 { signal(number, SIG_IGN) }
        while true { sleep(1_000) }
      }
      exit(0)
    }
    sleep(1)
    exit(0)
  }
}
