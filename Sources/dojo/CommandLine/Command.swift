/// One subcommand: what it is called, what it takes, and what it does.
struct Command: Sendable {
  var name: String
  var abstract: String
  var discussion = ""
  var arguments: [Argument] = []
  var options: [Option] = []
  var perform: @Sendable (Arguments, inout Session) throws -> ExitStatus

  /// Something that stands without a name.
  struct Argument: Sendable {
    var name: String
    var help: String
    var isRequired = true
    var isRepeated = false
    var completion = Completion.none
  }

  /// Something that starts with two dashes.
  struct Option: Sendable {
    var name: String
    var value: String?
    var help: String
    var completion = Completion.none

    /// A switch.
    static func flag(_ name: String, _ help: String) -> Option {
      Option(name: name, value: nil, help: help)
    }

    /// An option with a value.
    static func value(_ name: String, _ value: String, _ help: String, completion: Completion = .none) -> Option {
      Option(name: name, value: value, help: help, completion: completion)
    }
  }

  /// What a shell may offer.
  enum Completion: Sendable, Hashable {
    case none, file, folder, exercise, command, topic
    case words([String])
  }
}

/// What every command takes.
let commonOptions: [Command.Option] = [
  .value(
    "--lang", "<lang>", "The language of titles and prose: en or zh. (default: from LANG)",
    completion: .words(["en", "zh"])),
  .value(
    "--color", "<when>", "When to colour the output: auto, always or never. (default: auto)",
    completion: .words(["auto", "always", "never"])),
  .flag("--version", "Show the version."),
  .flag("--help", "Show help information."),
]

/// The exit statuses of `sysexits.h` that we use.
enum ExitStatus: Int32, Sendable {
  case success = 0
  case failedChecks = 1
  case wrongUsage = 64
  case badData = 65
  case missingFile = 66
  case ourFault = 70
  case interrupted = 130
}
