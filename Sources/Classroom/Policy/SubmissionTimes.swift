import Foundation

/// When submissions came, from a list `student,submitted` such as an LMS exports.
struct SubmissionTimes {
  /// The times by submission.
  private(set) var times: [String: Date] = [:]

  static let expected = "a time with its zone, such as \"2026-11-20T23:59:00+08:00\""

  /// Reads a list.
  ///
  /// - Parameters:
  ///   - csv: the file: a header `student,submitted`, then a line a submission.
  ///   - place: where the policy names it.
  /// - Throws: `JSONTree.Problem` at that place, with the list's own line in what was found.
  init(csv: URL, at place: JSONTree.Place) throws {
    let name = csv.lastPathComponent
    guard let data = try? Data(contentsOf: csv), let text = String(validating: data, as: UTF8.self) else {
      throw JSONTree.Problem(
        place, found: "\(name), which cannot be read as UTF-8", expected: "a list of times beside the policy")
    }
    let lines = text.drop { $0 == "\u{FEFF}" }.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(Self.cell)
      func refuse(_ expected: String) -> JSONTree.Problem {
        JSONTree.Problem(place, found: "\"\(line.prefix(80))\" in \(name):\(index + 1)", expected: expected)
      }
      guard cells.count == 2 else { throw refuse("student,submitted") }
      if index == 0 {
        guard cells == ["student", "submitted"] else { throw refuse("the header student,submitted") }
        continue
      }
      guard !cells[0].isEmpty, let time = Self.time(cells[1]) else { throw refuse(Self.expected) }
      guard times[cells[0]] == nil else { throw refuse("each submission once") }
      times[cells[0]] = time
    }
  }

  private static func cell(_ text: Substring) -> String {
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    guard trimmed.count >= 2, trimmed.hasPrefix("\""), trimmed.hasSuffix("\"") else { return trimmed }
    return String(trimmed.dropFirst().dropLast())
  }

  /// A time in ISO 8601 with its zone; nil for anything else, as a time without a zone means another moment in each.
  static func time(_ text: String) -> Date? {
    let form = /\d{4}-(\d{2})-(\d{2})T(\d{2}):\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})/
    guard let match = text.wholeMatch(of: form), let hour = Int(match.3), hour < 24 else { return nil }
    var complete = text
    if let fraction = match.5 { complete = complete.replacing(fraction, with: "") }
    if match.4 == nil { complete.insert(contentsOf: ":00", at: complete.index(complete.startIndex, offsetBy: 16)) }
    guard let time = try? Date(complete, strategy: .iso8601) else { return nil }
    // Foundation takes the 31st of February for the 3rd of March.
    return isRealDay(complete.prefix(10)) ? time : nil
  }

  private static func isRealDay(_ day: Substring) -> Bool {
    let numbers = day.split(separator: "-").compactMap { Int($0) }
    guard numbers.count == 3, (1...12).contains(numbers[1]) else { return false }
    let isLeap = numbers[0] % 4 == 0 && (numbers[0] % 100 != 0 || numbers[0] % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...lengths[numbers[1] - 1]).contains(numbers[2])
  }
}
