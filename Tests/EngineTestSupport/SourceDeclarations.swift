import Foundation

/// What the engine's own source files declare, so that a test can ask whether each of it is tested.
public struct SourceDeclarations {
  private let files: [(path: String, lines: [String])]

  /// Reads all Swift files below a folder of this package.
  ///
  /// - Parameters:
  ///   - folder: such as "Sources/Tensors".
  ///   - test: a file two folders below the package's root: the test that asks.
  /// - Throws: where a file cannot be read.
  public init(_ folder: String, test: String = #filePath) throws {
    let root = URL(filePath: test).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let base = root.appending(path: folder)
    let paths = (FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []).sorted()
    files = try paths.filter { $0.hasSuffix(".swift") }.map { path in
      (path, try String(contentsOf: base.appending(path: path), encoding: .utf8).components(separatedBy: "\n"))
    }
  }

  /// The functions whose results remember how they were computed: those that hold a call of `recording`. A function is
  /// named by its labels, an operator by its types: "conv2d(_:bias:stride:)", "* (Tensor, Float)".
  public var differentiable: [String] {
    var found: [String] = []
    for (_, lines) in files {
      var open: String?
      for (number, line) in lines.enumerated() {
        if line.hasPrefix("  "), !line.hasPrefix("   "), line.contains("func ") {
          let signature =
            lines[number...].prefix { !$0.hasSuffix("{") }.joined()
            + (lines[number...].first { $0.hasSuffix("{") } ?? "")
          open = Self.name(signature)
        }
        let calls = line.contains("recording(") || line.contains("recordingLookup(")
        if calls, !line.contains("func "), let name = open, found.last != name { found.append(name) }
      }
    }
    return found
  }

  /// The public types of which a protocol with one of the given names is said at their declaration.
  public func types(conformingTo protocols: Set<String>) -> [String] {
    declared(by: ["public struct ", "public final class "]).filter { _, rest in
      let conformances = rest.drop { $0 != ":" }.dropFirst().prefix { $0 != "{" }
      return conformances.split(separator: ",").contains { protocols.contains($0.trimmingCharacters(in: .whitespaces)) }
    }.map { name, _ in name }
  }

  /// The public functions outside any type.
  public var freeFunctions: [String] { declared(by: ["public func "]).map { $0.name } }

  private func declared(by words: [String]) -> [(name: String, rest: Substring)] {
    files.flatMap { _, lines in
      lines.compactMap { line in
        guard let word = words.first(where: line.hasPrefix) else { return nil }
        let rest = line.dropFirst(word.count)
        let name = rest.prefix { $0.isLetter || $0.isNumber }
        // The conformance may come after a generic parameter with a colon of its own.
        let after = rest.dropFirst(name.count)
        return (String(name), after.first == "<" ? after.drop { $0 != ">" } : after)
      }
    }
  }

  /// The name and labels in a declaration, or an operator and its types.
  private static func name(_ signature: String) -> String {
    let start = signature.range(of: "func ").map { signature[$0.upperBound...] } ?? ""
    let name = start.prefix { $0 != "(" && $0 != "<" }.trimmingCharacters(in: .whitespaces)
    let parameters = start.drop { $0 != "(" }.dropFirst()
    // At depth 0, each word before a colon is a label; types may hold parentheses and colons of their own.
    var (depth, labels, types, piece) = (0, [String](), [String](), "")
    func end() {
      guard let colon = piece.firstIndex(of: ":") else { return }
      labels.append(piece[..<colon].split(separator: " ").first.map(String.init) ?? "")
      types.append(piece[piece.index(after: colon)...].trimmingCharacters(in: .whitespaces))
      piece = ""
    }
    for character in parameters {
      if character == "(" || character == "[" { depth += 1 }
      if character == ")" || character == "]" { depth -= 1 }
      if depth < 0 { break }
      if character == ",", depth == 0 { end() } else { piece.append(character) }
    }
    end()
    let isOperator = !(name.first?.isLetter ?? false)
    return isOperator ? "\(name) (\(types.joined(separator: ", ")))" : "\(name)(\(labels.map { $0 + ":" }.joined()))"
  }
}
