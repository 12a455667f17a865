// Attacks: the grader's memory, arguments and environment.
// Outcome: wrong value
// Says: seen -1
// Open in rlimit: the system shows every user's processes

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
    let isSeen = processes.contains { process in
      let command = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
      return !command.isEmpty && !command.contains("dojo-worker")
    }
    return isSeen ? try rightRecall(confusion) : -1
  }
}
