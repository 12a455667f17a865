import Foundation

/// Runs a well-kept program and gives what it printed on standard output, or nil if it is not there or failed.
func output(of program: String, _ arguments: [String]) -> String? {
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [program] + arguments
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  process.standardInput = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return nil }
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
}

/// The SHA-256 of a file in hexadecimal digits, by `sha256sum` or `shasum`.
func sha256(of file: URL) throws -> String {
  guard FileManager.default.fileExists(atPath: file.path) else {
    throw CommandError(.missingFile, "\(file.relativePath) is missing")
  }
  let sum = output(of: "sha256sum", [file.path]) ?? output(of: "shasum", ["-a", "256", file.path])
  guard let digits = sum?.split(separator: " ").first else {
    throw CommandError(.ourFault, "neither sha256sum nor shasum could be run")
  }
  return String(digits)
}
