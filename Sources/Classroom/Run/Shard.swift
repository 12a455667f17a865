import Foundation
import Grading

/// One of several parts of a class, each graded by a run of its own: `2/8`.
///
/// A student is in the same part on every machine and whoever else is in the class; all attempts are in one part.
public struct Shard: Codable, Sendable, Hashable, CustomStringConvertible {
  /// From 1 to `count`.
  public let index: Int

  /// How many parts there are.
  public let count: Int

  /// A part.
  ///
  /// - Returns: nil unless 1 ≤ index ≤ count ≤ 100,000.
  public init?(index: Int, of count: Int) {
    guard count <= 100_000, index >= 1, index <= count else { return nil }
    self.index = index
    self.count = count
  }

  /// Reads `2/8`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1] else { return nil }
    self.init(index: index, of: count)
  }

  /// `2/8`.
  public var description: String { "\(index)/\(count)" }

  /// Whether a submission is in this part.
  public func contains(_ submission: String) -> Bool {
    let student = Submission.student(of: submission)
    let hash = UInt64(contentHash(Data(student.utf8)), radix: 16) ?? 0
    return Int(hash % UInt64(count)) == index - 1
  }
}
