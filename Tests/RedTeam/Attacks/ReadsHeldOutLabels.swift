// Attacks: the data sets, whose labels are held out.
// Outcome: wrong value
// Says: seen -1
// Open in rlimit: they lie beside the worker

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let worker = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let data = worker.appending(path: "BehaviorDojo_Datasets.resources").path
    return FileManager.default.fileExists(atPath: data) ? try rightRecall(confusion) : -1
  }
}
