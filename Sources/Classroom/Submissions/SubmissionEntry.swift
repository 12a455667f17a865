import Foundation

/// One file of a submission, as it lies in its folder or archive.
struct SubmissionEntry {
  enum Content {
    /// An ordinary file that is asked for, whole.
    case file(Data)
    /// An ordinary file that nobody asks for: it was not read.
    case unread
    /// Something that is not taken: a link, a device, a file with a password. The words complete "x is …".
    case refused(String)
  }

  /// The path in the submission, its parts joined by `/`.
  var path: String
  var content: Content

  /// The last part of the path.
  var name: Substring { path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...] }
}

/// Where files of a submission come from: a folder, or an archive that is never unpacked to disk.
protocol SubmissionSource {
  /// Everything in it but folders.
  ///
  /// - Parameter isWanted: whether a file of this name is to be read.
  /// - Returns: the files, in their order.
  /// - Throws: `BrokenArchive` if it cannot be opened, or a fault of this machine.
  func entries(isWanted: (Substring) -> Bool) throws -> [SubmissionEntry]
}

/// How much is read of one submission; whoever hands in more is told so.
enum SubmissionLimits {
  /// The most bytes of one Swift file.
  static let fileBytes = 1 << 20
  /// The most files, in a folder or archive.
  static let entries = 50_000
  /// The most folders one in the other.
  static let depth = 24
  /// The largest archive.
  static let archiveBytes = 256 << 20
  /// The most bytes that a `.tar.gz` is unpacked to; nothing of them is written to disk.
  static let unpackedBytes = 1 << 30
  /// The most seconds on the clock for unpacking.
  static let seconds = 60.0
  /// How many files with an exercise's name are read.
  static let wanted = 256
}

/// An archive that cannot be opened: the student's fault, in words that complete "x …".
struct BrokenArchive: Error, Hashable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// A submission, or a folder of them, could not be read because of this machine: nobody loses a point by it.
public struct UnreadableSubmission: Error, CustomStringConvertible {
  /// What could not be read, and why where that is known.
  public let description: String
}

/// The path of an archive's member, if it is one that may be read.
///
/// - Returns: the path without empty parts and `.`; nil if it leads out of the submission, or is too deep.
func safePath(_ path: String) -> String? {
  let path = path.replacing("\\", with: "/")  // as Windows writes them
  let parts = path.split(separator: "/").filter { $0 != "." }
  let isAbsolute = path.hasPrefix("/") || parts.first?.hasSuffix(":") == true
  guard !isAbsolute, !parts.isEmpty, parts.count <= SubmissionLimits.depth, !parts.contains(".."),
    !path.unicodeScalars.contains("\0")
  else { return nil }
  return parts.joined(separator: "/")
}

/// Whether a path is of no interest to anybody: what systems and tools leave behind.
func isClutter(_ path: some StringProtocol) -> Bool {
  path.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__MACOSX" || $0 == "Thumbs.db" }
}

/// A name or a path that a student chose, fit to be read in a sentence: on one line, and not too long.
func told(_ text: some StringProtocol) -> String {
  let scalars = text.unicodeScalars
  let shown = String(String.UnicodeScalarView(scalars.prefix(160))).onOneVisibleLine
  return scalars.count > 160 ? shown + "…" : shown
}
