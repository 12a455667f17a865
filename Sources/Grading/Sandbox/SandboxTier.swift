/// How far a candidate's processes are shut off from the rest of the machine; each tier has all that those before it have.
public enum SandboxTier: String, Codable, Sendable, CaseIterable {
  /// Limits on time, memory, processes, files and output; every process that was started is killed at the end.
  case limits = "rlimit"

  /// A system of its own by `bwrap`: no network, nothing to write but a small temporary folder, and no sight of the
  /// package, of other submissions or of the machine's other processes.
  case bwrap
}
