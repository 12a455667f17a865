import Curriculum

/// The words of a command line, sorted by what the command declares.
struct Arguments: Sendable {
  /// What stands without a name, in order.
  private(set) var positionals: [String] = []
  private var values: [String: String] = [:]
  private var flags: Set<String> = []

  /// Whether a switch was given.
  func has(_ flag: String) -> Bool { flags.contains(flag) }

  /// The value of an option, the last one if it was given twice.
  func value(_ option: String) -> String? { values[option] }

  /// The value of an option as a number.
  func number<Number: FixedWidthInteger>(
    _ option: String, in range: ClosedRange<Number>, as type: Number.Type = Number.self
  ) throws -> Number? {
    guard let text = values[option] else { return nil }
    guard let number = Number(text), range.contains(number) else {
      throw UsageError(
        "The value '\(text)' is invalid for '\(option)': expected a whole number from \(range.lowerBound) to \(range.upperBound)."
      )
    }
    return number
  }

  /// The value of an option as one of some words.
  func choice<Choice: RawRepresentable & CaseIterable>(_ option: String, as type: Choice.Type) throws -> Choice?
  where Choice.RawValue == String {
    guard let text = values[option] else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let words = Choice.allCases.map(\.rawValue)
      throw UsageError(
        "The value '\(text)' is invalid for '\(option)': expected one of \(words.joined(separator: ", ")).\(didYouMean(text, words))"
      )
    }
    return choice
  }

  /// Sorts the words after the command's name.
  ///
  /// - Throws: `UsageError` for an unknown option, a missing value, or too many or too few arguments.
  init(_ words: [String], for command: Command) throws {
    let options = command.options + commonOptions
    var rest = words[...]
    var optionsEnded = false
    while let word = rest.popFirst() {
      if word == "--", !optionsEnded {
        optionsEnded = true
      } else if word.hasPrefix("-"), word.count > 1, !optionsEnded {
        try parse(option: word == "-h" ? "--help" : word, options: options, rest: &rest)
      } else {
        positionals.append(word)
      }
    }
    if !has("--help") { try requireArguments(of: command) }
  }

  private mutating func parse(option word: String, options: [Command.Option], rest: inout ArraySlice<String>) throws {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let option = options.first(where: { $0.name == parts[0] }) else {
      throw UsageError("Unknown option '\(parts[0])'.\(didYouMean(parts[0], options.map(\.name)))")
    }
    guard option.value != nil else {
      if parts.count > 1 { throw UsageError("The option '\(option.name)' takes no value, found '\(parts[1])'.") }
      flags.insert(option.name)
      return
    }
    if parts.count > 1 {
      values[option.name] = parts[1]
    } else if let next = rest.first, !(next.hasPrefix("--") && options.contains { $0.name == next }) {
      values[option.name] = rest.removeFirst()
    } else {
      throw UsageError("Missing value for '\(option.name) \(option.value ?? "")'.")
    }
  }

  private func requireArguments(of command: Command) throws {
    let required = command.arguments.filter(\.isRequired)
    if positionals.count < required.count {
      throw UsageError("Missing expected argument '<\(required[positionals.count].name)>'.")
    }
    let takesMore = command.arguments.contains(where: \.isRepeated)
    if !takesMore, positionals.count > command.arguments.count {
      throw UsageError("Unexpected argument '\(positionals[command.arguments.count])'.")
    }
  }
}

/// A wrong command line: exit status 64.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  /// The command whose usage is shown below the error.
  var command: String?

  init(_ description: String, command: String? = nil) {
    self.description = description
    self.command = command
  }
}

/// Anything else that keeps a command from its work, with the status it exits with.
struct CommandError: Error, CustomStringConvertible {
  let description: String
  let status: ExitStatus

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }
}
