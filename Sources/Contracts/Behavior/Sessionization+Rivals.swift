/// Other ways to cut a log: a baseline of the demo, and mistakes for the checks to name.
package enum CutRule: Sendable, Hashable {
  /// A pause of `maxGap` itself already cuts.
  case pauseOfAtLeast(Int)
  /// The time since the session's first event is compared, not the pause.
  case timeSinceStart(Int)
  /// The clock cuts, every so many seconds: 86,400 are calendar days (UTC).
  case clock(Int)
  /// Pauses between rows of different users are compared like those of one user.
  case acrossUsers(Int)

  /// Whether `event` starts a new session after `previous`.
  fileprivate func cuts(_ event: LoggedEvent, after previous: LoggedEvent, start: LoggedEvent) -> Bool {
    let isOther = event.user != previous.user
    return switch self {
    case .pauseOfAtLeast(let gap): isOther || event.time - previous.time >= gap
    case .timeSinceStart(let gap): isOther || event.time - start.time > gap
    case .clock(let window): isOther || event.time / window != previous.time / window
    case .acrossUsers(let gap): event.time - previous.time > gap
    }
  }
}

extension [LoggedEvent] {
  /// The sessions of a cleaned log by another rule.
  package func cut(by rule: CutRule) -> [[LoggedEvent]] {
    var sessions: [[LoggedEvent]] = []
    var session: [LoggedEvent] = []
    for event in self {
      if let start = session.first, let previous = session.last, rule.cuts(event, after: previous, start: start) {
        sessions.append(session)
        session.removeAll()
      }
      session.append(event)
    }
    return session.isEmpty ? sessions : sessions + [session]
  }

  /// The rows by (user, time, arrival), with nothing removed.
  package var inOrder: [LoggedEvent] {
    sorted { ($0.user, $0.time, $0.arrival) < ($1.user, $1.time, $1.arrival) }
  }
}
