import Charts
import Curriculum
import Foundation

/// The prose of one exercise in one language: `docs/<Topic>/<Name>.md`, parsed.
public struct ExercisePage: Sendable, Hashable {
  /// The sections that every page has, in order.
  public enum Section: Int, CaseIterable, Sendable {
    case question, hints, answer, errata, numbers

    /// The heading in each language.
    public var heading: LocalizedText {
      switch self {
      case .question: LocalizedText(en: "Question", zh: "问题")
      case .hints: LocalizedText(en: "Hints", zh: "提示")
      case .answer: LocalizedText(en: "Answer", zh: "答案")
      case .errata: LocalizedText(en: "Errata", zh: "勘误")
      case .numbers: LocalizedText(en: "What the numbers show", zh: "数字说明了什么")
      }
    }
  }

  /// Hints of rising concreteness for one check.
  public struct Hints: Sendable, Hashable {
    /// The name of the check, or nil for hints that fit any.
    public var check: String?
    /// From a nudge to nearly the solution.
    public var levels: [String]
  }

  /// One mistake of the documents.
  public struct Erratum: Sendable, Hashable {
    /// The few wrong words, as the document has them.
    public var quote: String
    /// Why they are wrong, and what is right.
    public var explanation: String
    /// What shows it.
    public var proof: Proof
  }

  /// What shows that an erratum is one.
  public enum Proof: Sendable, Hashable {
    /// A graded check, by name.
    case check(String)
    /// Words that stand in the demo's report.
    case demo(String)
    /// The page names none.
    case missing
  }

  /// The title.
  public var title: String

  /// The text of each section; hints and errata are also parsed.
  public var sections: [Section: String]

  /// The hints, in the page's order.
  public var hints: [Hints]

  /// The mistakes of the documents that this exercise corrects.
  public var errata: [Erratum]

  /// The headings as they stand, to compare the languages and the order.
  public var headings: [String]
}

/// Both languages of an exercise's prose.
public struct ExerciseProse: Sendable, Hashable {
  /// The page in English.
  public var english: ExercisePage

  /// The page in Chinese.
  public var chinese: ExercisePage

  /// The page in one language.
  public subscript(language: Language) -> ExercisePage {
    language == .english ? english : chinese
  }

  /// Parses a page file.
  ///
  /// - Parameters:
  ///   - markdown: the file's text.
  ///   - name: the file's name, for errors.
  /// - Throws: `ProseError` if there are not two halves, each under a heading of its own.
  public init(markdown: String, name: String) throws {
    var halves: [[Substring]] = []
    for line in proseLines(markdown) {
      if line.text.hasPrefix("# "), !line.isCode {
        halves.append([])
      } else if halves.isEmpty {
        if line.text.contains(where: { !$0.isWhitespace }) {
          throw ProseError(name, "text stands before the title: \(line.text.prefix(40))")
        }
        continue
      }
      halves[halves.count - 1].append(line.text)
    }
    guard halves.count == 2 else {
      throw ProseError(name, "expected two titles (# …), one in English and one in Chinese, found \(halves.count)")
    }
    english = try ExercisePage(lines: halves[0], language: .english, name: name)
    chinese = try ExercisePage(lines: halves[1], language: .chinese, name: name)
  }

  /// Reads an exercise's page.
  ///
  /// - Throws: `ProseError` if it is missing or malformed.
  public init(_ exercise: Exercise, in workspace: Workspace) throws {
    let file = workspace.document(of: exercise)
    let name = workspace.relativePath(file)
    guard let markdown = try? String(contentsOf: file, encoding: .utf8) else {
      throw ProseError(name, "the page is missing or is not UTF-8")
    }
    try self.init(markdown: markdown, name: name)
  }
}

/// A page that does not follow the form of `docs/authors.md`.
public struct ProseError: Error, Hashable, CustomStringConvertible {
  /// The file, and what is wrong with it.
  public let description: String

  init(_ name: String, _ problem: String) {
    description = "\(name): \(problem)"
  }
}

extension ExercisePage {
  init(lines: [Substring], language: Language, name: String) throws {
    title = String((lines.first ?? "").dropFirst(2))
    sections = [:]
    hints = []
    errata = []
    headings = []
    var current: Section?
    var bodies: [Section: [Substring]] = [:]
    for line in proseLines(lines.dropFirst().joined(separator: "\n")) {
      if line.text.hasPrefix("## "), !line.isCode {
        let heading = String(line.text.dropFirst(3)).trimmingCharacters(in: .whitespaces)
        headings.append(heading)
        guard let section = Section.allCases.first(where: { $0.heading[language] == heading }) else {
          let known = Section.allCases.map { "\"\($0.heading[language])\"" }.joined(separator: ", ")
          throw ProseError(name, "unknown heading \"\(heading)\"; the headings are \(known)")
        }
        current = section
        bodies[section] = []
      } else if let current {
        bodies[current, default: []].append(line.text)
      }
    }
    for section in Section.allCases {
      guard let body = bodies[section] else {
        throw ProseError(name, "the section \"\(section.heading[language])\" is missing")
      }
      sections[section] = body.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
    }
    hints = subsections(bodies[.hints] ?? []).map { part in
      let isGeneral = ["Anywhere", "任意"].contains(part.heading)
      return Hints(check: isGeneral ? nil : part.heading, levels: numberedItems(part.body))
    }
    errata = subsections(bodies[.errata] ?? []).map { part in
      Erratum(quote: part.heading, body: part.body)
    }
  }
}

extension ExercisePage.Erratum {
  /// The last line that starts with `Shown by:` or `证据：` names the proof; the rest explains.
  fileprivate init(quote: String, body: [Substring]) {
    self.quote = quote
    let isProof = { (line: Substring) in line.hasPrefix("Shown by:") || line.hasPrefix("证据：") }
    explanation = body.filter { !isProof($0) }.joined(separator: "\n")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    proof = .missing
    if let line = body.last(where: isProof) {
      let parts = line.split(separator: "`", omittingEmptySubsequences: false)
      if parts.count >= 3 {
        let isDemo = parts[0].contains("demo") || parts[0].contains("演示")
        proof = isDemo ? .demo(String(parts[1])) : .check(String(parts[1]))
      }
    }
  }
}

/// The lines of a text, each with whether it stands inside a fenced block of code.
private func proseLines(_ text: String) -> [(text: Substring, isCode: Bool)] {
  var isCode = false
  return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    let isFence = line.hasPrefix("```")
    if isFence { isCode.toggle() }
    return (line, isCode || isFence)
  }
}

/// The parts under `###` headings; text before the first one is left out.
private func subsections(_ lines: [Substring]) -> [(heading: String, body: [Substring])] {
  var parts: [(heading: String, body: [Substring])] = []
  for line in lines {
    if line.hasPrefix("### ") {
      parts.append((String(line.dropFirst(4)).trimmingCharacters(in: .whitespaces), []))
    } else if !parts.isEmpty {
      parts[parts.count - 1].body.append(line)
    }
  }
  return parts
}

/// The items of a numbered list, each with its continuation lines.
private func numberedItems(_ lines: [Substring]) -> [String] {
  var items: [String] = []
  for line in lines {
    let number = line.prefix { $0.isNumber }
    if !number.isEmpty, line.dropFirst(number.count).hasPrefix(". ") {
      items.append(String(line.dropFirst(number.count + 2)))
    } else if !items.isEmpty {
      items[items.count - 1] += "\n" + line.drop { $0 == " " }
    }
  }
  return items.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
}
