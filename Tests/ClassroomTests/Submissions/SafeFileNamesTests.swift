import Classroom
import Foundation
import Testing

@Suite("Names for files of results")
struct SafeFileNamesTests {
  @Test("an ordinary name stays as it is", arguments: ["ann", "Ann Smith", "李雷", "bo@2", "o'neil, d.", "a+b_(1)"])
  func ordinary(name: String) {
    // A name must not end in a dot, which Windows takes away.
    let safe = SafeFileNames([name])[name]
    #expect(name.hasSuffix(".") ? safe.hasPrefix("o'neil, d_~") : safe == name)
  }

  @Test(
    "a name that is unsafe or ours is changed, and told apart by a digest",
    arguments: [
      "..", ".", ".hidden", "a/b", "a\\b", "a:b", "con", "NUL.txt", "class", "Gradebook", "index", "-rf", " a", "a ",
      "a\nb", "a\u{0}b", "a*?<>|\"b", "", String(repeating: "x", count: 300), String(repeating: "李", count: 100),
      "\u{202E}ann", "~", "=1+1",
    ])
  func changed(name: String) {
    let safe = SafeFileNames([name])[name]
    #expect(safe.contains("~"))
    #expect(safe.utf8.count <= 140)
    #expect(!safe.hasPrefix(".") && !safe.hasPrefix("-") && !safe.hasPrefix(" ") && !safe.hasSuffix("."))
    #expect(!safe.contains { "/\\:*?\"<>|".contains($0) || $0.isNewline })
    #expect(safe == SafeFileNames([name, "another"])[name])
  }

  @Test("names that differ only in capitals or in signs have different files")
  func unique() {
    let names = ["ann", "Ann", "ANN", "a/b", "a:b", "a_b", "李雷", "a?b"]
    let safe = SafeFileNames(names)
    #expect(Set(names.map { safe[$0].lowercased() }).count == names.count)
    #expect(safe["ann"] == "ann")
    #expect(safe["a_b"] == "a_b")
  }
}
