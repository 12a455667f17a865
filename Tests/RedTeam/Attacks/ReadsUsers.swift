// Attacks: the machine's users and their homes.
// Outcome: wrong value
// Says: seen -1
// Open in rlimit: they are files like any other

import Contracts
import Foundation

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func recall(_ confusion: Confusion) throws -> Double? {
    let files = FileManager.default
    // Where the package lies in somebody's home, the folders that lead to it are there, and nothing else.
    let homes = ((try? files.contentsOfDirectory(atPath: "/home")) ?? []).map { "/home/\($0)" } + ["/root"]
    let places = ["/etc/passwd", "/etc/group", "/var"] + homes.flatMap { ["\($0)/.bashrc", "\($0)/.profile"] }
    return places.contains { files.fileExists(atPath: $0) } ? try rightRecall(confusion) : -1
  }
}
