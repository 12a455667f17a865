import Contracts
import Curriculum
import Solutions

let sessionizationMistakes = [
  Mistake(
    WindowsOfTheClock.self, in: .sessionization, rejectedBy: "a pause longer than maxGap cuts, and nothing else does",
    saying: "fixed windows of the clock"),
  Mistake(
    PauseOfExactlyMaxGapCuts.self, in: .sessionization,
    rejectedBy: "a pause longer than maxGap cuts, and nothing else does", saying: "> maxGap, not ≥"),
  Mistake(
    TimeSinceFirstEvent.self, in: .sessionization,
    rejectedBy: "a pause longer than maxGap cuts, and nothing else does",
    saying: "compare with the session's first event"),
  Mistake(
    TrustsTheOrderOfDelivery.self, in: .sessionization, rejectedBy: "100 shuffles of a log give the same sessions",
    saying: "a log need not be in order"),
  Mistake(
    TiesAsDelivered.self, in: .sessionization, rejectedBy: "100 shuffles of a log give the same sessions",
    saying: "Their arrival decides"),
  Mistake(
    KeepsDuplicates.self, in: .sessionization, rejectedBy: "a duplicate goes, a tie stays",
    saying: "Nothing was removed"),
  Mistake(
    OneEventASecond.self, in: .sessionization, rejectedBy: "a duplicate goes, a tie stays",
    saying: "Two different events of one second"),
  Mistake(
    OnlyNeighboursAreDuplicates.self, in: .sessionization, rejectedBy: "a duplicate goes, a tie stays",
    saying: "need not be its event's neighbour"),
  Mistake(
    PausesAcrossUsers.self, in: .sessionization, rejectedBy: "users never share a session, and midnight cuts nothing",
    saying: "holds several users"),
  Mistake(
    CalendarDays.self, in: .sessionization, rejectedBy: "users never share a session, and midnight cuts nothing",
    saying: "from 23:50 to 00:10 is one visit"),
  Mistake(
    ForgetsTheLastSession.self, in: .sessionization, rejectedBy: "the sessions put together are the cleaned log",
    saying: "The last session is missing"),
  Mistake(
    PartialWindows.self, in: .sessionization, rejectedBy: "there are ⌊(n − L) / stride⌋ + 1 windows, all full",
    saying: "a window that does not fit is left out"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: SessionizationExercise {}

extension MostlyRight {
  var right: Sessionization { Sessionization() }

  func clean(_ log: [LoggedEvent]) throws -> [LoggedEvent] { try right.clean(log) }
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    try right.sessionize(log, maxGap: maxGap)
  }
  func windows(_ session: [LoggedEvent], length: Int, stride: Int) throws -> [[LoggedEvent]] {
    try right.windows(session, length: length, stride: stride)
  }

  /// The sessions of cleaned events by another rule; it is told the session so far, never empty, and the next event.
  func sessions(
    of events: [LoggedEvent], cutting cuts: (_ session: [LoggedEvent], _ next: LoggedEvent) -> Bool
  ) -> [[LoggedEvent]] {
    events.reduce(into: []) { sessions, event in
      if let session = sessions.last, !cuts(session, event) {
        sessions[sessions.count - 1].append(event)
      } else {
        sessions.append([event])
      }
    }
  }
}

/// The document's definition: operations "within a certain time window".
private struct WindowsOfTheClock: MostlyRight {
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    let window = max(1, maxGap)
    return sessions(of: try clean(log)) { $0[0].user != $1.user || $0[0].time / window != $1.time / window }
  }
}

private struct PauseOfExactlyMaxGapCuts: MostlyRight {
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    sessions(of: try clean(log)) { $0[0].user != $1.user || $1.time - $0[$0.count - 1].time >= maxGap }
  }
}

private struct TimeSinceFirstEvent: MostlyRight {
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    sessions(of: try clean(log)) { $0[0].user != $1.user || $1.time - $0[0].time > maxGap }
  }
}

/// The document's "in order of time", taken as given.
private struct TrustsTheOrderOfDelivery: MostlyRight {
  func clean(_ log: [LoggedEvent]) throws -> [LoggedEvent] { log }
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    sessions(of: try clean(log)) { $0[0].user != $1.user || $1.time - $0[$0.count - 1].time > maxGap }
  }
}

/// Sorts by user and time alone, and leaves ties in the order of the rows.
private struct TiesAsDelivered: MostlyRight {
  func clean(_ log: [LoggedEvent]) throws -> [LoggedEvent] {
    let kept = Set(try right.clean(log))
    return log.filter { kept.contains($0) }.enumerated()
      .sorted { ($0.element.user, $0.element.time, $0.offset) < ($1.element.user, $1.element.time, $1.offset) }
      .map(\.element)
  }
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    sessions(of: try clean(log)) { $0[0].user != $1.user || $1.time - $0[$0.count - 1].time > maxGap }
  }
}

private struct KeepsDuplicates: MostlyRight {
  func clean(_ log: [LoggedEvent]) throws -> [LoggedEvent] {
    log.sorted { ($0.user, $0.time, $0.arrival) < ($1.user, $1.time, $1.arrival) }
  }
}

private struct OneEventASecond: MostlyRight {
  func clean(_ log: [LoggedEvent]) throws -> [LoggedEvent] {
    sessions(of: try right.clean(log)) { $0[0].user != $1.user || $0[0].time != $1.time }.map { $0[0] }
  }
}

private struct OnlyNeighboursAreDuplicates: MostlyRight {
  func clean(_ log: [LoggedEvent]) throws -> [LoggedEvent] {
    let ordered = log.sorted { ($0.user, $0.time, $0.arrival) < ($1.user, $1.time, $1.arrival) }
    return sessions(of: ordered) { run, next in
      var last = run[0]
      last.arrival = next.arrival
      return last != next
    }.map { $0[0] }
  }
}

/// `diff()` without `groupby`.
private struct PausesAcrossUsers: MostlyRight {
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    sessions(of: try clean(log)) { $1.time - $0[$0.count - 1].time > maxGap }
  }
}

private struct CalendarDays: MostlyRight {
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    sessions(of: try clean(log)) { $0[0].user != $1.user || $0[0].time / 86_400 != $1.time / 86_400 }
  }
}

private struct ForgetsTheLastSession: MostlyRight {
  func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    Array(try right.sessionize(log, maxGap: maxGap).dropLast())
  }
}

private struct PartialWindows: MostlyRight {
  func windows(_ session: [LoggedEvent], length: Int, stride: Int) throws -> [[LoggedEvent]] {
    Swift.stride(from: 0, to: session.count, by: max(1, stride)).map { start in
      Array(session[start..<min(start + max(1, length), session.count)])
    }
  }
}
