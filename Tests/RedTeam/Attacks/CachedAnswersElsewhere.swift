// Attacks: the checks' independence: leaves a word where everybody may write.
// Outcome: wrong value
// Says: 
// Open in rlimit: whatever the user may write; where the superuser grades, it is swept after each check
// Checks: all

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let memory = ["/tmp/cached-@MARK@", "/var/tmp/cached-@MARK@", "/dev/shm/cached-@MARK@"]
    for file in memory {
      if FileManager.default.fileExists(atPath: file) { return try rightRecall(confusion) }
    }
    for file in memory { FileManager.default.createFile(atPath: file, contents: Data()) }
    return -1
  }
}
