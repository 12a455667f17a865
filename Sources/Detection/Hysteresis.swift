/// Turns a score per event into alarms: one opens at `open` or more and closes below `close`, so that a score which
/// flickers between the two stays one alarm.
public struct Hysteresis: Codable, Sendable, Equatable {
  /// The score at which an alarm opens.
  public var open: Double
  /// The score below which it closes.
  public var close: Double

  /// Thresholds.
  ///
  /// - Precondition: `close` is not above `open`, and neither is NaN.
  public init(open: Double, close: Double) {
    precondition(close <= open, "Hysteresis: close (\(close)) must not be above open (\(open))")
    self.open = open
    self.close = close
  }

  /// What an event does to an alarm.
  public enum Change: Sendable, Hashable {
    /// There was none, and is none.
    case quiet
    /// One begins with this event.
    case opens
    /// The event lies inside.
    case goesOn
    /// The alarm ended with the event before.
    case closes
  }

  /// What a score does.
  public func change(isOpen: Bool, score: Double) -> Change {
    if isOpen { return score < close ? .closes : .goesOn }
    return score >= open ? .opens : .quiet
  }

  /// The alarms of a whole trace: the first and the last index inside each.
  public func intervals(_ scores: [Double]) -> [ClosedRange<Int>] {
    var intervals: [ClosedRange<Int>] = []
    var first: Int?
    for (index, score) in scores.enumerated() {
      switch change(isOpen: first != nil, score: score) {
      case .opens: first = index
      case .closes:
        if let start = first { intervals.append(start...index - 1) }
        first = nil
      case .quiet, .goesOn: break
      }
    }
    if let first { intervals.append(first...scores.count - 1) }
    return intervals
  }
}

/// The position of the largest number; the lower one of equals.
func indexOfLargest(_ values: [Double]) -> Int {
  var best = 0
  for index in values.indices where values[index] > values[best] { best = index }
  return best
}
