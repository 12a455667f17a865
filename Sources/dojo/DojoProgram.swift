import Behavior
import Contracts
import Charts
import Classroom
import Curriculum
import Datasets
import Detection
import Foundation
import Grading

/// The program: finds the command, runs it, and turns every error into a sentence and an exit status.
enum DojoProgram {
  static let version = "0.1.0"

  static let commands: [Command] = [
    .list, .show, .hint, .answer, .solution, .check, .grade, .watch, .run, .reset, .undo, .verify, .new,
    .doctor, .bench, .simulate, .detect, .errata, .help,
  ]

  static func run(_ words: [String]) -> ExitStatus {
    let console = Console(color: .auto)
    do {
      return try dispatch(words)
    } catch let error as UsageError {
      console.error(error.description)
      if let command = commands.first(where: { $0.name == error.command }) {
        console.note(usage(command, width: console.width))
        console.note("  See 'dojo help \(command.name)' for more information.")
      } else {
        console.note("  See 'dojo --help' for more information.")
      }
      return .wrongUsage
    } catch {
      console.error("\(error)")
      return status(of: error)
    }
  }

  private static func dispatch(_ words: [String]) throws -> ExitStatus {
    guard let first = words.first else { return try whereYouAre() }
    if first == "--generate-completion-script" || first.hasPrefix("--generate-completion-script=") {
      return try printCompletionScript(words)
    }
    guard let command = commands.first(where: { $0.name == first }) else {
      if first.hasPrefix("-") { return try withoutSubcommand(words) }
      throw UsageError("Unknown subcommand '\(first)'.\(didYouMean(first, commands.map(\.name)))")
    }
    do {
      let arguments = try Arguments(Array(words.dropFirst()), for: command)
      var session = try Session(arguments)
      if arguments.has("--help") {
        session.console.line(help(command, width: session.console.width))
        return .success
      }
      if arguments.has("--version") {
        session.console.line(version)
        return .success
      }
      return try command.perform(arguments, &session)
    } catch var error as UsageError {
      error.command = command.name
      throw error
    }
  }

  private static func withoutSubcommand(_ words: [String]) throws -> ExitStatus {
    let status = Command(name: "", abstract: "") { _, _ in .success }
    let arguments = try Arguments(words, for: status)
    let session = try Session(arguments)
    if arguments.has("--version") {
      session.console.line(version)
    } else if arguments.has("--help") {
      session.console.line(overviewHelp(commands, width: session.console.width))
    } else {
      return try whereYouAre(session)
    }
    return .success
  }

  private static func whereYouAre() throws -> ExitStatus {
    try whereYouAre(try Session(try Arguments([], for: .help)))
  }

  private static func printCompletionScript(_ words: [String]) throws -> ExitStatus {
    let word =
      words[0].split(separator: "=", maxSplits: 1).dropFirst().first.map(String.init) ?? words.dropFirst().first
    guard let word, let shell = Shell(rawValue: word) else {
      throw UsageError("'--generate-completion-script' expects bash, zsh or fish, found '\(word ?? "")'.")
    }
    Console(color: .never).line(completionScript(shell, commands: commands))
    return .success
  }

  private static func status(of error: any Error) -> ExitStatus {
    switch error {
    case let error as CommandError: error.status
    case ResultsError.notEmpty, ResultsError.notResults, ResultsError.otherSettings: .wrongUsage
    case ResultsError.cannotWrite: .ourFault
    case is ProseError, is DecodingError, is BadInput, is ResultsError, is PolicyError: .badData
    case DatasetError.malformed, DatasetError.badLine: .badData
    case is DatasetError: .missingFile
    case is UnreadableSubmission: .missingFile
    case LogError.unreadable, LogError.unwritable: .missingFile
    case is LogError: .badData
    case DetectionError.noModel, DetectionError.file: .missingFile
    case DetectionError.exists: .wrongUsage
    case is DetectionError: .badData
    case let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile: .missingFile
    default: .ourFault
    }
  }
}
