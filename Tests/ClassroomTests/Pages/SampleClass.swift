import Contracts
import Curriculum
import Foundation
import Grading
import Tensors

@testable import Classroom

/// Classes to make pages of, with nothing graded.
enum SampleClass {
  /// Texts that a student may choose, each with something that a page must not take over.
  static let hostile = [
    "<script>alert(1)</script>", "</title><script src=\"https://evil.example/x.js\"></script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)", "</pre></li></ul></main><iframe src='//evil.example'>", "<!-- ", "]]>", "<![CDATA[",
    "&lt;b&gt; &#60;script&#62;",
    "javascript:alert(1)", "ann\u{202E}gnp.exe\u{2066}\u{2069}", "\u{1B}[31mred\u{1B}]0;title\u{7}",
    "\u{0}\u{8}\u{7F}\u{85}\u{9B}\u{FFFE}\u{FFFF}\u{2028}\u{2029}",
    "Z" + String(repeating: "\u{0301}", count: 400), "\u{FEFF}\u{200B}\u{2060}\u{00AD}\u{3164}", "../../etc/passwd",
    "张伟 (学号 20231234)",
    "نور", "👩‍👩‍👧 ok", String(repeating: "long", count: 200), "a\r\nb\rc\td", "   ", "<svg/onload=alert(1)>",
    "{{7*7}}${7*7}", "\u{E0041}\u{F8FF}",
  ]

  static let settings = ClassSettings(
    exercises: Exercise.all.map(\.id), seed: 20_261_121, tier: .bwrap, grader: "0.9.0 (1a2b3c4)")

  /// The record of an exercise with the given outcomes of its first checks; the others passed.
  static func exercise(
    _ exercise: Exercise, _ outcomes: [Outcome], message: String = "", printed: String = "", log: String = "",
    digest: String = "5f3a"
  ) -> ExerciseRecord {
    let checks = exercise.checks.enumerated().map { index, check in
      let outcome = index < outcomes.count ? outcomes[index] : .passed
      return CheckRecord(
        name: check.name, points: check.points, score: outcome == .passed ? check.points : 0, outcome: outcome,
        message: outcome == .passed ? "" : message, printed: printed)
    }
    return ExerciseRecord(id: exercise.id, digest: digest, checks: checks, compilerLog: log)
  }

  static func all(
    _ exercise: Exercise, _ outcome: Outcome, message: String = "", log: String = "", digest: String = "5f3a"
  )
    -> ExerciseRecord
  {
    Self.exercise(
      exercise, exercise.checks.map { _ in outcome }, message: message, log: log, digest: digest)
  }

  static func student(_ name: String, _ exercises: [ExerciseRecord], notes: [String] = []) -> StudentRecord {
    StudentRecord(student: name, seed: settings.seed, tier: settings.tier, exercises: exercises, notes: notes)
  }

  static let compilerLog = """
    ROCIsNotAccuracy.swift:14:23: error: cannot find 'scoers' in scope
    12 |   public func curve(scores: [Double], labels: [Bool]) throws -> [ROCPoint] {
    13 |     // sort by falling score
    14 |     let order = sorted(scoers)
       |                        `- error: cannot find 'scoers' in scope
    15 |     return order.map { ROCPoint($0) }
    ROCIsNotAccuracy.swift:15:12: error: cannot convert return expression of type '[Any]' to return type '[ROCPoint]'
    """

  /// A student who solved some, and of whom every part of a page has something to say.
  static let mixed = student(
    "chen@2",
    [
      all(
        .rocIsNotAccuracy, .doesNotCompile,
        message: "ROCIsNotAccuracy.swift:14:23: error: cannot find 'scoers' in scope", log: compilerLog),
      exercise(.sessionization, []),
      exercise(
        .lstmCell, [.wrongValue, .passed, .crashed],
        message: "h[2, 3]: expected 0.4312, found 0.1127: the gates look as if they were in the order i, f, o, g",
        printed: "gates [4, 20]\nh [4, 5]\n"),
      exercise(
        .itemCFShrinkage, Exercise.itemCFShrinkage.checks.map { _ in .timedOut },
        message: "stopped after 10 s of processor time"),
      all(.nextClickPrediction, .notStarted, message: "write step(_:)"),
      all(.dqnReplayTarget, .notStarted, digest: ""),
    ],
    notes: [
      "Package.swift was left out: only files of Exercises/ are taken", "Exercises/Vision/Notes.txt was left out",
    ])

  static let perfect = student("ann", Exercise.all.prefix(4).map { exercise($0, []) })

  static let empty = student("dora", Exercise.all.prefix(4).map { all($0, .notStarted, digest: "") })

  static let untouched = student("eve", Exercise.all.prefix(4).map { all($0, .notStarted) })

  /// A random class: the stronger a student and the easier a check, the likelier a pass.
  ///
  /// - Parameters:
  ///   - count: how many students.
  ///   - seed: what it is drawn from.
  ///   - isHostile: whether every text is one of the hostile ones.
  /// - Returns: the class, the same for the same seed.
  static func random(_ count: Int, seed: UInt64, isHostile: Bool = false) -> ClassRecord {
    var random = SeededRandom(seed: seed)
    let ease = Exercise.all.map { $0.checks.map { _ in Double.random(in: -1.5...2, using: &random) } }
    let students = (0..<count).map { index -> StudentRecord in
      let text = { (random: inout SeededRandom) in
        isHostile ? hostile[Int.random(in: 0..<hostile.count, using: &random)] : nil
      }
      let ability = Double.random(in: -1.5...1.5, using: &random)
      let exercises = Exercise.all.enumerated().map { place, exercise -> ExerciseRecord in
        let fate = Double.random(in: 0..<1, using: &random)
        if fate < 0.06 { return all(exercise, .notStarted, digest: fate < 0.03 ? "" : "00") }
        if fate < 0.1 {
          let name = ["scoers", "lenght", "Tensr"][Int.random(in: 0..<3, using: &random)]
          let error = text(&random) ?? "\(exercise.name).swift:\(index + 3):5: error: cannot find '\(name)' in scope"
          return all(exercise, .doesNotCompile, message: error, log: error)
        }
        let checks = exercise.checks.enumerated().map { number, check -> CheckRecord in
          let passes = ability + ease[place][number] + Double.random(in: -1...1, using: &random) > 0
          let failures: [Outcome] = [.wrongValue, .wrongValue, .wrongValue, .wrongShape, .crashed, .timedOut]
          let outcome = passes ? Outcome.passed : failures[Int.random(in: 0..<failures.count, using: &random)]
          let message =
            text(&random)
            ?? "value [\(index)]: expected 0.25, found 0.75: this is the \(["transposed", "biased"][index % 2]) form"
          return CheckRecord(
            name: check.name, points: check.points, score: passes ? check.points : 0, outcome: outcome,
            message: passes ? "" : message, printed: text(&random) ?? "")
        }
        return ExerciseRecord(id: exercise.id, digest: "\(index)-\(place)", checks: checks)
      }
      let number = String(repeating: "0", count: max(0, 4 - String(index).count)) + String(index)
      let name =
        isHostile ? "\(hostile[index % hostile.count])\(index)" : "\(index % 7 == 3 ? "学生" : "student")-\(number)"
      return student(name, exercises, notes: isHostile ? [hostile[index % hostile.count]] : [])
    }
    return ClassRecord(settings: settings, students: students)
  }

  /// Mistakes that the messages of a random class name.
  static var mistakes: [Mistake] {
    Exercise.all.prefix(6).flatMap { exercise in
      [
        Mistake(
          TransposedWeights.self, in: exercise, rejectedBy: exercise.checks[0].name, saying: "the transposed form"),
        Mistake(BiasedEstimate.self, in: exercise, rejectedBy: exercise.checks[0].name, saying: "the biased form"),
      ]
    }
  }
}

struct TransposedWeights: ExerciseContract {}
struct BiasedEstimate: ExerciseContract {}
