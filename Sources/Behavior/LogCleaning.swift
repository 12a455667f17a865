/// Why an event was taken out of a log.
public enum LogFault: String, Sendable, Hashable, CaseIterable {
  /// All its fields are those of an event that was kept.
  case duplicate
  /// Its time lies before the earliest that is believed: a clock that was never set.
  case tooEarly
  /// Its time lies far ahead of the events that arrived before and after it: a clock that runs ahead.
  case ahead
  /// It arrived after the stream had gone on (`EventOrder`).
  case late
}

/// An event that was taken out, and why.
public struct FaultyEvent: Sendable, Hashable {
  /// The event.
  public let event: Event
  /// Why it was taken out.
  public let fault: LogFault

  /// An event that was taken out, and why.
  public init(event: Event, fault: LogFault) {
    self.event = event
    self.fault = fault
  }
}

/// What a whole log must be before its sessions are cut: sorted, each event once, no time that cannot be.
///
/// - **Duplicates.** Events whose eight fields are all equal are one event; the first is kept. The same click at
///   another time, or with another value, is another event.
/// - **Order.** Sorted by user, then time; events of the same user and time keep the order in which they came.
/// - **Clocks.** An event before `earliest` is taken out. So is one of a user's events, or two in a row, whose time is
///   more than `maximumJump` after the user's event that arrived before, when the next to arrive lies within
///   `maximumJump` of that one: the clock ran ahead and came back. A jump from which the user's events do not come back
///   is a pause, and stays.
///
/// Nothing is lost: every event is in `Cleaned.events` or in `Cleaned.faulty`.
///
///     let clean = LogCleaning().clean(log.events)
///     clean.faulty.count { $0.fault == .duplicate }
public struct LogCleaning: Sendable, Hashable {
  /// The earliest time that is believed, in seconds since 1970.
  public var earliest: Double
  /// The longest jump ahead that is believed although the clock comes back, in seconds.
  public var maximumJump: Double

  /// What is believed of a log's clocks.
  ///
  /// - Precondition: `maximumJump` is not negative.
  public init(earliest: Double = 0, maximumJump: Double = 86_400) {
    precondition(maximumJump >= 0, "maximumJump must not be negative, found \(maximumJump)")
    self.earliest = earliest
    self.maximumJump = maximumJump
  }

  /// A cleaned log.
  public struct Cleaned: Sendable, Hashable {
    /// The events by user, time and arrival.
    public var events: [Event]
    /// The events that were taken out, in the order in which they came.
    public var faulty: [FaultyEvent]
    /// How many of `events` came after a later event of the same user.
    public var outOfOrder: Int
  }

  /// Cleans a log.
  ///
  /// Complexity: O(n log n).
  ///
  /// - Parameter events: the events in the order in which they came.
  /// - Returns: the events to go on with, and those taken out.
  /// - Precondition: every time is finite.
  public func clean(_ events: [Event]) -> Cleaned {
    var faults = [LogFault?](repeating: nil, count: events.count)
    var seen = Set<Event>(minimumCapacity: events.count)
    var users: [String: Int] = [:]
    var arrivals: [[Int]] = []  // of each user
    for (index, event) in events.enumerated() {
      precondition(event.time.isFinite, "event \(index): the time must be finite, found \(event.time)")
      if !seen.insert(event).inserted {
        faults[index] = .duplicate
      } else if event.time < earliest {
        faults[index] = .tooEarly
      } else if let user = users[event.user] {
        arrivals[user].append(index)
      } else {
        users[event.user] = arrivals.count
        arrivals.append([index])
      }
    }
    var outOfOrder = 0
    for arrivals in arrivals {
      var latest = -Double.infinity
      var before: Double?
      var place = 0
      while place < arrivals.count {
        let time = events[arrivals[place]].time
        if let before, let length = excursion(from: before, at: place, arrivals, events) {
          for index in arrivals[place..<place + length] { faults[index] = .ahead }
          place += length
          continue
        }
        if time < latest { outOfOrder += 1 }
        latest = max(latest, time)
        before = time
        place += 1
      }
    }
    let kept = events.indices.filter { faults[$0] == nil }.sorted { a, b in
      let (first, second) = (events[a], events[b])
      if first.user != second.user { return first.user < second.user }
      return first.time != second.time ? first.time < second.time : a < b
    }
    let faulty = faults.enumerated().compactMap { index, fault in
      fault.map { FaultyEvent(event: events[index], fault: $0) }
    }
    return Cleaned(events: kept.map { events[$0] }, faulty: faulty, outOfOrder: outOfOrder)
  }

  /// How many arrivals, one or two, run ahead of `before` and are followed by one that is back; nil where none do.
  private func excursion(from before: Double, at place: Int, _ arrivals: [Int], _ events: [Event]) -> Int? {
    for length in 1...2 where place + length < arrivals.count {
      guard events[arrivals[place + length - 1]].time > before + maximumJump else { return nil }
      if abs(events[arrivals[place + length]].time - before) <= maximumJump { return length }
    }
    return nil
  }
}
