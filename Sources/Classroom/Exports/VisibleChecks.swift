import Curriculum

/// The checks of one exercise as a reader may see them.
struct VisibleChecks {
  /// The checks that may be named, each with what may be said of it.
  let named: [(check: CheckRecord, visibility: CheckVisibility)]

  /// The checks that count but are not named.
  let hidden: [CheckRecord]

  /// The log of the compiler, if it may be seen: it is about the student's own file.
  let compilerLog: String

  /// The checks of an exercise, by what the policy lets a reader see; without a policy all, for the instructor.
  init(_ exercise: ExerciseRecord, policy: Policy?) {
    let all = exercise.checks.map { check in
      (check: check, visibility: policy?.visibility(ofCheck: check.name, in: exercise.id) ?? .full)
    }
    named = all.filter { $0.visibility != .hidden }
    hidden = all.filter { $0.visibility == .hidden }.map(\.check)
    compilerLog = exercise.compilerLog
  }

  /// `hidden checks: 2 of 3 passed`; nil if there is none.
  var hiddenSummary: String? {
    hidden.isEmpty ? nil : "hidden checks: \(hidden.count { $0.outcome == .passed }) of \(hidden.count) passed"
  }
}

extension CheckRecord {
  /// The message, and what the student's code printed, as the student may see it.
  func output(_ visibility: CheckVisibility) -> String {
    guard visibility == .full else { return "" }
    var parts: [String] = []
    if outcome != .passed { parts.append(message.isEmpty ? outcome.rawValue : "\(outcome.rawValue): \(message)") }
    if !printed.isEmpty { parts.append("printed:\n\(printed)") }
    return parts.joined(separator: "\n\n").withVisibleControls
  }
}
