import Curriculum
import Foundation

/// The folders of the package in which a candidate works.
public struct Workspace: Sendable, Hashable {
  /// The folder with `Package.swift`.
  public let root: URL

  /// The package in a folder.
  public init(root: URL) {
    self.root = root.standardizedFileURL
  }

  /// The starters, which a candidate edits.
  public var exercises: URL { root.appending(path: "Exercises") }

  /// The references.
  public var solutions: URL { root.appending(path: "Solutions") }

  /// The prose.
  public var docs: URL { root.appending(path: "docs") }

  /// What the runner remembers: progress and backups.
  public var state: URL { root.appending(path: ".dojo") }

  /// The file that a candidate edits.
  public func starter(of exercise: Exercise) -> URL { exercises.appending(path: "\(exercise.path).swift") }

  /// The reference's file.
  public func solution(of exercise: Exercise) -> URL { solutions.appending(path: "\(exercise.path).swift") }

  /// The prose's file.
  public func document(of exercise: Exercise) -> URL { docs.appending(path: "\(exercise.path).md") }

  /// A path as a reader says it: relative to the package where the file lies in it.
  public func relativePath(_ file: URL) -> String {
    let path = file.standardizedFileURL.path
    return path.hasPrefix(root.path + "/") ? String(path.dropFirst(root.path.count + 1)) : path
  }

  /// Finds the package: the nearest folder with `Package.swift` and `Exercises`, upwards from the current folder,
  /// and if there is none, upwards from this executable.
  ///
  /// - Throws: `WorkspaceMissing` if there is none.
  public static func find() throws -> Workspace {
    let current = URL(filePath: FileManager.default.currentDirectoryPath)
    for start in [current, BuildProducts.executable.deletingLastPathComponent()] {
      if let workspace = find(from: start) { return workspace }
    }
    throw WorkspaceMissing(searchedFrom: current.path)
  }

  static func find(from start: URL) -> Workspace? {
    var folder = start.resolvingSymlinksInPath().standardizedFileURL
    while true {
      let hasBoth = ["Package.swift", "Exercises"].allSatisfy {
        FileManager.default.fileExists(atPath: folder.appending(path: $0).path)
      }
      if hasBoth { return Workspace(root: folder) }
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      if parent.path == folder.path { return nil }
      folder = parent
    }
  }
}

/// No package was found.
public struct WorkspaceMissing: Error, CustomStringConvertible {
  /// The folder from which the search went upwards.
  public let searchedFrom: String

  /// What was looked for, where, and the remedy.
  public var description: String {
    "no folder with Package.swift and Exercises above \(searchedFrom); run this inside the package"
  }
}

/// What `swift build` made: the worker, and the modules that a candidate's file imports.
public struct BuildProducts: Sendable {
  /// The folder with `dojo-worker` and `Modules`.
  public let folder: URL

  /// The products in a folder.
  public init(folder: URL) {
    self.folder = folder
  }

  /// The program that runs a candidate's code.
  public var worker: URL { folder.appending(path: "dojo-worker") }

  /// The compiled interfaces of the package's modules.
  public var modules: URL { folder.appending(path: "Modules") }

  /// This process's own program.
  static var executable: URL {
    #if os(Linux)
      let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
      if !path.isEmpty { return URL(filePath: path) }
    #endif
    return (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])).resolvingSymlinksInPath()
  }

  /// The products beside this program, or beside the test bundle that holds it.
  ///
  /// - Throws: `BuildProductsMissing` if `dojo-worker` is not there.
  public static func find() throws -> BuildProducts {
    var folder = executable.deletingLastPathComponent()
    for _ in 0..<4 {  // a test bundle on macOS holds its program three folders deep
      let products = BuildProducts(folder: folder)
      if FileManager.default.isExecutableFile(atPath: products.worker.path) { return products }
      folder = folder.deletingLastPathComponent()
    }
    throw BuildProductsMissing(program: executable.path)
  }
}

/// The worker is not where it should be.
public struct BuildProductsMissing: Error, CustomStringConvertible {
  /// The program beside which it was looked for.
  public let program: String

  /// What is missing and the remedy.
  public var description: String { "dojo-worker is missing beside \(program); run `swift build`" }
}
