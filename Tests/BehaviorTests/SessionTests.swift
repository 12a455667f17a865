import Behavior
import Testing

private func event(_ user: String, _ time: Double, _ action: Action = .view) -> Event {
  Event(user: user, time: time, action: action)
}

@Test("a pause of exactly the gap stays within a session, a longer one ends it")
func gapBoundary() {
  let events = [event("a", 0), event("a", 30), event("a", 60.001)]
  #expect(events.sessions(gap: 30).map(\.events.count) == [2, 1])
  #expect([event("a", 0), event("a", 30), event("a", 60)].sessions(gap: 30).map(\.events.count) == [3])
  #expect([event("a", 5), event("a", 5)].sessions(gap: 0).map(\.events.count) == [2])
}

@Test("the gap is between neighbours, not from the start of the session")
func gapIsBetweenNeighbours() {
  let events = (0..<10).map { event("a", Double($0) * 20) }
  #expect(events.sessions(gap: 30).map(\.duration) == [180])
}

@Test("events out of order are sorted, and those of one time keep their order")
func outOfOrder() {
  let events = [
    event("a", 50, .purchase), event("b", 1), event("a", 10, .login), event("a", 50, .review), event("a", 20, .view),
  ]
  let sessions = events.sessions(gap: 100)
  #expect(sessions.map(\.user) == ["a", "b"])
  #expect(sessions[0].events.map(\.action) == [.login, .view, .purchase, .review])
  #expect(sessions[0].start == 10 && sessions[0].end == 50)
}

@Test("users are kept apart, and no events make no sessions")
func usersApart() {
  let events = (0..<6).map { event($0.isMultiple(of: 2) ? "a" : "b", Double($0)) }
  #expect(events.sessions(gap: 5).map(\.events.count) == [3, 3])
  #expect([Event]().sessions(gap: 5).isEmpty)
}

extension Action {
  fileprivate static let login = Action.loginApp
}
