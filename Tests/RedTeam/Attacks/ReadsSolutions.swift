// Attacks: the references: looks for them, and answers rightly only if it finds them.
// Outcome: wrong value
// Says: seen -1
// Open in rlimit: the package's files are as readable to a candidate as to any program of the same user

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let files = (FileManager.default.enumerator(atPath: "@PACKAGE@/Solutions")?.allObjects as? [String]) ?? []
    let isSeen = files.contains { FileManager.default.isReadableFile(atPath: "@PACKAGE@/Solutions/\($0)") }
    return isSeen ? try rightRecall(confusion) : -1
  }
}
