import Foundation

/// Single keys from a terminal, without waiting for a line; nothing where standard input is no terminal.
final class Keyboard {
  private var original = termios()
  private let isTerminal = isatty(0) == 1
  /// Whether there is anything left to read.
  fileprivate(set) var isOpen = true

  init() {
    guard isTerminal, tcgetattr(0, &original) == 0 else { return }
    var raw = original
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)  // signals stay on: Ctrl-C works
    tcsetattr(0, TCSANOW, &raw)
  }

  /// Gives the terminal back as it was.
  func restore() {
    if isTerminal { tcsetattr(0, TCSANOW, &original) }
  }
}

/// Tells when a file was saved: by events where the system has them (inotify), else by looking every 200 ms.
final class FileWatcher {
  /// What was waited for.
  enum Event: Equatable {
    case saved
    case key(Character)
    case ended
  }

  private let file: URL
  private var seen: Stamp?
  private var descriptor: Int32 = -1

  private struct Stamp: Equatable {
    var modified: Date?
    var size: Int?
    var inode: UInt64?
  }

  /// Watches from now on. The folder is watched, not the file: many editors save by replacing it.
  init(_ file: URL) {
    self.file = file
    seen = FileWatcher.stamp(of: file)
    #if os(Linux)
      descriptor = inotify_init1(Int32(IN_NONBLOCK))
      if descriptor >= 0 {
        let events = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE)
        if inotify_add_watch(descriptor, file.deletingLastPathComponent().path, events) < 0 {
          close(descriptor)
          descriptor = -1
        }
      }
    #endif
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Waits until the file has changed or a key is pressed.
  func wait(or keyboard: Keyboard) -> Event {
    while true {
      var sources = [pollfd(fd: keyboard.isOpen ? 0 : -1, events: Int16(POLLIN), revents: 0)]
      sources.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
      // With events a look every 2 s still catches what a network folder does not tell.
      _ = poll(&sources, 2, descriptor >= 0 ? 2_000 : 200)
      if sources[0].revents != 0 {
        var byte: UInt8 = 0
        if read(0, &byte, 1) == 1 { return .key(Character(UnicodeScalar(byte))) }
        keyboard.isOpen = false
        if isatty(0) == 1 { return .ended }
      }
      if sources[1].revents != 0 { drain() }
      let now = FileWatcher.stamp(of: file)
      if now != seen, now != nil {
        usleep(30_000)  // an editor may still be writing
        seen = FileWatcher.stamp(of: file)
        return .saved
      }
    }
  }

  private func drain() {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while read(descriptor, &buffer, buffer.count) > 0 {}
  }

  private static func stamp(of file: URL) -> Stamp? {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: file.path) else { return nil }
    return Stamp(
      modified: attributes[.modificationDate] as? Date, size: attributes[.size] as? Int,
      inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value)
  }
}
