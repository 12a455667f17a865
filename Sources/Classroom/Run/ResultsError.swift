import Foundation

/// Why a folder of results cannot be used.
public enum ResultsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is something in it, and nobody said to go on with it.
  case notEmpty(String)

  /// It holds something else than results.
  case notResults(String)

  /// Another run writes to it.
  case locked(String, process: String)

  /// It was graded with other settings: what differs, in words.
  case otherSettings(String, differences: [String])

  /// A file in it is not what a run writes.
  case damaged(String, reason: String)

  /// It cannot be written.
  case cannotWrite(String, reason: String)

  /// What is wrong and the remedy.
  public var description: String {
    switch self {
    case .notEmpty(let folder):
      "\(folder) is not empty; '--resume' goes on with what is there, or give another folder to '--out'"
    case .notResults(let folder):
      "\(folder) is not empty and has no class.json, so it was not written by 'dojo grade'; give another to '--out'"
    case .locked(let folder, let process):
      "\(folder) is being written by another run\(process.isEmpty ? "" : ", process \(process)"); wait for it, or give "
        + "another folder to '--out'"
    case .otherSettings(let folder, let differences):
      "\(folder) was graded differently: \(differences.joined(separator: "; ")); give the same options again, or "
        + "another folder to '--out'"
    case .damaged(let file, let reason): "\(file): \(reason)"
    case .cannotWrite(let file, let reason):
      "cannot write \(file): \(reason); what was graded until now is kept: mend that and go on with '--resume'"
    }
  }
}
