import Foundation
import Similarity
import Testing

@Suite("Lexer")
struct SwiftLexerTests {
  private func spellings(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    return SwiftLexer.tokens(of: bytes).tokens.map {
      String(decoding: bytes[Int($0.start)..<Int($0.end)], as: UTF8.self)
    }
  }

  @Test(
    "text is cut as Swift cuts it",
    arguments: [
      ("let a = b+1 // no\nc", ["let", "a", "=", "b", "+", "1", "c"]),
      ("a /* x /* y */ z */ b", ["a", "b"]),
      ("x...y ..< z.count", ["x", "...", "y", "..<", "z", ".", "count"]),
      ("1...5 1.5e-3 0xFp-2 1_000 t.0", ["1", "...", "5", "1.5e-3", "0xFp-2", "1_000", "t", ".", "0"]),
      (#""a\(f("b", g(1)))c" d"#, [#""a\(f("b", g(1)))c""#, "d"]),
      (##"#"a"b\(no)\#(f(")"))"# c"##, [##"#"a"b\(no)\#(f(")"))"#"##, "c"]),
      ("\"\"\"\n \"a\" \\(\"}\")\n\"\"\" b", ["\"\"\"\n \"a\" \\(\"}\")\n\"\"\"", "b"]),
      ("\"not closed\nnext", ["\"not closed", "next"]),
      ("\"open \\(f(\nnext", ["\"open \\(f(", "next"]),
      ("a?.b!.c ?? d", ["a", "?", ".", "b", "!", ".", "c", "??", "d"]),
      ("变量 = `self` $0", ["变量", "=", "self", "$0"]),
      ("@inline(__always) #if X", ["@", "inline", "(", "__always", ")", "#", "if", "X"]),
      ("\"\\\\\" a", ["\"\\\\\"", "a"]), ("", []), ("/*", []), ("\"\"\"", ["\"\"\""]),
    ])
  func tokens(text: String, expected: [String]) {
    #expect(spellings(text) == expected)
  }

  @Test("lines are counted over every kind of line end, inside strings and comments, too")
  func lines() {
    let text = "a\r\nb\rc\n/*\n*/d \"\"\"\nx\n\"\"\" e"
    let (tokens, starts) = SwiftLexer.tokens(of: Array(text.utf8))
    #expect(tokens.map(\.line) == [0, 1, 2, 4, 4, 6])
    #expect(tokens.map(\.lastLine) == [0, 1, 2, 4, 6, 6])
    #expect(starts == [0, 3, 5, 7, 10, 18, 20])
  }

  @Test("broken text never stops it: tokens are in order, inside the text, and none is empty")
  func fuzz() throws {
    let pieces = [
      "\"", "\"\"\"", "#\"", "\"#", "\\(", "\\#(", "(", ")", "/*", "*/", "//", "\n", "\r", "\\", "`", "a", "é", "👩‍👩‍👧",
      "0x", "1e",
      ".", "...", "+", "?", "\u{202E}", "\0", "let ", "{", "}", "#", "@", "$", "/", " ",
    ]
    var numbers = WinnowingTests.Numbers(state: 5)
    for _ in 0..<400 {
      var text = (0..<numbers.next(below: 60)).map { _ in pieces[numbers.next(below: pieces.count)] }.joined()
      var bytes = Array(text.utf8)
      if !bytes.isEmpty, numbers.next(below: 2) == 0 { bytes[numbers.next(below: bytes.count)] = 0xFF }
      text = String(decoding: bytes, as: UTF8.self)
      let (tokens, starts) = SwiftLexer.tokens(of: bytes)
      var end: Int32 = 0
      for token in tokens {
        #expect(token.start >= end && token.end > token.start && token.end <= bytes.count, "\(text.debugDescription)")
        #expect(token.line <= token.lastLine && Int(token.lastLine) < starts.count)
        #expect(starts[Int(token.line)] <= token.start)
        end = token.end
      }
    }
    // Deep nesting is no recursion.
    let deep = String(repeating: "\"\\(", count: 100_000)
    #expect(SwiftLexer.tokens(of: Array(deep.utf8)).tokens.count == 1)
    #expect(SwiftLexer.tokens(of: Array(String(repeating: "/*", count: 100_000).utf8)).tokens.isEmpty)
  }

  @Test(
    "what changes nothing changes no symbol",
    arguments: [
      ("let total = values.count + 1", "var x=rows.count+2 // other"),
      ("public func f(_ a: Int) -> Int { return self.g(a); }", "func f(_ b:Int)->Int{g(b)}"),
      ("[1, 2, 3,]", "[\"a\", nil, 0.5]"), ("import Foundation\nf(a)", "f(b)"),
      (
        "for row in rows { if row.time < 0 { throw BadInput(\"a\") } }",
        "for e in log{if e.time<0{throw BadInput(\"\\(e)\")}}"
      ),
    ])
  func sameSymbols(first: String, second: String) {
    let vocabulary = Vocabulary(starter: "f g time count BadInput")
    #expect(
      TokenStream(first, vocabulary: vocabulary).symbols == TokenStream(second, vocabulary: vocabulary).symbols)
  }

  @Test(
    "what means something else has other symbols",
    arguments: [
      ("a.count", "a.isEmpty"), ("a < b", "a > b"), ("x.map(f)", "x.filter(f)"), ("if a {", "while a {"),
      ("f(a)", "g(a)"), ("a + 1", "a + b"),
    ])
  func otherSymbols(first: String, second: String) {
    let vocabulary = Vocabulary(starter: "f g")
    #expect(
      TokenStream(first, vocabulary: vocabulary).symbols != TokenStream(second, vocabulary: vocabulary).symbols)
  }

  @Test("a file longer than the limit is cut, and says so")
  func limit() {
    let text = String(repeating: "a = b\n", count: 100)
    #expect(TokenStream(text, vocabulary: Vocabulary(), limit: 300).isCut == false)
    let cut = TokenStream(text, vocabulary: Vocabulary(), limit: 299)
    #expect(cut.isCut)
    #expect(cut.symbols.count == 299)
    #expect(TokenStream(String(repeating: " ", count: 100_000), vocabulary: Vocabulary(), limit: 10).isCut)
  }
}
