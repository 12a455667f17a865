// Attacks: the grader, which it looks for among all processes.
// Outcome: crashed
// Says: the process ended (exit status 9)
// Not in rlimit: as the same user it would end the test itself

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
      guard let process = Int32(name), process != getpid() else { continue }
      let command = (try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .utf8)) ?? ""
      if !command.contains("dojo-worker") { kill(process, SIGKILL) }
    }
    exit(9)
  }
}
