import Charts

/// The help of the whole program.
func overviewHelp(_ commands: [Command], width: Int) -> String {
  var text = """
    OVERVIEW: Learn, practise and grade deep learning on user-behaviour sequences.

    USAGE: dojo [<subcommand>]

    Without a subcommand: where you are, what comes next, and how.

    OPTIONS:

    """
  text += columns(
    commonOptions.map { (optionUsage($0), $0.help) } + [
      ("--generate-completion-script <shell>", "Print a completion script for bash, zsh or fish.")
    ], width: width)
  text += "\nSUBCOMMANDS:\n"
  text += columns(commands.map { ($0.name, $0.abstract) }, width: width)
  return text + "\n  See 'dojo help <subcommand>' for detailed help.\n"
}

/// The help of one command.
func help(_ command: Command, width: Int) -> String {
  var text = "OVERVIEW: \(command.abstract)\n"
  if !command.discussion.isEmpty { text += "\n\(wrapped(command.discussion, width: width))\n" }
  text += "\n" + usage(command, width: width) + "\n"
  if !command.arguments.isEmpty {
    text += "\nARGUMENTS:\n" + columns(command.arguments.map { ("<\($0.name)>", $0.help) }, width: width)
  }
  text += "\nOPTIONS:\n" + columns((command.options + commonOptions).map { (optionUsage($0), $0.help) }, width: width)
  return text
}

/// How a command is called, on as many lines as it takes; no option is parted from its value.
func usage(_ command: Command, width: Int) -> String {
  var parts = ["USAGE: dojo \(command.name)"]
  for argument in command.arguments {
    let name = "<\(argument.name)>\(argument.isRepeated ? " ..." : "")"
    parts.append(argument.isRequired ? name : "[\(name)]")
  }
  parts += command.options.map { "[\($0.name)\($0.value.map { " \($0)" } ?? "")]" }
  var lines = [parts[0]]
  for part in parts.dropFirst() {
    let longer = "\(lines[lines.count - 1]) \(part)"
    if longer.count <= width { lines[lines.count - 1] = longer } else { lines.append("         \(part)") }
  }
  return lines.joined(separator: "\n")
}

private func optionUsage(_ option: Command.Option) -> String {
  let name = option.name == "--help" ? "-h, --help" : option.name
  return option.value.map { "\(name) \($0)" } ?? name
}

private func columns(_ rows: [(String, String)], width: Int) -> String {
  let indent = 26
  var text = ""
  for (left, right) in rows {
    let lines = wrapped(right, width: max(30, width - indent)).split(separator: "\n", omittingEmptySubsequences: false)
    if left.count + 4 > indent {
      text += "  \(left)\n"
    } else {
      text += "  " + left + String(repeating: " ", count: indent - 2 - left.count) + (lines.first ?? "") + "\n"
    }
    for line in lines.dropFirst(left.count + 4 > indent ? 0 : 1) {
      text += String(repeating: " ", count: indent) + line + "\n"
    }
  }
  return text
}
