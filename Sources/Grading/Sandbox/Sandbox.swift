import Foundation

/// Which isolation somebody asks for.
public enum SandboxChoice: String, Sendable, CaseIterable {
  /// The strongest tier that works here.
  case auto

  /// A system of its own, by `bwrap`.
  case bwrap

  /// Limits alone.
  case rlimit
}

/// How candidates' code is shut off from the machine: the compiler that reads it, and the workers that run it.
///
/// Every command goes through a shell that sets the limits before the program begins. In the limits tier the shell
/// then stays as the program's parent, so that who kills its parent kills a shell and not the grader; in the `bwrap`
/// tier it becomes `bwrap`.
public struct Sandbox: Sendable {
  /// The tier that is used.
  public let tier: SandboxTier

  /// Why `auto` fell back on the limits; nil if it did not.
  public let fallback: String?

  /// The program, in the `bwrap` tier.
  let bubblewrap: Bubblewrap?

  /// Whether workers become another user: they do where the superuser grades.
  var changesUser: Bool { UserIdentity.isSuperuser }

  /// Limits alone, which every machine has.
  public static let limits = Sandbox(tier: .limits, fallback: nil, bubblewrap: nil)

  /// Finds the sandbox that was asked for, and tries it out.
  ///
  /// - Parameters:
  ///   - choice: what is asked for.
  ///   - isRequired: whether `auto` must not fall back on the limits.
  /// - Returns: a sandbox that has been seen to work.
  /// - Throws: `SandboxUnavailable` if `bwrap` is asked for or required and cannot be used.
  public static func resolve(_ choice: SandboxChoice, isRequired: Bool = false) throws -> Sandbox {
    if choice == .rlimit {
      guard !isRequired else {
        throw SandboxUnavailable(
          reason: "the limits alone are no sandbox", remedy: "leave out --sandbox rlimit or --require-sandbox")
      }
      return .limits
    }
    do {
      return Sandbox(tier: .bwrap, fallback: nil, bubblewrap: try Bubblewrap.find())
    } catch let unavailable as SandboxUnavailable where choice == .auto && !isRequired {
      return Sandbox(
        tier: .limits, fallback: unavailable.description, bubblewrap: nil)
    }
  }

  /// What the tier means, in a sentence.
  public var meaning: String {
    switch tier {
    case .bwrap:
      "bwrap: no network, a read-only system, no sight of the package, other submissions or processes; fit for a stranger's code"
    case .limits where changesUser:
      "process limits, and another user for each check: no bwrap, so what every user may read is open, and so is the network"
    case .limits:
      "process limits: fit for one's own code, not for a stranger's, which can do all that you can do"
    }
  }

  // MARK: - Commands

  /// What a program may see of the machine's files in the `bwrap` tier, beyond the system's libraries.
  struct View {
    /// What it reads, at the same paths.
    var readable: [URL] = []

    /// The one folder that it writes, at the same path; a private temporary folder if it is nil.
    var writable: URL?
  }

  /// A command in this sandbox: it starts in the folder `scratch`, which is watched (in the `bwrap` tier it is the
  /// private `/tmp`), and will become `user`.
  func process(
    _ program: URL, _ arguments: [String], environment: [String: String], input: Data = Data(), seconds: Double,
    outputBytes: Int = 1 << 20, limits: ResourceLimits, scratch: URL, user: UserIdentity? = nil, view: View
  ) -> ChildProcess {
    let command = [program.path] + arguments
    let last: String
    let whole: [String]
    if let bubblewrap {
      last = "exec \"$@\""
      whole =
        [bubblewrap.program.path]
        + bubblewrap.options(
          view: view, environment: environment, changesUser: user != nil) + ["--"] + command
    } else {
      last = "cd \"$0\" && \"$@\"; exit $?"
      whole = command
    }
    return ChildProcess(
      program: Self.shell, arguments: ["-c", "\(limits.commands); \(last)", scratch.path] + whole,
      environment: environment, input: input, seconds: seconds, outputBytes: outputBytes,
      watch: ChildProcess.Watch(
        processes: limits.processes, scratch: bubblewrap == nil ? scratch : nil,
        scratchMegabytes: limits.scratchMegabytes,
        user: user))
  }

  /// The folder in which a program starts, as the program itself sees it.
  func scratchSeenInside(_ scratch: URL) -> String { bubblewrap == nil ? scratch.path : Bubblewrap.temporaryFolder }

  private static let shell = URL(filePath: "/bin/sh")
}

/// A sandbox that was asked for cannot be used.
public struct SandboxUnavailable: Error, Hashable, CustomStringConvertible {
  /// What is wrong.
  public let reason: String

  /// What to do about it.
  public let remedy: String

  /// The reason and the remedy.
  public var description: String { "\(reason); \(remedy)" }
}
