import Contracts
import Tensors

enum SessionizationChecks {
  typealias Cutter = any SessionizationExercise

  static let all: [Check<Cutter>] = [
    pausesCut, ordersOfDelivery, duplicatesAndTies, usersAndMidnight, nothingIsLost, fullWindows, equalsPandas,
    badInput,
  ]

  static var pausesCut: Check<Cutter> {
    Check(
      "a pause longer than maxGap cuts, and nothing else does", points: 2,
      given: { random in
        let gap = 60 + random.below(4_000)
        let pauses = [gap, gap, gap - 1, gap + 1, gap + 1, 0, 1, 2 * gap] + (0..<20).map { _ in random.below(2 * gap) }
        let order = random.permutation(of: pauses.count)
        return [
          // A long visit without a long pause.
          Cut(log: oneUser((0...19).map { 1_000 + 600 * $0 }), maxGap: 1_800),
          Cut(log: oneUser([0, 1_800, 3_601, 3_601, 9_000]), maxGap: 1_800),
          Cut(
            log: oneUser(
              order.reduce(into: [5_000]) { times, index in times.append((times.last ?? 0) + pauses[index]) }),
            maxGap: gap),
          Cut(log: oneUser([7, 7, 8, 8, 8, 9]), maxGap: 0),
        ]
      },
      when: { cutter, cuts in try cuts.map { try cutter.sessionize($0.log, maxGap: $0.maxGap) } },
      then: { (seen: [[[LoggedEvent]]], cuts, reference) in
        let names = [
          "20 events, one every 600 s", "the times 0, 1800, 3601, 3601, 9000", "pauses about maxGap", "a maxGap of 0",
        ]
        guard seen.count == names.count else {
          throw Rejection(.wrongShape, "expected \(names.count) answers, seen \(seen.count)")
        }
        for (index, cut) in cuts.enumerated() {
          try expectSessions(
            seen[index], try reference.sessionize(cut.log, maxGap: cut.maxGap),
            "\(names[index]) at maxGap \(cut.maxGap)",
            suspects: [
              Suspect(
                cut.log.inOrder.cut(by: .pauseOfAtLeast(cut.maxGap)),
                "A pause of exactly maxGap stays within the session: > maxGap, not ≥."),
              Suspect(
                cut.log.inOrder.cut(by: .clock(max(1, cut.maxGap))),
                "You cut at fixed windows of the clock. That is one way to bound a sequence; a session ends with a pause."
              ),
              Suspect(
                cut.log.inOrder.cut(by: .timeSinceStart(cut.maxGap)),
                "You compare with the session's first event. The pause is the time since the previous one."),
            ])
        }
      })
  }

  static var ordersOfDelivery: Check<Cutter> {
    Check(
      "100 shuffles of a log give the same sessions", points: 1,
      given: { random in
        var log = randomLog(users: 4, events: 60, grid: 300, using: &random)
        for item in 10..<13 { log.append(event("u8", 600, item, log.count)) }  // ties in any case
        return Shuffles(log: log, orders: (0..<100).map { _ in random.permutation(of: log.count) })
      },
      when: { cutter, shuffles in
        // A row is told by its arrival: less to send than the rows.
        try shuffles.orders.map { order in
          try cutter.sessionize(order.map { shuffles.log[$0] }, maxGap: 1_800).map { $0.map(\.arrival) }
        }
      },
      then: { (seen: [[[Int]]], shuffles, reference) in
        guard seen.count == shuffles.orders.count else {
          throw Rejection(.wrongShape, "expected \(shuffles.orders.count) answers, seen \(seen.count)")
        }
        let expected = try reference.sessionize(shuffles.log, maxGap: 1_800).map { $0.map(\.arrival) }
        let kept = expected.flatMap { $0 }
        for (index, sessions) in seen.enumerated() where sessions != expected {
          let answered = sessions.flatMap { $0 }
          let sentence =
            if answered == shuffles.orders[index].map({ shuffles.log[$0].arrival }) {
              "The rows stand as they were delivered; a log need not be in order."
            } else if answered.count > kept.count {
              "Rows delivered twice are still there."
            } else if answered.sorted() != kept.sorted() {
              "Of rows that agree, the one with the smallest arrival is kept, wherever it stands in the log."
            } else if answered != kept {
              "Events of one second stand in the order in which the log was delivered. Their arrival decides, so that "
                + "the answer does not depend on the order of the rows."
            } else {
              "The events are right, the cuts are not."
            }
          throw Rejection(
            .wrongValue,
            "shuffle \(index + 1) of \(seen.count): expected the arrivals \(expected), seen \(sessions). \(sentence)")
        }
      })
  }

  static var duplicatesAndTies: Check<Cutter> {
    Check(
      "a duplicate goes, a tie stays", points: 2,
      given: { random in
        // Arrivals 0 … 7; the repeat of row 2 is not its neighbour among the rows of its second.
        let rows = [
          ("a", 100, "view", "i1"), ("a", 100, "view", "i2"), ("a", 100, "cart", "i1"), ("a", 100, "view", "i1"),
          ("b", 100, "view", "i1"), ("a", 101, "view", "i1"), ("a", 100, "view", "i2"), ("b", 100, "view", "i1"),
        ].enumerated().map { index, row in
          LoggedEvent(user: row.0, time: row.1, action: row.2, item: row.3, arrival: index)
        }
        return [
          random.permutation(of: rows.count).map { rows[$0] },
          randomLog(users: 5, events: 150, grid: 600, using: &random),
        ]
      },
      when: { cutter, logs in try logs.map { try cutter.clean($0) } },
      then: { (seen: [[LoggedEvent]], logs, reference) in
        guard seen.count == 2 else { throw Rejection(.wrongShape, "expected two cleaned logs, seen \(seen.count)") }
        for (index, log) in logs.enumerated() {
          let ordered = log.inOrder
          try expectEvents(
            seen[index], try reference.clean(log), index == 0 ? "eight rows of two users" : "a random log",
            suspects: [
              Suspect(ordered, "Nothing was removed: rows delivered twice are still there."),
              Suspect(
                ordered.firsts { "\($0.user) \($0.time)" },
                "Two different events of one second are two events: compare action and item, too."),
              Suspect(
                ordered.firsts { "\($0.user) \($0.time) \($0.item)" },
                "Two actions on one item in one second are two events: compare the action, too."),
              Suspect(
                ordered.firsts { "\($0.user) \($0.action) \($0.item)" },
                "The same action on the same item at another time is another event: compare the time, too."),
              Suspect(
                ordered.firsts { "\($0.time) \($0.action) \($0.item)" },
                "Two users who do the same in one second are two events: compare the user, too."),
              Suspect(
                ordered.reversed().firsts(by: identity).inOrder,
                "Of rows that agree you keep the last to arrive; the first is the event, the others are its echo."),
              Suspect(
                ordered.withoutRepeatedNeighbours,
                "A duplicate need not be its event's neighbour: other events of the same second may lie between."),
            ])
        }
      })
  }

  static var usersAndMidnight: Check<Cutter> {
    Check(
      "users never share a session, and midnight cuts nothing", points: 1,
      given: { random in
        let midnight = 86_400 * (20_000 + random.below(500))
        var log: [LoggedEvent] = []
        // Two users take turns every 200 s; a third comes from 23:50 to 00:10, and once more the next noon.
        for step in 0..<12 {
          log.append(event(step % 2 == 0 ? "anna" : "bo", midnight + 40_000 + 200 * step, step, log.count))
        }
        for minute in stride(from: -10, through: 10, by: 4) {
          log.append(event("chen", midnight + 60 * minute, minute, log.count))
        }
        log.append(event("chen", midnight + 43_200, 99, log.count))
        return random.permutation(of: log.count).map { log[$0] }
      },
      when: { cutter, log in try cutter.sessionize(log, maxGap: 1_800) },
      then: { (seen: [[LoggedEvent]], log, reference) in
        try expectSessions(
          seen, try reference.sessionize(log, maxGap: 1_800), "two users who take turns, and one visit over midnight",
          suspects: [
            Suspect(
              log.inOrder.cut(by: .acrossUsers(1_800)),
              "A session holds several users: compare a pause only between events of one user."),
            Suspect(
              log.sorted { $0.time < $1.time }.cut(by: .acrossUsers(1_800)),
              "A session holds several users: sort by user first, and begin a session with each user."),
            Suspect(
              log.sorted { $0.time < $1.time }.cut(by: .pauseOfAtLeast(1_801)),
              "Users who take turns cut each other's sessions: sort by user first."),
            Suspect(
              log.inOrder.cut(by: .clock(86_400)),
              "You cut by calendar days: the visit from 23:50 to 00:10 is one visit, and noon is another."),
          ])
      })
  }

  static var nothingIsLost: Check<Cutter> {
    Check(
      "the sessions put together are the cleaned log", points: 1,
      given: { random in
        [0, 1, 2, 40, 200].map { randomLog(users: 6, events: $0, grid: 450, using: &random) }
      },
      when: { cutter, logs in
        try logs.map { Together(cleaned: try cutter.clean($0), sessions: try cutter.sessionize($0, maxGap: 1_800)) }
      },
      then: { (seen: [Together], logs, reference) in
        guard seen.count == logs.count else {
          throw Rejection(.wrongShape, "expected \(logs.count) answers, seen \(seen.count)")
        }
        for (answer, log) in zip(seen, logs) {
          let what = "a log of \(log.count) rows"
          let joined = answer.sessions.flatMap { $0 }
          try expect(!answer.sessions.contains([]), "\(what): a session is empty")
          try expectEvents(
            joined, answer.cleaned, "\(what): the sessions put together",
            suspects: [
              Suspect(
                Array(answer.cleaned.prefix(joined.count)), "The last session is missing: close it after the loop.")
            ])
          try expectEvents(answer.cleaned, try reference.clean(log), "\(what), cleaned")
          try expectSessions(answer.sessions, try reference.sessionize(log, maxGap: 1_800), what)
        }
      })
  }

  static var fullWindows: Check<Cutter> {
    Check(
      "there are ⌊(n − L) / stride⌋ + 1 windows, all full", points: 1,
      given: { _ in oneUser((0..<20).map { 10 * $0 }) },
      when: { cutter, session in
        try windowShapes.map { shape in
          try cutter.windows(Array(session.prefix(shape.n)), length: shape.length, stride: shape.stride)
            .map { $0.map(\.arrival) }
        }
      },
      then: { (seen: [[[Int]]], _, _) in
        guard seen.count == windowShapes.count else {
          throw Rejection(.wrongShape, "expected \(windowShapes.count) answers, seen \(seen.count)")
        }
        for (shape, windows) in zip(windowShapes, seen) {
          let (n, length, stride) = shape
          let starts = Swift.stride(from: 0, to: n, by: stride)
          try expectEqual(
            windows, starts.filter { $0 + length <= n }.map { Array($0..<$0 + length) },
            "windows of \(length) every \(stride) in \(n) events",
            suspects: [
              Suspect(
                starts.map { Array($0..<min($0 + length, n)) },
                "The last ones are not full: a window that does not fit is left out."),
              Suspect(
                starts.filter { $0 + length < n }.map { Array($0..<$0 + length) },
                "The last window, which ends with the session, fits too: start ≤ n − L."),
              Suspect(
                (0..<n).filter { $0 + length <= n }.map { Array($0..<$0 + length) },
                "The windows start at every event; the next one starts `stride` events later."),
              Suspect(
                Swift.stride(from: 0, to: n, by: length).filter { $0 + length <= n }.map { Array($0..<$0 + length) },
                "The windows start every L events; the next one starts `stride` events later."),
            ])
        }
      })
  }

  static var equalsPandas: Check<Cutter> {
    Check(
      "2,000 rows give the sessions of pandas", points: 1,
      given: { _ in
        let goldens = try Goldens("Sessionization")
        let (users, times) = (try goldens.integers("number"), try goldens.integers("time"))
        let (actions, items) = (try goldens.integers("action"), try goldens.integers("item"))
        return try goldens.integers("arrival").enumerated().map { row, arrival in
          LoggedEvent(
            user: "u\(users[row])", time: times[row], action: "a\(actions[row])", item: "i\(items[row])",
            arrival: arrival
          )
        }
      },
      when: { cutter, log in try cutter.sessionize(log).map { $0.map(\.arrival) } },
      then: { (seen: [[Int]], log, _) in
        let goldens = try Goldens("Sessionization")
        let kept = try goldens.integers("kept")
        let answered = seen.flatMap { $0 }
        try expectEqual(answered.count, kept.count, "events that are left of \(log.count) rows")
        if let place = kept.indices.first(where: { answered[$0] != kept[$0] }) {
          let byArrival = Dictionary(uniqueKeysWithValues: log.map { ($0.arrival, $0) })
          throw Rejection(
            .wrongValue,
            "event \(place): expected \(describe(byArrival[kept[place]])), seen \(describe(byArrival[answered[place]]))"
          )
        }
        try expectEqual(seen.map(\.count), try goldens.integers("sizes"), "the sizes of the sessions")
      })
  }

  static var badInput: Check<Cutter> {
    .refuses(
      "bad input is refused", points: 1,
      [
        "a log with a time of −1": { _ = try $0.clean([event("a", 5, 0, 0), event("a", -1, 1, 1)]) },
        "sessions of a log with a time of −1": { _ = try $0.sessionize([event("a", -1, 0, 0)], maxGap: 60) },
        "a maxGap of −1": { _ = try $0.sessionize([event("a", 5, 0, 0)], maxGap: -1) },
        "windows of 0 events": { _ = try $0.windows([event("a", 5, 0, 0)], length: 0, stride: 1) },
        "a stride of 0": { _ = try $0.windows([event("a", 5, 0, 0)], length: 1, stride: 0) },
      ])
  }

  /// Every n in 0...20, L in 1...6 and stride in 1...4.
  private static let windowShapes: [(n: Int, length: Int, stride: Int)] = (0...20).flatMap { n in
    (1...6).flatMap { length in (1...4).map { stride in (n, length, stride) } }
  }
}

// MARK: - Logs

private struct Cut: Codable {
  var log: [LoggedEvent]
  var maxGap: Int
}

private struct Shuffles: Codable {
  var log: [LoggedEvent]
  var orders: [[Int]]
}

private struct Together: Codable {
  var cleaned: [LoggedEvent]
  var sessions: [[LoggedEvent]]
}

private func event(_ user: String, _ time: Int, _ item: Int, _ arrival: Int) -> LoggedEvent {
  LoggedEvent(user: user, time: time, action: "view", item: "i\(item)", arrival: arrival)
}

/// One user who looks at an item after the other.
private func oneUser(_ times: [Int]) -> [LoggedEvent] {
  times.enumerated().map { event("anna", $1, $0, $0) }
}

/// Rows in random order, with ties, pauses that are multiples of `grid`, and about one in eight delivered twice.
private func randomLog(users: Int, events: Int, grid: Int, using random: inout SeededRandom) -> [LoggedEvent] {
  var log: [LoggedEvent] = []
  for _ in 0..<events {
    if !log.isEmpty && random.bool(probability: 0.125) {
      log.append(log[random.below(log.count)])
    } else {
      // Of names of different lengths "u10" comes before "u9", as texts do.
      log.append(
        LoggedEvent(
          user: "u\(8 + random.below(users))", time: grid * random.below(200),
          action: random.bool(probability: 0.5) ? "view" : "cart",
          item: "i\(random.below(3))", arrival: 0))
    }
  }
  for (row, arrival) in random.permutation(of: log.count).enumerated() { log[row].arrival = arrival }
  return log
}

private func identity(_ event: LoggedEvent) -> String { "\(event.user) \(event.time) \(event.action) \(event.item)" }

extension Sequence where Element == LoggedEvent {
  /// The first row of each name.
  fileprivate func firsts(by name: (LoggedEvent) -> String) -> [LoggedEvent] {
    var seen = Set<String>()
    return filter { seen.insert(name($0)).inserted }
  }
}

extension [LoggedEvent] {
  /// The rows that do not repeat the one before.
  fileprivate var withoutRepeatedNeighbours: [LoggedEvent] {
    indices.filter { $0 == 0 || identity(self[$0]) != identity(self[$0 - 1]) }.map { self[$0] }
  }
}

// MARK: - Judging

private func describe(_ event: LoggedEvent?) -> String {
  guard let event else { return "no row of the log" }
  return "\(event.user) at \(event.time) s: \(event.action) \(event.item) (arrival \(event.arrival))"
}

private func sentence<Value: Equatable>(_ seen: Value, _ suspects: [Suspect<Value>]) -> String {
  suspects.first { $0.value == seen }.map { " \($0.sentence)" } ?? ""
}

private func expectEvents(
  _ seen: [LoggedEvent], _ expected: [LoggedEvent], _ what: String, suspects: [Suspect<[LoggedEvent]>] = []
) throws {
  guard seen != expected else { return }
  let named = sentence(seen, suspects)
  guard seen.count == expected.count else {
    throw Rejection(.wrongValue, "\(what): expected \(expected.count) events, seen \(seen.count).\(named)")
  }
  let place = expected.indices.first { seen[$0] != expected[$0] } ?? 0
  throw Rejection(
    .wrongValue,
    "\(what), event \(place): expected \(describe(expected[place])), seen \(describe(seen[place])).\(named)")
}

private func expectSessions(
  _ seen: [[LoggedEvent]], _ expected: [[LoggedEvent]], _ what: String, suspects: [Suspect<[[LoggedEvent]]>] = []
) throws {
  guard seen != expected else { return }
  let named = sentence(seen, suspects)
  try expect(
    seen.map(\.count) == expected.map(\.count),
    "\(what): expected sessions of \(expected.map(\.count)) events, seen \(seen.map(\.count)).\(named)")
  try expectEvents(seen.flatMap { $0 }, expected.flatMap { $0 }, what)
}
