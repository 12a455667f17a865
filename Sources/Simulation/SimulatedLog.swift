import Behavior

/// What a simulator made, and everything that is known about it.
public struct SimulatedLog: Sendable {
  /// All events by time.
  public let events: [Event]
  /// What is hidden in them, by start.
  public let anomalies: [Anomaly]
  /// For each event the position in `anomalies` of what made it, or -1 for an honest one.
  public let causes: [Int32]
  /// The accounts; empty where the simulator does not tell.
  public let accounts: [Account]
  /// What the shop sells; within each category the most popular first.
  public let items: [ShopItem]

  /// A log whose anomalies' spans hold no honest events of their users.
  init(events: [Event], anomalies: [Anomaly], items: [ShopItem]) {
    self.events = events
    self.anomalies = anomalies
    self.items = items
    accounts = []
    var byUser: [String: [Int32]] = [:]
    for (index, anomaly) in anomalies.enumerated() {
      for user in anomaly.users { byUser[user, default: []].append(Int32(index)) }
    }
    causes = events.map { event in
      byUser[event.user]?.first { anomalies[Int($0)].start <= event.time && event.time <= anomalies[Int($0)].end } ?? -1
    }
  }

  /// A log in the order of users; schemes without a span did not come about.
  init(
    events: [Event], causes: [Int32], schemes: [Scheme], spans: [ClosedRange<Double>?], accounts: [Account],
    items: [ShopItem]
  ) {
    let happened = schemes.indices.compactMap { scheme in spans[scheme].map { (scheme: scheme, span: $0) } }
      .sorted { ($0.span.lowerBound, $0.scheme) < ($1.span.lowerBound, $1.scheme) }
    var numbers = [Int32](repeating: -1, count: schemes.count)
    for (number, entry) in happened.enumerated() { numbers[entry.scheme] = Int32(number) }
    anomalies = happened.map { entry in
      let scheme = schemes[entry.scheme]
      return Anomaly(
        kind: scheme.kind, users: scheme.users.map { accounts[$0].name }, start: entry.span.lowerBound,
        end: entry.span.upperBound, severity: scheme.severity, seller: scheme.seller,
        isCamouflaged: scheme.isCamouflaged)
    }
    let order = SimulatedLog.orderByTime(events)
    self.events = order.map { events[$0] }
    self.causes = order.map { causes[$0] < 0 ? -1 : numbers[Int(causes[$0])] }
    self.accounts = accounts
    self.items = items
  }

  /// The positions of the events by time, equal times in the order of the positions.
  private static func orderByTime(_ events: [Event]) -> [Int] {
    guard let first = events.map(\.time).min() else { return [] }
    // Milliseconds and position in one number sort many times as fast as a closure compares.
    let width = UInt64(64 - events.count.leadingZeroBitCount)
    var keys = events.enumerated().map { index, event in
      UInt64(((event.time - first) * 1_000).rounded()) << width | UInt64(index)
    }
    keys.sort()
    return keys.map { Int($0 & (1 << width - 1)) }
  }

  /// The kind of anomaly that a session belongs to, or nil for an honest one.
  ///
  /// Whether a span touches the session; `labelledSessions` asks each event and is exact.
  public func label(of session: Session) -> AnomalyKind? {
    anomalies.first { $0.kind != .churn && $0.touches(session) }?.kind
  }

  /// The anomaly that made an event, or nil for an honest one.
  public func anomaly(ofEvent index: Int) -> Anomaly? {
    causes[index] < 0 ? nil : anomalies[Int(causes[index])]
  }

  /// The table that detectors are trained and judged on.
  ///
  /// - Parameter gap: the longest pause within a session, in seconds.
  /// - Returns: the sessions, each with the kind of anomaly that made any of its events, or nil for an honest one.
  public func labelledSessions(gap: Double = 1_800) -> [(session: Session, label: AnomalyKind?)] {
    flaggedSessions(gap: gap).map { entry in
      (entry.session, entry.causes.first { $0 >= 0 }.map { anomalies[Int($0)].kind })
    }
  }

  /// The sessions with the cause of each of their events.
  ///
  /// - Parameter gap: the longest pause within a session, in seconds.
  /// - Returns: the sessions user by user, the users in order of their first appearance; `causes` as in the log.
  public func flaggedSessions(gap: Double = 1_800) -> [(session: Session, causes: [Int32])] {
    precondition(gap >= 0, "flaggedSessions(gap:): the gap must not be negative, found \(gap)")
    var position: [String: Int] = [:]
    var groups: [[Int]] = []
    for (index, event) in events.enumerated() {
      if let group = position[event.user] {
        groups[group].append(index)
      } else {
        position[event.user] = groups.count
        groups.append([index])
      }
    }
    var sessions: [(session: Session, causes: [Int32])] = []
    for group in groups {
      var first = 0
      for next in 1..<(group.count + 1) {
        let isOver = next == group.count || events[group[next]].time - events[group[next - 1]].time > gap
        guard isOver else { continue }
        let indices = group[first..<next]
        sessions.append(
          (Session(user: events[group[0]].user, events: indices.map { events[$0] }), indices.map { causes[$0] }))
        first = next
      }
    }
    return sessions
  }
}
