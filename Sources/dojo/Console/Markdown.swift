import Charts
import Foundation

/// Prose for a terminal: headings bold, code set off, paragraphs wrapped, tables and code as they stand.
func rendered(markdown: String, console: Console, indent: String = "") -> String {
  var output: [String] = []
  var paragraph: [Substring] = []
  var isCode = false
  func flush() {
    if !paragraph.isEmpty {
      output.append(
        emphasised(wrapped(joined(paragraph), width: console.width, indent: indent), console: console))
      paragraph = []
    }
  }
  for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
    if line.hasPrefix("```") {
      flush()
      isCode.toggle()
    } else if isCode || line.hasPrefix("|") || line.hasPrefix("    ") {
      flush()
      output.append(indent + (isCode ? "    " : "") + line)
    } else if line.hasPrefix("#") {
      flush()
      output.append(indent + console.paint(String(line.drop { $0 == "#" || $0 == " " }), .bold))
    } else if line.allSatisfy(\.isWhitespace) {
      flush()
      if output.last != "" { output.append("") }
    } else {
      if isListItem(line) { flush() }
      paragraph.append(line)
    }
  }
  flush()
  return output.joined(separator: "\n")
}

/// Lines of one paragraph as one line; no space between two Chinese characters.
private func joined(_ lines: [Substring]) -> String {
  var text = ""
  for line in lines {
    let line = line.drop { $0 == " " }
    let needsSpace =
      !(text.last.map { displayWidth(of: String($0)) == 2 } ?? true)
      || !(line.first.map { displayWidth(of: String($0)) == 2 } ?? true)
    text += (text.isEmpty || !needsSpace ? "" : " ") + line
  }
  return text
}

private func isListItem(_ line: Substring) -> Bool {
  if line.hasPrefix("- ") || line.hasPrefix("* ") { return true }
  let digits = line.prefix { $0.isNumber }
  return !digits.isEmpty && line.dropFirst(digits.count).hasPrefix(". ")
}

/// `code` in cyan and **strong** in bold; without colour the marks stay, they are readable.
private func emphasised(_ text: String, console: Console) -> String {
  guard console.color else { return text }
  var output = ""
  for (index, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
    output += index % 2 == 1 ? console.paint(String(part), .cyan) : strong(String(part), console: console)
  }
  return output
}

private func strong(_ text: String, console: Console) -> String {
  var output = ""
  for (index, part) in text.components(separatedBy: "**").enumerated() {
    output += index % 2 == 1 ? console.paint(part, .bold) : part
  }
  return output
}
