import Contracts
import Foundation
import Synchronization

/// The compiler keeps what it has understood of the C libraries' headers in a cache. In the `bwrap` tier a compilation
/// reads that cache only, so it is filled beforehand, once in the life of this process, by compiling a file of ours.
enum ModuleCaches {
  private static let filled = Mutex<Set<URL>>([])

  /// What a candidate may import beside the package's modules, as far as it has C headers behind it.
  private static let imports = [
    "Foundation", "FoundationNetworking", "FoundationXML", "Dispatch", "Synchronization", "RegexBuilder", "Observation",
    "Distributed", "Glibc", "Darwin",
  ]

  /// Fills a compiler's cache, if that has not been done.
  static func fill(for compiler: CandidateCompiler) throws {
    try filled.withLock { filled in
      guard !filled.contains(compiler.moduleCache) else { return }
      let folder = try TemporaryFolder("dojo-modules")
      defer { folder.remove() }
      let text = imports.map { "#if canImport(\($0))\nimport \($0)\n#endif\n" }.joined()
      try Data(text.utf8).write(to: folder.url.appending(path: "Imports.swift"))
      try Data("import Contracts\n".utf8).write(to: folder.url.appending(path: Glue.fileName))
      try compiler.linkModules(into: folder.url.appending(path: "Modules"))
      guard let command = compiler.commands(source: "Imports.swift", in: folder.url).first else { return }
      let report = try ChildProcess(
        program: command.program, arguments: command.arguments,
        environment: CandidateCompiler.environment(temporary: folder.url), seconds: 300
      ).run()
      guard report.end == .exited(0) else {
        throw BadInput("the module cache cannot be filled: \(String(decoding: report.standardError, as: UTF8.self))")
      }
      filled.insert(compiler.moduleCache)
    }
  }
}
