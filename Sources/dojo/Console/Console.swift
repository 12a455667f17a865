import Charts
import Foundation

/// Where a command writes: data on standard output, progress and errors on standard error.
struct Console: Sendable {
  /// Whether standard output takes colour.
  var color: Bool
  /// Whether standard error takes colour.
  var colorOnError: Bool
  /// How many columns a line has.
  var width: Int

  /// When to colour.
  enum ColorChoice: String, CaseIterable {
    case auto, always, never
  }

  init(color choice: ColorChoice) {
    let refuses = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    color = choice == .always || (choice == .auto && !refuses && isatty(1) == 1)
    colorOnError = choice == .always || (choice == .auto && !refuses && isatty(2) == 1)
    width = terminalWidth() ?? 100
  }

  /// Writes a line of data.
  func line(_ text: String = "") {
    write(text + "\n", to: .standardOutput)
  }

  /// Writes data as it is.
  func text(_ text: String) {
    write(text, to: .standardOutput)
  }

  /// Writes a line about the work, not part of its result.
  func note(_ text: String) {
    write(text + "\n", to: .standardError)
  }

  /// Writes an error.
  func error(_ text: String) {
    note("\(paint("error:", .red, on: colorOnError)) \(text)")
  }

  /// A text in a colour, where the output takes it.
  func paint(_ text: String, _ style: Style) -> String { paint(text, style, on: color) }

  private func paint(_ text: String, _ style: Style, on: Bool) -> String {
    on ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  private func write(_ text: String, to handle: FileHandle) {
    // A closed pipe (`dojo list | head`) is the reader's wish, not an error.
    try? handle.write(contentsOf: Data(text.utf8))
  }

  /// Text styles.
  enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }
}

private func terminalWidth() -> Int? {
  var size = winsize()
  guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
    return ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init)
  }
  return min(Int(size.ws_col), 140)
}

/// A text broken into lines of at most `width` columns, each indented.
func wrapped(_ text: String, width: Int, indent: String = "") -> String {
  lines(of: text, width: width - displayWidth(of: indent)).map { indent + $0 }.joined(separator: "\n")
}
