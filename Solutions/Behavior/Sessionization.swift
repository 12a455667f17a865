import Contracts

/// Sessions by inactivity, and windows within them.
///
/// Catledge & Pitkow, "Characterizing browsing strategies in the World-Wide Web", Computer Networks and ISDN Systems
/// 27 (1995), cut at a pause (theirs of 25.5 minutes); 30 minutes became the convention of web analytics. Halfaker et
/// al., "User session identification based on strong regularities in inter-activity time", WWW 2015, give reasons for
/// a cut of about an hour.
public struct Sessionization: SessionizationExercise {
  /// Makes the reference.
  public init() {}

  /// What makes two rows one event: everything but the arrival.
  private struct Identity: Hashable {
    let user: String
    let time: Int
    let action: String
    let item: String
  }

  /// Sorts, and keeps the first row of each event.
  public func clean(_ log: [LoggedEvent]) throws -> [LoggedEvent] {
    if let early = log.first(where: { $0.time < 0 }) { throw BadInput("\(early.user) acts at \(early.time) s") }
    // With the arrival as the last key no two rows are equal, so that no sort has to be stable.
    let ordered = log.sorted { ($0.user, $0.time, $0.arrival) < ($1.user, $1.time, $1.arrival) }
    // A set, because the duplicate of an event need not be its neighbour: others of the same second lie between.
    var seen = Set<Identity>()
    return ordered.filter { event in
      seen.insert(Identity(user: event.user, time: event.time, action: event.action, item: event.item)).inserted
    }
  }

  /// Starts a session at each user's first event and after each pause longer than `maxGap`.
  public func sessionize(_ log: [LoggedEvent], maxGap: Int) throws -> [[LoggedEvent]] {
    try BadInput.unless(maxGap >= 0, "the longest pause is \(maxGap) s")
    var sessions: [[LoggedEvent]] = []
    var previous: LoggedEvent?
    for event in try clean(log) {
      if let previous, previous.user == event.user, event.time - previous.time <= maxGap {
        sessions[sessions.count - 1].append(event)
      } else {
        sessions.append([event])
      }
      previous = event
    }
    return sessions
  }

  /// Starts a window every `stride` events, as long as it fits whole.
  public func windows(_ session: [LoggedEvent], length: Int, stride: Int) throws -> [[LoggedEvent]] {
    try BadInput.unless(length >= 1, "a window of \(length) events")
    try BadInput.unless(stride >= 1, "a stride of \(stride) events")
    guard session.count >= length else { return [] }
    return Swift.stride(from: 0, through: session.count - length, by: stride).map { start in
      Array(session[start..<start + length])
    }
  }
}
