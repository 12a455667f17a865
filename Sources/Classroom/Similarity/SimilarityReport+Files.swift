import Foundation

extension SimilarityReport {
  /// The pairs as a table for a spreadsheet, like the gradebook: one row a pair and exercise, the most similar first.
  /// Shares are percentages with one decimal.
  public var csv: String {
    let head = [
      "exercise", "student", "other", "group", "similarity_percent", "shared_tokens", "longest_passage",
      "student_in_other_percent", "other_in_student_percent", "student_tokens", "other_tokens",
      "student_in_solution_percent", "other_in_solution_percent", "student_lines", "other_lines",
    ]
    var table = CSVTable(header: head)
    for pair in pairs {
      table.append([
        CSVTable.text(pair.exercise), CSVTable.text(pair.first), CSVTable.text(pair.second),
        pair.group.map(String.init) ?? "", percent(pair.score),
        "\(pair.sharedTokens)", "\(pair.longestPassage)", percent(pair.firstContainment),
        percent(pair.secondContainment), "\(pair.firstTokens)", "\(pair.secondTokens)",
        pair.firstInSolution.map(percent) ?? "", pair.secondInSolution.map(percent) ?? "",
        pair.passages.map { $0.first.lines }.joined(separator: " "),
        pair.passages.map { $0.second.lines }.joined(separator: " "),
      ])
    }
    return table.text
  }

  /// Everything but the texts, for programs; the same class gives the same bytes.
  public var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(
        Content(
          options: options, coverage: coverage, pairs: pairs, groups: groups, ranking: ranking,
          nearSolution: nearSolution))
    }
  }

  private struct Content: Encodable {
    var options: Options
    var coverage: [Coverage]
    var pairs: [Pair]
    var groups: [Group]
    var ranking: [Ranked]
    var nearSolution: [NearSolution]
  }
}

extension SimilarityReport.Place {
  /// The lines: `12` or `12-20`.
  var lines: String { firstLine == lastLine ? "\(firstLine)" : "\(firstLine)-\(lastLine)" }
}

/// A share as a percentage with one decimal, the same in every country.
func percent(_ share: Double) -> String {
  let tenths = Int((share * 1000).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}
