import Foundation

extension Comparison {
  /// For the terminal: a line of counts, then who changed, which checks, and why. What submissions wrote is shown with
  /// its control characters written out.
  public var text: String {
    guard !isEmpty else { return "Nothing changed in \(count(compared, "submission")).\n" }
    var lines = [summary]
    for change in settings { lines.append("\(change.name): \(change.old) → \(change.new)".onOneVisibleLine) }
    if !added.isEmpty { lines.append("added: " + added.map(\.onOneVisibleLine).joined(separator: ", ")) }
    if !removed.isEmpty { lines.append("removed: " + removed.map(\.onOneVisibleLine).joined(separator: ", ")) }
    for change in changes { lines += ["", Self.line(change)] + change.exercises.flatMap(Self.lines) }
    return lines.joined(separator: "\n") + "\n"
  }

  private var summary: String {
    let higher = changes.count { $0.difference > 0 }
    let lower = changes.count { $0.difference < 0 }
    let other = changes.count - higher - lower
    var parts: [String] = []
    if higher > 0 { parts.append("\(higher) higher") }
    if lower > 0 { parts.append("\(lower) lower") }
    if other > 0 { parts.append("\(other) with other checks and the same points") }
    let details = parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
    return "\(changes.count) of \(count(compared, "submission")) changed\(details)."
  }

  private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  private static func line(_ change: StudentChange) -> String {
    let points =
      change.oldPoints == change.newPoints
      ? "\(change.oldScore) → \(change.newScore) of \(change.newPoints)"
      : "\(change.oldScore) of \(change.oldPoints) → \(change.newScore) of \(change.newPoints)"
    return "\(change.student.onOneVisibleLine)  \(points)  (\(signed(change.difference)))"
  }

  private static func lines(_ exercise: ExerciseChange) -> [String] {
    let causes = exercise.causes.map(\.rawValue).joined(separator: ", ")
    let why = causes.isEmpty ? "nothing else changed: the check or the machine is not steady" : causes
    return ["  \(exercise.id.onOneVisibleLine)  [\(why)]"] + exercise.checks.flatMap(lines)
  }

  private static func lines(_ check: CheckChange) -> [String] {
    let ends = [check.old, check.new].map { $0?.outcome.rawValue ?? "no such check" }
    let line = "    \(check.name.onOneVisibleLine): \(ends[0]) → \(ends[1])  (\(signed(check.difference)))"
    let messages = [("then", check.old?.message), ("now", check.new?.message)].compactMap { when, message in
      message.flatMap { $0.isEmpty ? nil : "      \(when): \($0.shortened(to: 300).onOneVisibleLine)" }
    }
    return [line] + messages
  }

  private static func signed(_ number: Int) -> String { number > 0 ? "+\(number)" : number < 0 ? "−\(-number)" : "±0" }

  /// One row a check that ended otherwise, and one a submission that was added or removed (RFC 4180).
  public func csv() -> String {
    var table = CSVTable(
      header: [
        "student", "change", "exercise", "check", "old score", "new score", "difference", "old outcome", "new outcome",
        "old message", "new message", "causes",
      ])
    let alone = added.map { ($0, "added") } + removed.map { ($0, "removed") }
    for (student, change) in alone.sorted(by: { $0 < $1 }) {
      table.append([CSVTable.text(student), change] + Array(repeating: "", count: 10))
    }
    for student in changes {
      for exercise in student.exercises {
        for check in exercise.checks {
          let causes = exercise.causes.map(\.rawValue).joined(separator: "; ")
          table.append(
            [CSVTable.text(student.student), "changed", CSVTable.text(exercise.id), CSVTable.text(check.name)]
              + ["\(check.old?.score ?? 0)", "\(check.new?.score ?? 0)", "\(check.difference)"]
              + [check.old?.outcome.rawValue ?? "", check.new?.outcome.rawValue ?? ""]
              + [CSVTable.text(check.old?.message ?? ""), CSVTable.text(check.new?.message ?? ""), causes])
        }
      }
    }
    return table.text
  }

  /// The whole comparison as JSON with sorted keys.
  ///
  /// - Throws: what the encoder throws; nothing in a comparison makes it.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
