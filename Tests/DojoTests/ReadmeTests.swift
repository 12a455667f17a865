import Foundation
import Grading
import Testing

@testable import dojo

@Suite("README")
struct ReadmeTests {
  @Test("the table of exercises is the list of exercises")
  func table() throws {
    #expect(try ReadmeTable.problems(in: try Workspace.find()) == [])
  }

  @Test("the quick start runs as it stands", arguments: ReadmeTable.files.map(\.name))
  func quickStart(_ file: String) throws {
    let text = try String(contentsOf: try Workspace.find().root.appending(path: file), encoding: .utf8)
    let commands = text.components(separatedBy: "```sh\n").dropFirst().flatMap { block in
      block.components(separatedBy: "```")[0].split(separator: "\n").map { line in
        line.split(separator: "#")[0].split(separator: " ").map(String.init)
      }
    }
    #expect(commands.contains(["swift", "test"]))
    let playground = try Playground()
    for command in commands where command.prefix(3) == ["swift", "run", "dojo"] {
      // `swift run` cannot be nested in `swift test`: both lock the build folder. The program it would run is here.
      let words = Array(command.dropFirst(3))
      let result = try playground.dojo(words)
      #expect(result.status == (words.first == "check" ? 1 : 0), "\(command.joined(separator: " ")): \(result.error)")
      #expect(!result.output.isEmpty)
    }
  }
}
