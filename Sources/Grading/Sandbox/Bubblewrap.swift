import Foundation

/// `bwrap`, which gives a command a system of its own: no network, no other processes, none of the machine's files
/// but those that are named, and nothing to write but a temporary folder.
struct Bubblewrap: Sendable {
  /// The program.
  let program: URL

  /// The private temporary folder, inside.
  static let temporaryFolder = "/tmp"

  /// How much the private temporary folder holds, in bytes.
  private static let temporaryBytes = 256 << 20

  /// Finds `bwrap` on the search path and runs it once with the very options that will be used.
  ///
  /// - Throws: `SandboxUnavailable` if it is not there or not allowed.
  static func find() throws -> Bubblewrap {
    let search = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let places = search.map { URL(filePath: String($0)).appending(path: "bwrap") }
    guard let program = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      #if os(Linux)
        throw SandboxUnavailable(
          reason: "bwrap is not on the search path", remedy: "install it with `apt install bubblewrap`")
      #else
        throw SandboxUnavailable(reason: "bwrap exists on Linux only", remedy: "grade strangers' code on Linux")
      #endif
    }
    let bubblewrap = Bubblewrap(program: program)
    let test = URL(filePath: "/usr/bin/true")
    for changesUser in Set([false, UserIdentity.isSuperuser]) {
      let options = bubblewrap.options(
        view: Sandbox.View(readable: [test]), environment: [:], changesUser: changesUser)
      let report = try? ChildProcess(program: program, arguments: options + ["--", test.path], seconds: 60).run()
      if let report, report.end == .exited(0), report.stop == nil { continue }
      let saying =
        String(decoding: report?.standardError ?? Data(), as: UTF8.self)
        .split(separator: "\n").first.map(String.init) ?? "it cannot be started"
      throw SandboxUnavailable(
        reason: "bwrap is not allowed here (\(saying))",
        remedy: "let users make namespaces (`sysctl kernel.unprivileged_userns_clone=1`, or an AppArmor profile for "
          + "bwrap), or give the container `--security-opt seccomp=unconfined --security-opt systempaths=unconfined`")
    }
    return bubblewrap
  }

  /// The options before the command.
  ///
  /// A superuser's command that becomes another user has no user namespace, as there is no other user in one; it loses
  /// every power with the change, and the system counts its processes, as it does for all but the superuser.
  func options(view: Sandbox.View, environment: [String: String], changesUser: Bool = false) -> [String] {
    var options = ["--unshare-all"]
    if changesUser { options = ["ipc", "pid", "net", "uts", "cgroup-try"].map { "--unshare-\($0)" } }
    options += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if changesUser { options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] }
    options += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    options += ["--size", "\(Self.temporaryBytes)", "--perms", "1777", "--tmpfs", Self.temporaryFolder]
    options += Self.system
    // Folders that only lead to something would otherwise be open to the superuser alone.
    for folder in Self.foldersAbove(view.readable) { options += ["--dir", folder] }
    for file in view.readable { options += ["--ro-bind-try", file.path, file.path] }
    if let folder = view.writable { options += ["--bind", folder.path, folder.path] }
    options += ["--remount-ro", "/", "--chdir", view.writable?.path ?? Self.temporaryFolder, "--clearenv"]
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) { options += ["--setenv", name, value] }
    return options
  }

  private static func foldersAbove(_ files: [URL]) -> [String] {
    var folders = Set<String>()
    for file in files {
      var folder = file.deletingLastPathComponent().path
      while folder.count > 1, folders.insert(folder).inserted {
        folder = URL(filePath: folder).deletingLastPathComponent().path
      }
    }
    return folders.sorted().filter { !$0.hasPrefix("/usr") && $0 != temporaryFolder }
  }

  /// The system's libraries, and what they read. Neither `/usr` whole nor `/etc`: a package may lie below the one, and
  /// the other names the machine's users.
  private static let system: [String] = {
    var options = ["/usr", "/usr/share", "/etc"].flatMap { ["--dir", $0] }
    for folder in ["/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share/zoneinfo"] {
      options += ["--ro-bind-try", folder, folder]
    }
    for folder in ["/lib", "/lib32", "/lib64"] {
      if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder) {
        options += ["--symlink", target, folder]
      } else {
        options += ["--ro-bind-try", folder, folder]
      }
    }
    for file in ["/etc/ld.so.cache", "/etc/localtime"] { options += ["--ro-bind-try", file, file] }
    return options
  }()
}
