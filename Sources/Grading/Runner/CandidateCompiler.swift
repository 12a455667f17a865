import Curriculum
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A candidate's file, compiled: what a worker opens.
public struct CandidateLibrary: Sendable, Hashable {
  /// The library's file.
  public let file: URL
}

/// Compiles one candidate's file by itself, as a library of a module of its own.
///
/// The file sees the package's modules but neither the references nor the grader. A library that has been compiled
/// once is kept beside the build's products and used again while the text, the compiler and the modules are the same.
public struct CandidateCompiler: Sendable {
  /// The modules that a candidate may import. `Contracts` needs the others, and none of them holds answers or labels.
  public static let modules = ["Tensors", "Learning", "Behavior", "Simulation", "Contracts"]

  /// Seconds on the clock for one file.
  public var seconds = 60.0

  /// Where the compiler runs: it is ours, but what it reads is not.
  public var sandbox = Sandbox.limits

  let products: BuildProducts
  let toolchain: Toolchain
  let cache: CompileCache

  /// A compiler.
  ///
  /// - Parameters:
  ///   - products: the package's build, for its modules.
  ///   - toolchain: the compiler; the same that built the package.
  public init(products: BuildProducts, toolchain: Toolchain) {
    self.products = products
    self.toolchain = toolchain
    cache = CompileCache(folder: products.folder.appending(path: "dojo-candidates"))
  }

  /// Compiles a file.
  ///
  /// - Throws: `CompileFailure` if the file does not compile.
  public func compile(_ exercise: Exercise, file: URL) throws -> CandidateLibrary {
    try compile(exercise, text: try SourceFile(file).text)
  }

  func compile(_ exercise: Exercise, text: String) throws -> CandidateLibrary {
    let key = CompileCache.Key(
      exercise: exercise.name, compiler: toolchain.version, flags: flags, glue: Glue.text(for: exercise),
      build: buildIdentity(), text: text)
    if let known = cache.library(for: key) { return CandidateLibrary(file: known) }

    if sandbox.tier == .bwrap { try ModuleCaches.fill(for: self) }
    let folder = try TemporaryFolder("dojo-compile")
    defer { folder.remove() }
    let source = "\(exercise.name).swift"
    try Data(text.utf8).write(to: folder.url.appending(path: source))
    try Data(Glue.text(for: exercise).utf8).write(to: folder.url.appending(path: Glue.fileName))
    try linkModules(into: folder.url.appending(path: "Modules"))

    let deadline = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
    for command in commands(source: source, in: folder.url) {
      let left = (deadline - ContinuousClock.now) / .seconds(1)
      let report = try sandbox.process(
        command.program, command.arguments, environment: Self.environment(temporary: folder.url),
        seconds: max(left, 0.1),
        outputBytes: 8 << 20, limits: .compilation(seconds: seconds), scratch: folder.url,
        view: view(writing: folder.url)
      ).run()
      guard report.end == .exited(0), report.stop == nil else { throw failure(exercise, report, folder: folder.url) }
    }
    return CandidateLibrary(file: try cache.keep(folder.url.appending(path: Self.output), for: key))
  }

  // MARK: - Commands

  /// The compiler needs nothing of our environment but the way to its own libraries.
  static let environment: [String: String] = {
    var environment = ["PATH": "/usr/bin:/bin"]
    for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME", "DEVELOPER_DIR", "SDKROOT"] {
      environment[name] = ProcessInfo.processInfo.environment[name]
    }
    return environment
  }()

  /// The same, with a folder for temporary files that whoever starts the compiler removes after it.
  static func environment(temporary: URL) -> [String: String] {
    environment.merging(["TMPDIR": temporary.path]) { _, new in new }
  }

  static let output = "Candidate.so"

  struct Command {
    let program: URL
    let arguments: [String]
  }

  /// `-g` and the frame pointers cost about ten milliseconds and give every crash its reason and its line.
  private var flags: [String] {
    var flags = [
      "-O", "-g", "-Xcc", "-fno-omit-frame-pointer", "-module-name", "Candidate", "-parse-as-library", "-swift-version",
      "6",
      "-diagnostic-style", "llvm", "-suppress-warnings",
    ]
    #if arch(x86_64)
      flags += ["-Xcc", "-march=native"]
    #endif
    return flags
  }

  func commands(source: String, in folder: URL) -> [Command] {
    func path(_ name: String) -> String { folder.appending(path: name).path }
    let inputs = [path(source), path(Glue.fileName), "-I", path("Modules"), "-module-cache-path", moduleCache.path]
    guard let parts = toolchain.parts else {
      return [
        Command(
          program: toolchain.driver,
          arguments: ["-emit-library", "-wmo"] + inputs + flags + undefinedSymbolsInWorker + ["-o", path(Self.output)])
      ]
    }
    let object = path("Candidate.o")
    return [
      Command(
        program: parts.frontend,
        arguments: ["-frontend", "-c", "-target", toolchain.target, "-disable-objc-interop"] + inputs + flags
          + ["-o", object]),
      Command(
        program: parts.linker,
        arguments: ["-shared", "--as-needed", object, parts.runtimeObject.path] + parts.libraries + [
          "-o", path(Self.output),
        ]
      ),
    ]
  }

  /// The package's modules are in the worker; on Linux a library may leave symbols open anyway.
  private var undefinedSymbolsInWorker: [String] {
    #if os(Linux)
      []
    #else
      ["-Xlinker", "-undefined", "-Xlinker", "dynamic_lookup"]
    #endif
  }

  /// What the compiler sees in a sandbox: itself, the system's headers, the modules that a candidate may import, and
  /// one folder to write. The module cache is filled beforehand and cannot be written, so that no file that is compiled
  /// can leave anything for another's.
  func view(writing folder: URL) -> Sandbox.View {
    let modules = Self.modules.map { products.modules.appending(path: "\($0).swiftmodule") }
    return Sandbox.View(
      readable: toolchain.files + [URL(filePath: "/usr/include"), moduleCache] + modules, writable: folder)
  }

  /// The compiler's cache holds paths: a package that was moved must begin another.
  var moduleCache: URL {
    let place = contentHash(Data(products.folder.path.utf8))
    return products.folder.appending(path: "dojo-module-cache").appending(path: place)
  }

  /// A folder with the permitted modules only: `import Solutions` finds nothing.
  func linkModules(into folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for module in Self.modules {
      let file = "\(module).swiftmodule"
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: file), withDestinationURL: products.modules.appending(path: file))
    }
  }

  /// Changes whenever a module that a candidate may import has been built anew.
  private func buildIdentity() -> String {
    let files = Self.modules.map { products.modules.appending(path: "\($0).swiftmodule") }
    return files.map { file in
      let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
      let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      return "\(file.lastPathComponent) \(attributes?[.size] ?? 0) \(date)"
    }.joined(separator: "\n")
  }

  // MARK: - What went wrong

  private func failure(_ exercise: Exercise, _ report: ChildProcess.Report, folder: URL) -> CompileFailure {
    let source = "\(exercise.name).swift"
    switch report.stop {
    case .tooSlow:
      return CompileFailure(
        "\(source): the compiler was stopped after \(Int(seconds)) s; break long expressions into parts")
    case .tooMuchOutput:
      return CompileFailure("\(source): the compiler was stopped, so many errors did it find")
    case .tooManyProcesses, .tooMuchInScratch, .malformedAnswer, nil:
      break
    }
    if case .signalled(SIGXCPU) = report.end {
      return CompileFailure(
        "\(source): the compiler was stopped after \(Int(seconds)) s; break long expressions into parts")
    }
    let text = String(decoding: report.standardError + report.standardOutput, as: UTF8.self)
      .replacing(folder.path + "/", with: "")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let errors = lines.filter { $0.contains(": error: ") }.map(String.init)
    guard let first = errors.first else {
      return CompileFailure("\(source): the compiler failed (\(report.end))", log: text)
    }
    let ours = errors.filter { $0.hasPrefix(Glue.fileName) }
    if ours.count == errors.count {
      let contract = Glue.contract(of: exercise)
      return CompileFailure(
        "\(source): error: the file must declare `public struct \(exercise.name): \(contract)` with `init()`",
        log: errors.joined(separator: "\n"))
    }
    return CompileFailure(errors.first { !$0.hasPrefix(Glue.fileName) } ?? first, log: text)
  }
}
