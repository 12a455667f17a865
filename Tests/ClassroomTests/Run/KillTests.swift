import Contracts
import Foundation
import Tensors
import Testing

@testable import Classroom

/// `kill -9` at any moment loses nothing.
///
/// `DOJO_KILLS=200 swift test --filter KillTests` kills more often, and prints how often.
@Suite("A grader that is killed")
struct KillTests {
  @Test("killed again and again at random moments and gone on with, it writes what an undisturbed run writes")
  func kills() throws {
    let wanted = ProcessInfo.processInfo.environment["DOJO_KILLS"].flatMap { Int($0) } ?? 25
    let classroom = try Class.mixed()
    let words = ["grade", "submissions"] + Class.only
    #expect(try DojoProcess.run(words + ["--out", "whole"], in: classroom).status == 0)
    let whole = try classroom.bytes("whole")

    var random = SeededRandom(seed: 20)
    var kills = 0
    var completions = 0
    while true {
      let process = try DojoProcess(words + ["--resume"], in: classroom)
      if kills < wanted {
        usleep(UInt32(random.below(900_000)))
        process.signal(SIGKILL)
      }
      let end = try process.wait()
      if end.status == nil {
        kills += 1
        // What a reader may see at this moment is whole and right.
        for (name, data) in (try? classroom.bytes()) ?? [:] where name.hasPrefix("results/") || name == "class.json" {
          #expect(data == whole[name], "\(name) after \(kills) kills")
        }
        continue
      }
      #expect(end.status == 0, "after \(kills) kills: \(end.error)")
      #expect(try classroom.bytes() == whole, "after \(kills) kills")
      completions += 1
      if end.status != 0 || kills >= wanted { break }
      try FileManager.default.removeItem(at: classroom.results)
    }
    #expect(kills >= wanted)
    #expect(DojoProcess.left(of: classroom) == [])
    #expect(try DojoProcess.litter(of: classroom) == [])
    print("killed \(kills) times; \(completions) runs came to their end, each with the same bytes")
  }
}
