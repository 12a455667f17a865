/// The names that mean the same in every file: those of the language, of its library, and of the exercise.
///
/// A name keeps its spelling only if it is one of these and stands where it cannot be renamed: after a dot, before a
/// parenthesis, or with a capital letter. All others are one symbol, so that renaming them changes nothing.
public struct Vocabulary: Sendable {
  private var names: Set<UInt64> = Vocabulary.library

  /// The language's and the library's names, and those of the given texts.
  ///
  /// - Parameters:
  ///   - starter: the exercise's starter; all its words count, also those of its comments, which describe the types
  ///     of the contract.
  ///   - solution: a published solution, if there is one; of it the members, calls and types that it does not declare.
  public init(starter: String = "", solution: String = "") {
    var word: [UInt8] = []
    for byte in Array(starter.utf8) + [0] {
      if isWordPart(byte) {
        word.append(byte)
      } else if !word.isEmpty {
        names.insert(word.withUnsafeBufferPointer { spellingHash($0[...]) })
        word.removeAll()
      }
    }
    let text = Array(solution.utf8)
    text.withUnsafeBufferPointer { bytes in
      let tokens = SwiftLexer.tokens(of: text).tokens
      var declared: Set<UInt64> = []
      var used: Set<UInt64> = []
      for index in tokens.indices where tokens[index].kind == .name {
        let name = spellingHash(of: tokens[index], in: bytes)
        if index > 0, Vocabulary.declaring.contains(spellingHash(of: tokens[index - 1], in: bytes)) {
          declared.insert(name)
        } else if isFixed(index, tokens, bytes) {
          used.insert(name)
        }
      }
      names.formUnion(used.subtracting(declared))
    }
  }

  func contains(_ name: UInt64) -> Bool { names.contains(name) }

  private static let declaring = Set(
    ["let", "var", "func", "struct", "class", "enum", "case", "typealias", "protocol"].map(spellingHash))

  private static let library = Set(
    """
    Any Array ArraySlice Bool Character Comparable ContiguousArray Data Date Dictionary Double Equatable Error Float \
    Hashable Int Int32 Int64 Optional Range Result Self Sendable Sequence Set String Substring Swift UInt UInt32 \
    UInt64 UInt8 UnsafeBufferPointer Void abs allSatisfy append compactMap contains contentsOf count cos dropFirst \
    dropLast endIndex enumerated exp filter first firstIndex flatMap floor forEach formUnion index indices infinity \
    init insert isEmpty isFinite isInfinite isMultiple isNaN joined keys last log log10 lowercased magnitude map max \
    min nan offset popLast pow prefix print reduce remove removeAll removeFirst removeLast reserveCapacity reversed \
    rounded shuffle sin sort sorted split sqrt squareRoot startIndex stride subtracting suffix sum swapAt tanh \
    ulpOfOne union values zip
    """.split(separator: " ").map { spellingHash(String($0)) })
}

/// Whether a name stands where the language or a declaration elsewhere gives it: after a dot, before a parenthesis, or
/// as a type.
func isFixed(_ index: Int, _ tokens: [SwiftToken], _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  let first = bytes[Int(tokens[index].start)]
  if first &- UInt8(ascii: "A") < 26 { return true }
  if index > 0, isSign(tokens[index - 1], UInt8(ascii: "."), bytes) { return true }
  return index + 1 < tokens.count && isSign(tokens[index + 1], UInt8(ascii: "("), bytes)
}

/// Whether a token is one given sign.
func isSign(_ token: SwiftToken, _ sign: UInt8, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  token.end - token.start == 1 && bytes[Int(token.start)] == sign && token.kind == .sign
}

/// A hash of a spelling that is the same in every process, which Swift's own is not: FNV-1a.
func spellingHash(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return hash
}

func spellingHash(_ text: String) -> UInt64 {
  Array(text.utf8).withUnsafeBufferPointer { spellingHash($0[...]) }
}

func spellingHash(of token: SwiftToken, in bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
  spellingHash(bytes[Int(token.start)..<Int(token.end)])
}

private func isWordPart(_ byte: UInt8) -> Bool {
  (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
}
