/// A user's events without a long pause.
public struct Session: Codable, Sendable, Hashable {
  /// Who it was.
  public var user: String

  /// The events in order of time; never empty when made by `sessions(gap:)`.
  public var events: [Event]

  /// A session.
  public init(user: String, events: [Event]) {
    self.user = user
    self.events = events
  }

  /// The time of the first event, in seconds; 0 without events.
  public var start: Double { events.first?.time ?? 0 }

  /// The time of the last event, in seconds; 0 without events.
  public var end: Double { events.last?.time ?? 0 }

  /// Seconds from the first event to the last.
  public var duration: Double { end - start }
}

extension Array where Element == Event {
  /// Cuts each user's events into sessions by pauses.
  ///
  /// A pause *longer* than `gap` starts a new session; a pause of exactly `gap` does not. Events may come in any
  /// order: each user's are sorted by time first, and events of the same time keep the order in which they came.
  ///
  ///     events.sessions(gap: 1_800).map(\.events.count)
  ///
  /// Complexity: O(n log n).
  ///
  /// - Parameter gap: the longest pause within a session, in seconds.
  /// - Returns: the sessions user by user, the users in order of their first appearance, each user's by time.
  /// - Precondition: `gap` is not negative and every time is finite.
  public func sessions(gap: Double = 1_800) -> [Session] {
    precondition(gap >= 0, "sessions(gap:): the gap must not be negative, found \(gap)")
    var sessions: [Session] = []
    for (user, events) in groupedByUser() {
      var current: [Event] = []
      for event in events {
        if let last = current.last, event.time - last.time > gap {
          sessions.append(Session(user: user, events: current))
          current.removeAll()
        }
        current.append(event)
      }
      sessions.append(Session(user: user, events: current))
    }
    return sessions
  }

  /// Each user's events by time, the users in order of their first appearance.
  public func groupedByUser() -> [(user: String, events: [Event])] {
    var position: [String: Int] = [:]
    var groups: [(user: String, events: [Event])] = []
    for event in self {
      if let index = position[event.user] {
        groups[index].events.append(event)
      } else {
        position[event.user] = groups.count
        groups.append((event.user, [event]))
      }
    }
    for index in groups.indices { groups[index].events = groups[index].events.sortedByTime() }
    return groups
  }

  /// The events in order of time; events of the same time keep their order.
  ///
  /// - Precondition: every time is finite.
  public func sortedByTime() -> [Event] {
    var ordered = true
    for index in indices {
      precondition(self[index].time.isFinite, "event \(index): the time must be finite, found \(self[index].time)")
      if index > 0 && self[index].time < self[index - 1].time { ordered = false }
    }
    if ordered { return self }
    // The position breaks ties, because the standard library does not promise a stable sort.
    let order = indices.sorted { a, b in
      self[a].time != self[b].time ? self[a].time < self[b].time : a < b
    }
    return order.map { self[$0] }
  }
}
