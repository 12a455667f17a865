import Foundation
import Grading

/// Names for files of results: safe in every file system, readable, and different from each other even where capitals
/// do not count.
///
///     SafeFileNames(["ann", "李雷", "a/b"])["a/b"]  // "a_b~" and eight hexadecimal digits
public struct SafeFileNames: Sendable {
  private var names: [String: String] = [:]

  /// Names for some submissions.
  public init(_ submissions: [String]) {
    let plain = Dictionary(submissions.map { ($0, Self.plain($0)) }, uniquingKeysWith: { first, _ in first })
    let groups = Dictionary(grouping: plain.keys, by: { Self.folded(plain[$0] ?? $0) })
    for (name, safe) in plain {
      // A name that had to change, or that another differs from only in its capitals, is told apart by a digest.
      let rivals = groups[Self.folded(safe)] ?? []
      let needsDigest = safe != name || Self.isReserved(name) || (rivals.count > 1 && Self.folded(name) != name)
      names[name] = needsDigest ? "\(safe)~\(contentHash(Data(name.utf8)).prefix(8))" : safe
    }
  }

  /// The file name of a submission, without an ending.
  public subscript(_ submission: String) -> String { names[submission] ?? Self.plain(submission) }

  private static let maximumBytes = 120

  private static func folded(_ name: String) -> String { name.precomposedStringWithCanonicalMapping.lowercased() }

  /// Letters, digits and a few signs stay; everything else becomes `_`.
  private static func plain(_ name: String) -> String {
    var safe = ""
    for scalar in name.unicodeScalars {
      let isKept =
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || scalar.properties.generalCategory == .nonspacingMark || " .-_@+(),'".unicodeScalars.contains(scalar)
      let next = isKept ? Character(scalar) : "_"
      guard safe.utf8.count + String(next).utf8.count <= maximumBytes else { break }
      safe.unicodeScalars.append(isKept ? scalar : "_")
    }
    if safe.isEmpty || safe.hasPrefix(".") || safe.hasPrefix(" ") || safe.hasPrefix("-") {
      safe = "_" + safe.dropFirst()
    }
    if safe.hasSuffix(".") || safe.hasSuffix(" ") { safe = safe.dropLast() + "_" }
    return safe
  }

  /// Names that we use ourselves, or that Windows keeps for devices.
  private static func isReserved(_ name: String) -> Bool {
    let base = folded(name).split(separator: ".").first.map(String.init) ?? ""
    let devices = ["con", "prn", "aux", "nul"] + (1...9).flatMap { ["com\($0)", "lpt\($0)"] }
    return devices.contains(base)
      || ["class", "gradebook", "index", "shard", "similarity", "summary", "journal", "results"].contains(base)
  }
}
