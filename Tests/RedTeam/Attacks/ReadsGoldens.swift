// Attacks: the golden numbers, in the sources and beside the worker.
// Outcome: wrong value
// Says: seen -1
// Open in rlimit: they lie beside the worker

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let worker = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let folders = ["@PACKAGE@/Sources/Curriculum/Goldens", worker.appending(path: "BehaviorDojo_Curriculum.resources").path]
    let isSeen = folders.contains { FileManager.default.fileExists(atPath: $0) }
    return isSeen ? try rightRecall(confusion) : -1
  }
}
