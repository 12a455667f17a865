import Curriculum
import Grading

/// What a class gets wrong, and who: mistakes that have a name, how checks ended otherwise, and first errors of the
/// compiler.
public struct MistakeTally: Sendable, Hashable {
  /// A mistake with a name, which a check's message tells.
  public struct Named: Sendable, Hashable {
    /// The mistake's name.
    public var name: String

    /// The exercise's id.
    public var exercise: String

    /// The check that rejects it.
    public var check: String

    /// The words that name it.
    public var saying: String

    /// The submissions in which it stands.
    public var students: [String]
  }

  /// An outcome other than a pass.
  public struct Ended: Sendable, Hashable {
    /// The outcome.
    public var outcome: Outcome

    /// How many checks ended so.
    public var checks: Int

    /// The submissions in which one did.
    public var students: [String]
  }

  /// An error with which a file does not compile.
  public struct CompilerError: Sendable, Hashable {
    /// What the compiler says, without the place.
    public var reason: String

    /// How many files it keeps from compiling.
    public var files: Int

    /// Whose.
    public var students: [String]
  }

  /// The mistakes with a name, the most frequent first.
  public let named: [Named]

  /// The outcomes other than a pass, the most frequent first.
  public let ended: [Ended]

  /// The first errors of files that do not compile, the most frequent first.
  public let compilerErrors: [CompilerError]

  /// Counts what some submissions, one a student, get wrong.
  ///
  /// - Parameters:
  ///   - students: the submissions.
  ///   - mistakes: the mistakes that have a name. One counts for a failed check if it is rejected by that check and the
  ///     check's message holds its words.
  public init(_ students: [StudentRecord], mistakes: [Mistake] = []) {
    let known = Dictionary(grouping: mistakes.enumerated().filter { !$0.element.saying.isEmpty }) {
      [$0.element.exercise, $0.element.rejectedBy]
    }
    var names: [String: String] = [:]
    for exercise in Exercise.all { names[exercise.id] = exercise.name }
    var found: [Int: Named] = [:]
    var ends: [Outcome: Ended] = [:]
    var errors: [String: CompilerError] = [:]
    for student in students {
      for exercise in student.exercises {
        if ExerciseProgress(exercise) == .doesNotCompile {
          let message = exercise.checks.first?.message ?? ""
          let reason =
            (CompileError.first(in: exercise.compilerLog) ?? CompileError.first(in: message))?.reason
            ?? Excerpt(of: message, limit: 200).text
          let short = Excerpt(of: reason, limit: 300).text
          errors[short, default: CompilerError(reason: short, files: 0, students: [])].files += 1
          errors[short]?.students.appendOnce(student.student)
        }
        for check in exercise.checks where check.outcome != .passed {
          ends[check.outcome, default: Ended(outcome: check.outcome, checks: 0, students: [])].checks += 1
          ends[check.outcome]?.students.appendOnce(student.student)
          for (index, mistake) in known[[names[exercise.id] ?? exercise.id, check.name]] ?? []
          where check.message.contains(mistake.saying) {
            let named = Named(
              name: mistake.name, exercise: exercise.id, check: check.name, saying: mistake.saying, students: [])
            found[index, default: named].students.appendOnce(student.student)
          }
        }
      }
    }
    named = found.sorted { ($1.value.students.count, $0.key) < ($0.value.students.count, $1.key) }.map(\.value)
    let order = Outcome.allCases
    ended = order.compactMap { ends[$0] }.enumerated().sorted {
      ($1.element.checks, $0.offset) < ($0.element.checks, $1.offset)
    }.map(\.element)
    compilerErrors = errors.values.sorted { ($1.files, $0.reason) < ($0.files, $1.reason) }
  }
}

extension [String] {
  /// Appends what is not the last element already: submissions come one after the other.
  fileprivate mutating func appendOnce(_ name: String) {
    if last != name { append(name) }
  }
}
