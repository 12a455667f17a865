// Attacks: the disk: many files in the temporary folder, each within the limit.
// Outcome: wrong value or crashed
// Says: it was stopped, as it had written more than 256 MB of files
// Clock: 60
// Says in bwrap: an error where an answer was expected

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let megabytes = Data(count: 16 << 20)
    for number in 0..<1_000 {
      try megabytes.write(to: FileManager.default.temporaryDirectory.appending(path: "large-\(number)"))
    }
    return 0
  }
}
