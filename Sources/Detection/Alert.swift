import Behavior
import Foundation

/// A stretch of a user's session that is not like honest ones.
public struct Alert: Codable, Sendable, Hashable {
  /// A name, the same in every run of the same model over the same log.
  public var id: String
  /// Whose.
  public var user: String
  /// The time of the first event inside, in seconds since 1970.
  public var start: Double
  /// The time of the last event inside.
  public var end: Double
  /// What kind it is.
  public var type: String
  /// −log₁₀ of the share of honest sessions that reach as much: 3 is one in a thousand.
  public var score: Double
  /// How many events lie inside.
  public var events: Int
  /// What raised the score.
  public var why: Why

  /// What raised the score.
  public struct Why: Codable, Sendable, Hashable {
    /// The up to three events that raised it most, the strongest first.
    public var events: [Contribution]
    /// The numbers of the session that lie farthest outside the usual, the farthest first; at most three.
    public var session: [Unusual]
  }

  /// An event that raised the score.
  public struct Contribution: Codable, Sendable, Hashable {
    /// When it was.
    public var time: Double
    /// What was done.
    public var action: String
    /// To which item, or empty.
    public var item: String
    /// How probable the action was held to be.
    public var probability: Double
    /// The action that was expected most.
    public var expected: String
    /// How probable that one was held to be.
    public var expectedProbability: Double
    /// By how much the event raised the evidence, in nats.
    public var raised: Double
    /// `unknown action`, `new device`, `new region`, `unusual pause`.
    public var notes: [String]
  }

  /// A number of the session outside the usual.
  public struct Unusual: Codable, Sendable, Hashable {
    /// Its name, of `EventEncoder.featureNames`.
    public var name: String
    /// What it was.
    public var value: Double
    /// The 5 % quantile of sessions.
    public var low: Double
    /// The 95 % quantile.
    public var high: Double
  }

  /// The columns of a file of alerts.
  public static let columns = ["id", "user", "start", "end", "type", "score", "events", "why"]

  /// `why` as one sentence.
  public var reason: String {
    let events = why.events.map { event -> String in
      let item = event.item.isEmpty ? "" : " \(event.item)"
      let notes = event.notes.isEmpty ? "" : "; " + event.notes.joined(separator: ", ")
      return "\(LogTime.text(event.time)) \(event.action)\(item) (p \(short(event.probability)), expected "
        + "\(event.expected) p \(short(event.expectedProbability))\(notes))"
    }
    let session = why.session.map { "\($0.name) \(short($0.value)) (usual \(short($0.low)) to \(short($0.high)))" }
    return (events + session).joined(separator: "; ")
  }

  private func short(_ x: Double) -> String {
    let size = abs(x)
    return String(format: size >= 100 ? "%.0f" : size >= 0.01 || size == 0 ? "%.2f" : "%.1e", x)
  }
}

/// How alerts are written down.
public enum AlertFormat: String, Sendable, CaseIterable {
  /// A header and a line an alert.
  case csv
  /// A JSON object a line.
  case jsonLines

  /// The format that a file's name tells; CSV where it tells none.
  public init(fileName: String) {
    let name = fileName.lowercased()
    self = [".jsonl", ".ndjson", ".json"].contains(where: name.hasSuffix) ? .jsonLines : .csv
  }

  /// What stands before the first alert.
  public var header: String { self == .csv ? CSV.line(Alert.columns) + "\n" : "" }

  /// An alert as a line.
  public func line(_ alert: Alert) throws -> String {
    switch self {
    case .csv:
      let score = String(format: "%.3f", alert.score)
      return CSV.line([
        alert.id, alert.user, LogTime.text(alert.start), LogTime.text(alert.end), alert.type, score,
        "\(alert.events)", alert.reason,
      ]) + "\n"
    case .jsonLines:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(alert), as: UTF8.self) + "\n"
    }
  }
}

/// Times as texts.
public enum LogTime {
  /// ISO 8601 in UTC, to the millisecond, whose zeros are left out: `2026-01-05T09:00:00.25Z`.
  ///
  /// Source of the calendar: H. Hinnant, "chrono-compatible low-level date algorithms", 2013.
  public static func text(_ seconds: Double) -> String {
    guard abs(seconds) < 1e12 else { return "\(seconds)" }
    let milliseconds = Int((seconds * 1_000).rounded())
    let day = Int((Double(milliseconds) / 86_400_000).rounded(.down))
    let rest = milliseconds - day * 86_400_000
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
    let calendarMonth = month < 10 ? month + 3 : month - 9
    let calendarYear = year + era * 400 + (calendarMonth <= 2 ? 1 : 0)
    var text = String(
      format: "%04d-%02d-%02dT%02d:%02d:%02d", calendarYear, calendarMonth, dayOfMonth, rest / 3_600_000,
      rest / 60_000 % 60, rest / 1_000 % 60)
    if rest % 1_000 != 0 {
      text += String(format: ".%03d", rest % 1_000)
      while text.hasSuffix("0") { text.removeLast() }
    }
    return text + "Z"
  }
}
