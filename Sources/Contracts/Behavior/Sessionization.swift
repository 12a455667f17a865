/// From an event log to sessions and windows: what a behaviour sequence is, with every boundary stated.
///
/// A log comes in any order of its rows; it may hold rows twice, and several events of one second. A session is a
/// user's events without a long pause, and is given as the list of these events.
public protocol SessionizationExercise: ExerciseContract {
  /// Orders a log and removes what was delivered twice.
  ///
  /// Rows that agree in user, time, action *and* item are one event: of these the row that arrived first is kept.
  /// Different events of one second are all kept.
  ///
  /// - Parameter log: rows in any order; each has an `arrival` of its own.
  /// - Returns: the events by (user, time, arrival), the users in the order of their names as texts (`<` of `String`).
  ///   The events themselves are not changed. A log without rows gives none.
  /// - Throws: if a time is negative.
  func clean(_ log: [LoggedEvent]) throws -> [LoggedEvent]

  /// Cleans a log and cuts each user's events into sessions by pauses.
  ///
  /// An event starts a new session iff it is its user's first, or its time minus the time of the user's *previous*
  /// event is *greater* than `maxGap`.
  ///
  /// - Parameters:
  ///   - log: rows in any order, with duplicates.
  ///   - maxGap: the longest pause within a session, in seconds, at least 0.
  /// - Returns: the sessions in the order of the cleaned log, none of them empty.
  /// - Throws: as `clean`, and if `maxGap` is negative.
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]]

  /// The windows of one length within a session, from the first event on: events 0 ..< L, stride ..< stride + L, …
  ///
  /// - Parameters:
  ///   - session: n events in order.
  ///   - length: L, the events in a window, at least 1.
  ///   - stride: how many events lie between the starts of two windows, at least 1; it may exceed L.
  /// - Returns: the ⌊(n − L) / stride⌋ + 1 full windows if n ≥ L, else none.
  /// - Throws: if `length` or `stride` is below 1.
  func windows(_ session: [LoggedEvent], length: Int, stride: Int) throws -> [[LoggedEvent]]
}

extension SessionizationExercise {
  /// Sessions cut at pauses of more than 30 minutes, the convention of web analytics.
  public func sessionize(_ log: [LoggedEvent]) throws -> [[LoggedEvent]] { try sessionize(log, maxGap: 1_800) }
}

/// One row of a log as it arrived.
public struct LoggedEvent: Codable, Sendable, Hashable {
  /// Who did it.
  public var user: String

  /// When, in whole seconds, at least 0.
  public var time: Int

  /// What was done, such as `view`.
  public var action: String

  /// What it was done to, or empty.
  public var item: String

  /// The number of the row in the order of arrival; no two rows of a log share one.
  public var arrival: Int

  /// A row.
  public init(user: String, time: Int, action: String, item: String, arrival: Int) {
    self.user = user
    self.time = time
    self.action = action
    self.item = item
    self.arrival = arrival
  }
}
