import Foundation

/// The seed with which others are graded: that of `--seed`, else that of the environment's `DOJO_SEED`, else 1.
///
/// Who knows the seed can draw a check's inputs beforehand, and every process of a machine may read every other's
/// command line. So this program's own copies of it are blanked, as database clients do with passwords.
///
/// - Throws: `UsageError` if it is no number.
func secretSeed(_ arguments: Arguments) throws -> UInt64 {
  let environment = ProcessInfo.processInfo.environment["DOJO_SEED"] ?? ""
  blankArguments(of: "--seed")
  blankEnvironment("DOJO_SEED")
  if let seed = try arguments.number("--seed", in: 0...UInt64.max) { return seed }
  if environment.isEmpty { return 1 }  // as where a system for continuous integration keeps no such secret
  guard let seed = UInt64(environment) else {
    throw UsageError("DOJO_SEED is no whole number from 0 to \(UInt64.max).")
  }
  return seed
}

/// Overwrites the values of an option in the memory in which the system handed over the command line.
private func blankArguments(of option: String) {
  let words = CommandLine.unsafeArgv
  var isValue = false
  for place in 1..<max(1, Int(CommandLine.argc)) {
    guard let word = words[place] else { return }
    if isValue {
      blank(word)
    } else if strncmp(word, "\(option)=", option.utf8.count + 1) == 0 {
      blank(word + option.utf8.count + 1)
    }
    isValue = strcmp(word, option) == 0
  }
}

private func blankEnvironment(_ name: String) {
  guard let value = getenv(name) else { return }
  blank(value)
  unsetenv(name)
}

private func blank(_ text: UnsafeMutablePointer<CChar>) {
  memset(text, Int32(UInt8(ascii: "x")), strlen(text))
}
