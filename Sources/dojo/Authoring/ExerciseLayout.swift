import Curriculum
import Foundation

/// The files of a new exercise: a skeleton that compiles, and its entries in the three lists.
struct ExerciseLayout {
  let topic: Topic
  let name: String
  let root: URL

  /// The exercise's id.
  var id: String { Exercise.id(ofName: name) }

  /// The Swift spelling of a constant: `LSTMCell` → `lstmCell`.
  var declaredConstant: String {
    let capitals = name.prefix { $0.isUppercase || $0.isNumber }
    let small = capitals.count > 1 && capitals.count < name.count ? capitals.count - 1 : max(1, capitals.count)
    return name.prefix(small).lowercased() + name.dropFirst(small)
  }

  /// Writes the files and adds to the lists.
  ///
  /// - Returns: the paths that were written or changed.
  /// - Throws: `CommandError` if one of the files is there already; then nothing is written.
  func write() throws -> [String] {
    let manager = FileManager.default
    let files = self.files
    for (path, _) in files where manager.fileExists(atPath: root.appending(path: path).path) {
      throw CommandError(.badData, "\(path) is there already; nothing was written")
    }
    let lists = try self.lists.map { list in
      (path: list.path, text: try adding(list.entry, to: list.path, after: list.anchor))
    }
    for (path, text) in files {
      let file = root.appending(path: path)
      try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file, options: .atomic)
    }
    for (path, text) in lists { try Data(text.utf8).write(to: root.appending(path: path), options: .atomic) }
    return files.map(\.0) + lists.map(\.path)
  }

  private var lists: [(path: String, anchor: String, entry: String)] {
    [
      ("Sources/Curriculum/Catalogue.swift", "let all: [Exercise] = [", "    .\(declaredConstant),"),
      ("Solutions/References.swift", "let referenceTypes: [any ExerciseContract.Type] = [", "  \(name).self,"),
      ("Tests/MistakeTests/AllMistakes.swift", "let allMistakes: [Mistake] = [", "  \(declaredConstant)Mistakes,"),
    ]
  }

  /// A list's file with an entry before the bracket that ends the list.
  private func adding(_ entry: String, to path: String, after anchor: String) throws -> String {
    var lines = try String(contentsOf: root.appending(path: path), encoding: .utf8).components(separatedBy: "\n")
    guard let start = lines.firstIndex(where: { $0.contains(anchor) }),
      let end = lines[(start + 1)...].firstIndex(where: { $0.drop { $0 == " " }.hasPrefix("]") })
    else {
      throw CommandError(.badData, "\(path): the list \"\(anchor)\" was not found")
    }
    if end - 1 > start, !lines[end - 1].hasSuffix(",") { lines[end - 1] += "," }
    lines.insert(entry, at: end)
    return lines.joined(separator: "\n")
  }
}
