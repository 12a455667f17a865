import Foundation

/// The terminal's settings before a keyboard changed them, for the handler of a signal: it can reach globals alone.
nonisolated(unsafe) private var settingsBefore = termios()

/// Single keys from a terminal, without waiting for a line; nothing where standard input is no terminal.
///
/// However the program ends, by Ctrl-C too, the terminal gets its settings back.
final class Keyboard {
  private let isTerminal: Bool
  /// Whether there is anything left to read.
  var isOpen = true

  init() {
    isTerminal = isatty(0) == 1 && tcgetattr(0, &settingsBefore) == 0
    guard isTerminal else { return }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        tcsetattr(0, TCSANOW, &settingsBefore)
        _exit(128 + number)
      }
    }
    var raw = settingsBefore
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)  // signals stay on
    tcsetattr(0, TCSANOW, &raw)
  }

  /// Gives the terminal back as it was.
  func restore() {
    if isTerminal { tcsetattr(0, TCSANOW, &settingsBefore) }
  }
}
