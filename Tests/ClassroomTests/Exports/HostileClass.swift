import Classroom
import Curriculum
import Foundation

/// Random numbers from a seed (SplitMix64), the same on every machine.
struct FuzzRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A class whose submissions say what would break a format that trusts them.
enum HostileClass {
  static let pieces = [
    "\"", "'", ",", "\n", "\r", "\r\n", "\0", "\u{1B}[31m", "\u{1B}]0;title\u{7}", "]]>", "<![CDATA[", "</script>",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u{202E}", "\u{200F}", "\u{FFFE}", "\u{FFFF}",
    "=HYPERLINK(\"x\")", "+1", "-1", "@SUM(A1)", "\t=1", "::error::broken", "\n::add-mask::a\n", "##[error]x",
    "[link](https://evil.example)", "https://evil.example", "www.evil.example", "@everyone", "#1", "`", "```", "|",
    "\\", "</details>", "</pre>", "<!--", "-->", "&amp;", "&#60;", "\u{2028}", "\u{85}", "名字", "😀", "e\u{301}", " ",
    "</testcase></testsuite>", "\"}],\"score\":100,\"x\":[{\"", "plain", "\u{9B}31m", "\u{7F}", "${{ secrets.X }}",
  ]

  static func text(_ random: inout FuzzRandom) -> String {
    (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
  }

  /// Students with hostile names, checks that ended in every way, hostile messages, prints, logs and notes.
  static func record(seed: UInt64, students: Int = 12) -> ClassRecord {
    var random = FuzzRandom(seed: seed)
    let exercises = Exercise.all.prefix(3)
    let records = (0..<students).map { number in
      StudentRecord(
        student: "\(text(&random))\(number)", seed: seed, tier: .limits,
        exercises: exercises.map { exercise in
          ExerciseRecord(
            id: exercise.id, digest: "0",
            checks: exercise.checks.map { check in
              let outcome = Outcome.allCases.randomElement(using: &random) ?? .crashed
              return CheckRecord(
                name: check.name, points: check.points, score: outcome == .passed ? check.points : 0,
                outcome: outcome, message: text(&random), printed: text(&random))
            }, compilerLog: text(&random))
        }, notes: [text(&random)])
    }
    return ClassRecord(
      settings: ClassSettings(exercises: exercises.map(\.id), seed: seed, tier: .limits, grader: "0.1.0 (abc)"),
      students: records)
  }

  /// Control characters and marks that turn the writing direction: none may get out.
  static func controls(in text: String, except allowed: String = "\n\t") -> [Unicode.Scalar] {
    text.unicodeScalars.filter { scalar in
      let isControl =
        scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
        || (0x2066...0x2069).contains(scalar.value) || [0x200E, 0x200F, 0x2028, 0x2029].contains(scalar.value)
        || scalar.value & 0xFFFE == 0xFFFE
      return isControl && !allowed.unicodeScalars.contains(scalar)
    }
  }
}
