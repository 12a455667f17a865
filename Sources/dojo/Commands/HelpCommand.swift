import Curriculum

extension Command {
  static let help = Command(
    name: "help", abstract: "Show help for a subcommand.",
    arguments: [
      Argument(name: "subcommand", help: "The subcommand.", isRequired: false, completion: .command)
    ]
  ) { arguments, session in
    guard let name = arguments.positionals.first else {
      session.console.line(overviewHelp(DojoProgram.commands, width: session.console.width))
      return .success
    }
    guard let command = DojoProgram.commands.first(where: { $0.name == name }) else {
      throw UsageError("Unknown subcommand '\(name)'.\(didYouMean(name, DojoProgram.commands.map(\.name)))")
    }
    session.console.line(dojo.help(command, width: session.console.width))
    return .success
  }
}
