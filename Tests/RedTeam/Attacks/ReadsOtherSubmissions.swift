// Attacks: the other submissions, compiled and in source.
// Outcome: wrong value
// Says: seen -1
// Open in rlimit: they are files like any other

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let worker = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let libraries = try? FileManager.default.contentsOfDirectory(atPath: worker.appending(path: "dojo-candidates").path)
    let isSeen = (libraries ?? []).count > 1 || FileManager.default.isReadableFile(atPath: "@OUTSIDE@/other.swift")
    return isSeen ? try rightRecall(confusion) : -1
  }
}
