/// A source file as it is compared: one symbol a token, so that names, literals, layout and comments do not matter.
public struct TokenStream: Sendable {
  /// What is compared, one number a token.
  public private(set) var symbols: [UInt64] = []

  /// Where each symbol stands in the text.
  public private(set) var tokens: [SwiftToken] = []

  /// The offset of each line's first byte.
  public private(set) var lineStarts: [Int32] = [0]

  /// Whether the file is longer than what is compared.
  public private(set) var isCut = false

  /// Reads a file.
  ///
  /// Names outside the vocabulary are one symbol, literals another. What changes nothing is left out: imports,
  /// attributes, access modifiers, `return`, `self.`, semicolons and trailing commas; and `let` is as good as `var`.
  ///
  /// - Parameters:
  ///   - text: the source.
  ///   - vocabulary: the names that keep their spelling.
  ///   - limit: how many tokens are read at most; the rest of a longer file is not compared.
  public init(_ text: String, vocabulary: Vocabulary, limit: Int = 20_000) {
    // Ten bytes a token and more is what code has; a longer text is cut before it costs time.
    let longest = limit * 64
    let bytes = Array(text.utf8.prefix(longest))
    var (all, lineStarts) = SwiftLexer.tokens(of: bytes)
    isCut = all.count > limit || bytes.count == longest
    if all.count > limit { all.removeSubrange(limit...) }
    self.lineStarts = lineStarts
    symbols.reserveCapacity(all.count)
    tokens.reserveCapacity(all.count)
    bytes.withUnsafeBufferPointer { read(all, $0, vocabulary) }
  }

  private mutating func read(_ all: [SwiftToken], _ bytes: UnsafeBufferPointer<UInt8>, _ vocabulary: Vocabulary) {
    var index = 0
    while index < all.count {
      let token = all[index]
      defer { index += 1 }
      guard token.kind != .literal else {
        add(Symbol.literal, token)
        continue
      }
      let spelling = spellingHash(of: token, in: bytes)
      let next = index + 1 < all.count ? all[index + 1] : nil
      if token.kind == .sign {
        if spelling == Symbol.semicolon { continue }
        if spelling == Symbol.comma, let next, isClosing(next, bytes) { continue }
        if spelling == Symbol.at, next?.kind == .name {
          index += 1
          continue
        }
        add(spelling, token)
      } else if Symbol.silent.contains(spelling) {
        continue
      } else if spelling == Symbol.importing {
        if let next, next.kind == .name, next.line == token.line { index += 1 }
      } else if spelling == Symbol.selfName, let next, isSign(next, UInt8(ascii: "."), bytes) {
        index += 1
      } else if spelling == Symbol.variable {
        add(Symbol.constant, token)
      } else if Symbol.constants.contains(spelling) {
        add(Symbol.literal, token)
      } else if Symbol.keywords.contains(spelling) || (isFixed(index, all, bytes) && vocabulary.contains(spelling)) {
        add(spelling, token)
      } else {
        add(Symbol.name, token)
      }
    }
  }

  private mutating func add(_ symbol: UInt64, _ token: SwiftToken) {
    symbols.append(symbol)
    tokens.append(token)
  }

  private func isClosing(_ token: SwiftToken, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    isSign(token, UInt8(ascii: ")"), bytes) || isSign(token, UInt8(ascii: "]"), bytes)
  }
}

/// The symbols with a meaning of their own.
private enum Symbol {
  static let name: UInt64 = 1
  static let literal: UInt64 = 2
  static let semicolon = spellingHash(";")
  static let comma = spellingHash(",")
  static let at = spellingHash("@")
  static let importing = spellingHash("import")
  static let selfName = spellingHash("self")
  static let variable = spellingHash("var")
  static let constant = spellingHash("let")
  static let constants = Set(["true", "false", "nil"].map(spellingHash))
  static let silent = Set(
    ["public", "private", "fileprivate", "internal", "package", "open", "final", "return"].map(spellingHash))
  static let keywords = Set(
    """
    actor any as associatedtype async await break case catch class continue default defer deinit do else enum \
    extension fallthrough for func guard if in indirect init inout is lazy let mutating nonmutating operator \
    override precedencegroup protocol repeat rethrows self some static struct subscript super switch throw throws \
    try typealias where while _
    """.split(separator: " ").map { spellingHash(String($0)) })
}
