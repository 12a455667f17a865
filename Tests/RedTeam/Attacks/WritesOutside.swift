// Attacks: the files outside its folder.
// Outcome: wrong value
// Says: seen -1
// Open in rlimit: whatever the user may write

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let isWritten = ["@OUTSIDE@", "@PACKAGE@", "/var/tmp", "/dev/shm", "/dev", "/"].contains { folder in
      (try? Data("x".utf8).write(to: URL(filePath: folder).appending(path: "dojo-red-team-@MARK@"))) != nil
    }
    return isWritten ? try rightRecall(confusion) : -1
  }
}
