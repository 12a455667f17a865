/// An import of a module that the compiler must find, as `Contracts` is built upon it, but that is not for candidates:
/// `Datasets` reads the held-out labels, and `Detection` holds answers to exercises.
///
/// The text is searched as it stands, in comments and strings too: an `import` that only looks like one costs its
/// author a rewording, while a search that skipped strings could be led to skip an import.
struct ForbiddenImport: Hashable {
  /// The modules.
  static let modules = ["Datasets", "Detection"]

  /// What is wrong with it.
  let reason: String

  /// Where, from 1.
  let line: Int

  /// The first such import; nil if there is none.
  init?(in text: String) {
    var scanner = Scanner(text: Array(text.utf8))
    while let start = scanner.nextWord("import") {
      let resume = scanner.position
      if var name = scanner.wordAfterBlanks() {
        if Self.kinds.contains(name), let next = scanner.wordAfterBlanks() { name = next }
        if Self.modules.contains(name) {
          reason = "no such module '\(name)' for an exercise; import Contracts, Tensors, Learning or Behavior"
          line = scanner.line(of: start)
          return
        }
      }
      if scanner.skipped > text.utf8.count {
        reason = "too much stands between `import` and the module's name"
        line = scanner.line(of: start)
        return
      }
      scanner.position = resume
    }
    return nil
  }

  /// What the candidate reads.
  func complaint(file: String) -> String {
    "\(file):\(line): error: \(reason)"
  }

  /// `import struct Datasets.RetailLog`.
  private static let kinds: Set = ["typealias", "struct", "class", "enum", "protocol", "let", "var", "func"]

  /// Reads words and skips what may stand between them, as Swift's lexer does.
  private struct Scanner {
    let text: [UInt8]
    var position = 0

    /// How many bytes of blanks and comments were skipped; more than the text has, where comments hold imports that
    /// hold comments.
    private(set) var skipped = 0

    /// Moves behind the next occurrence of a word.
    ///
    /// - Returns: where it begins; nil if there is none.
    mutating func nextWord(_ word: String) -> Int? {
      let letters = Array(word.utf8)
      while position + letters.count <= text.count {
        let start = position
        let end = start + letters.count
        position += 1
        guard text[start] == letters[0], text[start..<end].elementsEqual(letters),
          start == 0 || text[start - 1] >= 0x80 || !Self.isInWord(text[start - 1]),
          end == text.count || !Self.isInWord(text[end])
        else { continue }
        position = end
        return start
      }
      return nil
    }

    /// The word after spaces, new lines and comments, without its backticks.
    mutating func wordAfterBlanks() -> String? {
      skipBlanks()
      if position < text.count, text[position] == UInt8(ascii: "`") {
        position += 1
        skipBlanks()
      }
      let word = text[position...].prefix { Self.isInWord($0) }
      position = word.endIndex
      if position < text.count, text[position] == UInt8(ascii: "`") { position += 1 }
      return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    func line(of position: Int) -> Int { text[..<position].count { $0 == UInt8(ascii: "\n") } + 1 }

    /// Swift takes all control characters that it knows for blanks, even a zero.
    private mutating func skipBlanks() {
      let start = position
      defer { skipped += position - start }
      while position < text.count {
        if text[position] <= UInt8(ascii: " ") {
          position += 1
        } else if isAt("/", "/") {
          position = text[position...].firstIndex { $0 == 10 || $0 == 13 } ?? text.count
        } else if isAt("/", "*") {
          skipComment()
        } else {
          return
        }
      }
    }

    /// Comments nest.
    private mutating func skipComment() {
      var depth = 0
      while position < text.count {
        if isAt("/", "*") {
          depth += 1
          position += 2
        } else if isAt("*", "/") {
          depth -= 1
          position += 2
          if depth == 0 { return }
        } else {
          position += 1
        }
      }
    }

    private func isAt(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
      position + 1 < text.count && text[position] == UInt8(ascii: first) && text[position + 1] == UInt8(ascii: second)
    }

    private static func isInWord(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
        true
      default:
        false
      }
    }
  }
}
