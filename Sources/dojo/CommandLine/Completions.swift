import Curriculum

/// The shells for which a completion script can be written.
enum Shell: String, CaseIterable {
  case bash, zsh, fish
}

/// A completion script for one shell.
func completionScript(_ shell: Shell, commands: [Command]) -> String {
  switch shell {
  case .bash: bashScript(commands)
  case .zsh: "#compdef dojo\nautoload -U +X bashcompinit && bashcompinit\n" + bashScript(commands)
  case .fish: fishScript(commands)
  }
}

private func words(_ completion: Command.Completion, commands: [Command]) -> String {
  switch completion {
  case .none, .file, .folder: ""
  case .exercise: Exercise.all.map(\.id).joined(separator: " ")
  case .command: commands.map(\.name).joined(separator: " ")
  case .topic: Topic.allCases.map(\.rawValue).joined(separator: " ")
  case .words(let words): words.joined(separator: " ")
  }
}

private func bashScript(_ commands: [Command]) -> String {
  var cases = ""
  for command in commands {
    let options = (command.options + commonOptions).map(\.name).joined(separator: " ")
    let arguments = words(command.arguments.first?.completion ?? .none, commands: commands)
    var values = ""
    for option in command.options + commonOptions where option.value != nil {
      let offered = words(option.completion, commands: commands)
      let reply =
        offered.isEmpty
        ? "COMPREPLY=($(compgen -f -- \"$current\"))" : "COMPREPLY=($(compgen -W \"\(offered)\" -- \"$current\"))"
      values += "        \(option.name)) \(reply); return ;;\n"
    }
    cases += """
          \(command.name))
            case "$previous" in
      \(values)      esac
            COMPREPLY=($(compgen -W "\(arguments) \(options)" -- "$current")) ;;

      """
  }
  return """
    _dojo() {
      local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
      if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "\(commands.map(\.name).joined(separator: " "))" -- "$current"))
        return
      fi
      case "${COMP_WORDS[1]}" in
    \(cases)  esac
    }
    complete -F _dojo dojo

    """
}

private func fishScript(_ commands: [Command]) -> String {
  var script = "complete -c dojo -f\n"
  for command in commands {
    script += "complete -c dojo -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.abstract))\n"
    let condition = "-n '__fish_seen_subcommand_from \(command.name)'"
    if let argument = command.arguments.first {
      let offered = words(argument.completion, commands: commands)
      if !offered.isEmpty { script += "complete -c dojo \(condition) -a '\(offered)'\n" }
    }
    for option in command.options + commonOptions {
      let name = option.name.dropFirst(2)
      let offered = words(option.completion, commands: commands)
      let value = option.value == nil ? "" : offered.isEmpty ? " -r -F" : " -x -a '\(offered)'"
      script += "complete -c dojo \(condition) -l \(name)\(value) -d \(quoted(option.help))\n"
    }
  }
  return script
}

private func quoted(_ text: String) -> String {
  "'" + text.replacing("'", with: "\\'") + "'"
}
