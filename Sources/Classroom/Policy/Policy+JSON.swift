import Curriculum
import Foundation

/// A policy that is wrong somewhere: where, what was found, and what was expected.
public struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's name.
  public let file: String

  /// The line, from 1.
  public let line: Int

  /// The column, from 1.
  public let column: Int

  /// What stands there.
  public let found: String

  /// What should stand there.
  public let expected: String

  /// `policy.json:3:15: found the text "ten", expected a number`.
  public var description: String { "\(file):\(line):\(column): found \(found), expected \(expected)" }
}

extension Policy {
  /// Reads a policy; `docs/instructors/policy.md` says what it may hold.
  ///
  /// - Parameter file: the JSON file. A list of times that it names is looked for beside it.
  /// - Throws: `PolicyError`, or what the system says if the file cannot be read.
  public init(contentsOf file: URL) throws {
    try self.init(try Data(contentsOf: file), name: file.lastPathComponent, folder: file.deletingLastPathComponent())
  }

  /// Reads a policy.
  ///
  /// - Parameters:
  ///   - data: the JSON.
  ///   - name: the file's name in what is said of errors.
  ///   - folder: where the list of times is, if the policy names one.
  ///   - exercises: the exercises that may be named.
  /// - Throws: `PolicyError`.
  init(_ data: Data, name: String, folder: URL, exercises: [Exercise] = Exercise.all) throws {
    do {
      var reader = PolicyReader(folder: folder, exercises: exercises)
      self = try reader.policy(JSONTree(data))
    } catch let problem as JSONTree.Problem {
      throw PolicyError(
        file: name, line: problem.place.line, column: problem.place.column, found: problem.found,
        expected: problem.expected)
    }
  }
}

/// Makes a policy of a JSON document, one key after the other.
private struct PolicyReader {
  typealias Problem = JSONTree.Problem

  let folder: URL
  let exercises: [Exercise]

  mutating func policy(_ tree: JSONTree) throws -> Policy {
    var policy = Policy()
    let members = try tree.members(
      of: ["weights", "deadline", "attempts", "visibility", "decimals", "passMark", "dropLowest"])
    for member in members {
      let value = member.value
      switch member.key {
      case "weights": policy.weights = try weights(value)
      case "deadline": policy.deadline = try deadline(value)
      case "attempts": policy.attempts = try value.choice()
      case "visibility": policy.visibilityRules = try value.list("a list of rules").map(rule)
      case "decimals": policy.decimals = try value.whole(in: 0...4)
      case "passMark": policy.passMark = try value.number(in: 0...100, "a percentage from 0 to 100")
      default: policy.dropLowest = try value.whole(in: 0...1_000)
      }
    }
    return policy
  }

  // MARK: - Weights

  private func weights(_ tree: JSONTree) throws -> [String: Fraction] {
    let topics = Topic.allCases.map(\.folder)
    var weights: [String: Fraction] = [:]
    for member in try tree.object("an object of weights by exercise or topic") {
      let known = exercises.map(\.id) + topics
      guard known.contains(member.key) else {
        throw Problem(
          member.place, found: "\"\(member.key)\"",
          expected: "an exercise's id or a topic.\(didYouMean(member.key, known))")
      }
      weights[member.key] = try member.value.number(in: 0...10_000, "a weight from 0 to 10000")
    }
    return weights
  }

  // MARK: - Deadline

  private func deadline(_ tree: JSONTree) throws -> Deadline {
    let members = try tree.members(
      of: ["due", "percent", "per", "of", "graceMinutes", "cap", "extensions", "submitted"],
      required: ["due", "percent"])
    var deadline = Deadline(due: .distantPast, percent: .zero)
    for member in members {
      let value = member.value
      switch member.key {
      case "due": deadline.due = try value.time()
      case "percent": deadline.percent = try value.number(in: 0...100, "a percentage from 0 to 100")
      case "per": deadline.unit = try value.choice()
      case "of": deadline.basis = try value.choice()
      case "graceMinutes": deadline.graceSeconds = 60 * (try value.whole(in: 0...100_000))
      case "cap": deadline.cap = try value.number(in: 0...100, "a percentage from 0 to 100")
      case "extensions": deadline.extensions = try times(value)
      default:
        if case .string(let name) = value.value {
          deadline.submitted = try SubmissionTimes(csv: folder.appending(path: name), at: value.place).times
        } else {
          deadline.submitted = try times(value)
        }
      }
    }
    return deadline
  }

  private func times(_ tree: JSONTree) throws -> [String: Date] {
    var times: [String: Date] = [:]
    for member in try tree.object("an object of times by student") { times[member.key] = try member.value.time() }
    return times
  }

  // MARK: - Visibility

  private func rule(_ tree: JSONTree) throws -> VisibilityRule {
    let members = try tree.members(of: ["exercise", "check", "show"], required: ["show"])
    var rule = VisibilityRule(exercise: "*", check: "*", visibility: .full)
    for member in members {
      switch member.key {
      case "exercise": rule.exercise = try member.value.text("an exercise's id, or a pattern with *")
      case "check": rule.check = try member.value.text("a check's name, or a pattern with *")
      default: rule.visibility = try member.value.choice()
      }
    }
    // A rule that fits nothing hides nothing, and nobody would notice.
    let fitting = exercises.filter { VisibilityRule.matches(rule.exercise, $0.id) }
    if fitting.isEmpty, let place = members.first(where: { $0.key == "exercise" })?.value.place {
      throw Problem(
        place, found: "\"\(rule.exercise)\"",
        expected: "an exercise's id, or a pattern that fits one.\(didYouMean(rule.exercise, exercises.map(\.id)))")
    }
    let checks = fitting.flatMap { $0.checks.map(\.name) }
    if !checks.contains(where: { VisibilityRule.matches(rule.check, $0) }),
      let place = members.first(where: { $0.key == "check" })?.value.place
    {
      throw Problem(
        place, found: "\"\(rule.check)\"",
        expected:
          "the name of a check of \(rule.exercise), or a pattern that fits one.\(didYouMean(rule.check, checks))")
    }
    return rule
  }
}

// MARK: - Values

extension JSONTree {
  fileprivate func object(_ expected: String) throws -> [Member] {
    guard case .object(let members) = value else { throw Problem(place, found: summary, expected: expected) }
    return members
  }

  /// The members of an object that may have certain keys, and must have some of them.
  fileprivate func members(of keys: [String], required: [String] = []) throws -> [Member] {
    let members = try object("an object with \(keys.joined(separator: ", "))")
    for member in members where !keys.contains(member.key) {
      throw Problem(
        member.place, found: "the key \"\(member.key)\"",
        expected: "one of \(keys.joined(separator: ", ")).\(didYouMean(member.key, keys))")
    }
    for key in required where !members.contains(where: { $0.key == key }) {
      throw Problem(place, found: "an object without \"\(key)\"", expected: "\"\(key)\"")
    }
    return members
  }

  fileprivate func list(_ expected: String) throws -> [JSONTree] {
    guard case .array(let values) = value else { throw Problem(place, found: summary, expected: expected) }
    return values
  }

  fileprivate func text(_ expected: String) throws -> String {
    guard case .string(let text) = value, !text.isEmpty else {
      throw Problem(place, found: summary, expected: expected)
    }
    return text
  }

  fileprivate func number(in range: ClosedRange<Int>, _ expected: String) throws -> Fraction {
    guard case .number(let digits) = value, let number = Fraction(decimal: digits),
      Fraction(Int128(range.lowerBound)) <= number, number <= Fraction(Int128(range.upperBound))
    else { throw Problem(place, found: summary, expected: "\(expected), with at most six decimals") }
    return number
  }

  fileprivate func whole(in range: ClosedRange<Int>) throws -> Int {
    guard case .number(let digits) = value, let number = Int(digits), range.contains(number) else {
      throw Problem(
        place, found: summary, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  fileprivate func choice<Choice: RawRepresentable<String> & CaseIterable>() throws -> Choice {
    let words = Choice.allCases.map(\.rawValue)
    let expected = "one of \(words.map { "\"\($0)\"" }.joined(separator: ", "))"
    guard case .string(let word) = value else { throw Problem(place, found: summary, expected: expected) }
    guard let choice = Choice(rawValue: word) else {
      throw Problem(place, found: summary, expected: expected + "." + didYouMean(word, words))
    }
    return choice
  }

  fileprivate func time() throws -> Date {
    guard case .string(let text) = value, let time = SubmissionTimes.time(text) else {
      throw Problem(place, found: summary, expected: SubmissionTimes.expected)
    }
    return time
  }
}
