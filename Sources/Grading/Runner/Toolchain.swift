import Foundation

/// The Swift compiler with which candidates' files are compiled.
public struct Toolchain: Sendable, Hashable {
  /// `swiftc`, as the search path has it.
  public let driver: URL

  /// The compiler's version, in its own words.
  public let version: String

  /// The machine and system for which it compiles.
  let target: String

  /// The folder with the runtime's libraries and `swiftrt.o`.
  let runtime: URL

  /// The compiler proper and the linker. Called directly they need half the time of the driver, and when time is up
  /// they can be stopped: the driver puts the compiler into a process group of its own.
  let parts: Parts?

  /// The folder that holds `bin` and `lib`.
  private var root: URL { runtime.deletingLastPathComponent().deletingLastPathComponent() }

  /// What the compiler needs to see of itself.
  var files: [URL] { ["bin", "lib", "include", "share"].map { root.appending(path: $0) } }

  /// What a program that it compiled needs to see: the libraries, and what tells of a crash.
  var runtimeFiles: [URL] { ["lib/swift", "libexec/swift"].map { root.appending(path: $0) } }

  struct Parts: Hashable {
    let frontend: URL
    let linker: URL
    let runtimeObject: URL
    let libraries: [String]
  }

  /// Finds `swiftc` and asks it about itself.
  ///
  /// - Throws: `ToolchainMissing` if there is none that works.
  public static func find() throws -> Toolchain {
    let search = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let drivers = search.map { URL(filePath: String($0)).appending(path: "swiftc") }
    guard let driver = drivers.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      throw ToolchainMissing("no swiftc on the search path; install Swift 6.2 or newer from swift.org")
    }
    let info = try targetInfo(of: driver)
    let resources = URL(filePath: info.paths.runtimeResourcePath)
    return Toolchain(
      driver: driver, version: info.compilerVersion, target: info.target.triple, runtime: resources,
      parts: parts(resources: resources, info.target))
  }

  /// Asks the compiler proper, which lies beside the driver. The driver would say the same, but makes a temporary folder
  /// whatever it is asked, and leaves it there: it is asked where there is only a stand-in for it on the search path.
  private static func targetInfo(of driver: URL) throws -> TargetInfo {
    let frontend = driver.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "swift-frontend")
    if FileManager.default.isExecutableFile(atPath: frontend.path),
      let info = try answer(frontend, ["-frontend", "-print-target-info"], CandidateCompiler.environment)
    {
      return info
    }
    let temporary = try TemporaryFolder("dojo-toolchain")
    defer { temporary.remove() }
    let environment = CandidateCompiler.environment(temporary: temporary.url)
    if let info = try answer(driver, ["-print-target-info"], environment) { return info }
    throw ToolchainMissing("\(driver.path) -print-target-info does not answer as a Swift compiler should")
  }

  private static func answer(
    _ program: URL, _ arguments: [String], _ environment: [String: String]
  ) throws -> TargetInfo? {
    let process = ChildProcess(program: program, arguments: arguments, environment: environment, seconds: 60)
    let output = try process.run().standardOutput
    return try? JSONDecoder().decode(TargetInfo.self, from: output)
  }

  private static func parts(resources: URL, _ target: TargetInfo.Target) -> Parts? {
    #if os(Linux)
      let tools = resources.deletingLastPathComponent().deletingLastPathComponent().appending(path: "bin")
      let libraries = resources.appending(path: "linux")
      let architecture = target.triple.prefix { $0 != "-" }
      let found = Parts(
        frontend: tools.appending(path: "swift-frontend"), linker: tools.appending(path: "ld.lld"),
        runtimeObject: libraries.appending(path: "\(architecture)/swiftrt.o"),
        libraries: ((try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? [])
          .filter { $0.hasPrefix("lib") && $0.hasSuffix(".so") }
          .sorted().map { libraries.appending(path: $0).path })
      let isWhole = [found.frontend, found.linker, found.runtimeObject].allSatisfy {
        FileManager.default.fileExists(atPath: $0.path)
      }
      return isWhole ? found : nil
    #else
      return nil
    #endif
  }

  private struct TargetInfo: Decodable {
    struct Target: Decodable {
      let triple: String
    }
    struct Paths: Decodable {
      let runtimeResourcePath: String
    }
    let compilerVersion: String
    let target: Target
    let paths: Paths
  }
}

/// There is no compiler.
public struct ToolchainMissing: Error, CustomStringConvertible {
  /// What was looked for and the remedy.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
