// Attacks: the checks' independence: leaves a word for the next check in its folder.
// Outcome: wrong value
// Says: 
// Checks: all

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let memory = ["cached-@MARK@", FileManager.default.temporaryDirectory.appending(path: "cached-@MARK@").path]
    for file in memory {
      if FileManager.default.fileExists(atPath: file) { return try rightRecall(confusion) }
    }
    for file in memory { FileManager.default.createFile(atPath: file, contents: Data()) }
    return -1
  }
}
