import Foundation

/// Parts of a log that share neither a user nor a time.
///
/// Users fall into parts by a hash of their name and the seed, times at two cuts. A session is in a part if its user is
/// and it lies wholly within the part's time; all other sessions are used by none.
public struct Split: Sendable, Hashable {
  /// A part.
  public enum Part: String, Sendable, CaseIterable {
    /// What weights, trees, vocabulary and scales are fitted to.
    case training
    /// What calibration, fusion and threshold are fitted to, and what stops training early.
    case calibration
    /// What nothing is fitted to.
    case test
  }

  /// The seed of the users' parts.
  public let seed: UInt64
  /// The end of the time of training, and of that of calibration.
  public let cuts: [Double]

  /// Cuts at 60 % and 80 % of the sessions.
  ///
  /// - Parameters:
  ///   - starts: when the sessions start, in any order.
  ///   - seed: decides the users' parts.
  public init(starts: [Double], seed: UInt64) {
    self.seed = seed
    let sorted = starts.sorted()
    cuts = [0.6, 0.8].map { sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int($0 * Double(sorted.count)))] }
  }

  /// A user's part: 60 % of the users are for training, 20 % for each of the others.
  public func part(of user: String) -> Part {
    // A multiply mixes the high bits, which FNV leaves alike for names that end alike.
    var mixed = textHash("\(seed) \(user)")
    mixed = (mixed ^ (mixed >> 32)) &* 0x9E37_79B9_7F4A_7C15
    let share = Double(mixed >> 11) / Double(1 << 53)
    return share < 0.6 ? .training : share < 0.8 ? .calibration : .test
  }

  /// Whether a session helps to set the threshold: it is of a user of the calibration part, to whom no weight was
  /// fitted, and before the time of the test part. Those before the calibration's time count, too, for they have what
  /// a new log has: users whose past nobody knows.
  public func setsThreshold(_ user: String, end: Double) -> Bool { end < cuts[1] && part(of: user) == .calibration }

  /// A session's part, or nil.
  public func part(of user: String, start: Double, end: Double) -> Part? {
    switch part(of: user) {
    case .training: end < cuts[0] ? .training : nil
    case .calibration: start >= cuts[0] && end < cuts[1] ? .calibration : nil
    case .test: start >= cuts[1] ? .test : nil
    }
  }
}
