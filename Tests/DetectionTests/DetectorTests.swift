import Behavior
import Foundation
import Tensors
import Testing

@testable import Detection

@Suite("Detecting")
struct DetectorTests {
  @Test("changing later events never changes an earlier score")
  func causality() throws {
    let fixture = try Fixture.shared.get()
    let events = Array(fixture.events.prefix(3_000))
    var changed = events
    let cut = 2_000
    for index in cut..<events.count {
      changed[index].action = .purchase
      changed[index].value = 9_999
      changed[index].device = "x"
    }
    func scores(_ events: [Event]) -> [Double] {
      let detector = Detector(fixture.labelled.model)
      var alerts: [Alert] = []
      return events.map { event in
        detector.add(event, into: &alerts)
        return detector.lastScore
      }
    }
    let (before, after) = (scores(events), scores(changed))
    #expect(before[..<cut] == after[..<cut] && before[cut...] != after[cut...])
  }

  @Test("an alert names its user, times within the log, a type, a score above the threshold, and why")
  func alerts() throws {
    let fixture = try Fixture.shared.get()
    let model = fixture.labelled.model
    let alerts = Fixture.alerts(model, fixture.events)
    #expect(alerts.count > 20 && Set(alerts.map(\.id)).count == alerts.count)
    let times = Dictionary(grouping: fixture.events, by: \.user).mapValues { Set($0.map(\.time)) }
    for alert in alerts {
      #expect(times[alert.user]?.contains(alert.start) == true && times[alert.user]?.contains(alert.end) == true)
      #expect(alert.start <= alert.end && alert.events > 0 && alert.score >= model.settings.thresholds.open)
      #expect(fixture.labels.types.contains(alert.type))
      #expect((1...3).contains(alert.why.events.count) && alert.why.events.allSatisfy { $0.raised > 0 })
      #expect(alert.why.events.allSatisfy { times[alert.user]?.contains($0.time) == true })
      #expect(alert.reason.contains("expected"))
    }
    let line = try AlertFormat.csv.line(alerts[0])
    #expect(CSV.records(line).first?.fields.count == Alert.columns.count)
    let json = try AlertFormat.jsonLines.line(alerts[0])
    #expect(try JSONDecoder().decode(Alert.self, from: Data(json.utf8)) == alerts[0])
  }

  @Test("unknown actions are events like any other, and are counted")
  func unknownActions() throws {
    let fixture = try Fixture.shared.get()
    var events = Array(fixture.events.prefix(400))
    for index in stride(from: 0, to: 400, by: 10) { events[index].action = Action(rawValue: "teleport") }
    let detector = Detector(fixture.labelled.model)
    var alerts: [Alert] = []
    for event in events {
      detector.add(event, into: &alerts)
      #expect(detector.lastScore.isFinite)
    }
    #expect(detector.unknownActions == 40 && detector.events == 400)
  }

  @Test("an empty log has no alert, and users with one event each have scores")
  func smallLogs() throws {
    let model = try Fixture.shared.get().labelled.model
    #expect(Fixture.alerts(model, []).isEmpty)
    let singles = (0..<50).map { Event(user: "v\($0)", time: Double($0), action: .view) }
    let run = DetectionRun(model, lateness: 0)
    run.add(singles) { _ in }
    run.finish { _ in }
    #expect(run.detector.sessions == 50 && run.detector.lastScore.isFinite && run.detector.openSessions == 0)
  }

  @Test("events up to the lateness out of order give the same alerts; later ones are left out and counted")
  func lateEvents() throws {
    let fixture = try Fixture.shared.get()
    let model = fixture.labelled.model
    let expected = Fixture.alerts(model, fixture.events)
    var random = SeededRandom(seed: 9)
    // Each event arrives up to 50 s after its time; equal times keep their order.
    let delays = fixture.events.map { $0.time + random.uniform(in: 0..<50) }
    let order = delays.indices.sorted { delays[$0] < delays[$1] }
    let shuffled = order.map { fixture.events[$0] }
    #expect(shuffled != fixture.events)
    let found = Fixture.alerts(model, shuffled, lateness: 60)
    #expect(Set(found.map(\.id)) == Set(expected.map(\.id)))

    let run = DetectionRun(model, lateness: 60)
    var late = fixture.events[10]
    late.item = "late"
    run.add(Array(fixture.events.prefix(5_000)) + [late]) { _ in }
    run.finish { _ in }
    #expect(run.order.counts.late == 1 && run.detector.events == 5_000)
  }

  @Test("a clock a year ahead, and one that was never set, are left out and end nobody's session")
  func clocks() throws {
    let fixture = try Fixture.shared.get()
    let model = fixture.labelled.model
    let events = Array(fixture.events.prefix(8_000))
    var skewed = events
    var ahead = events[4_000]
    ahead.time += 365 * 86_400
    var unset = events[5_000]
    unset.time = -5
    skewed.insert(unset, at: 5_000)
    skewed.insert(ahead, at: 4_000)
    let run = DetectionRun(model)
    var alerts: [Alert] = []
    run.add(skewed) { alerts.append($0) }
    run.finish { alerts.append($0) }
    #expect(run.order.counts.ahead == 1 && run.order.counts.tooEarly == 1)
    #expect(alerts == Fixture.alerts(model, events))
  }

  @Test(
    "a flicker between the thresholds stays one alarm, one open at the end is closed there",
    arguments: [
      ([0.0, 3, 2, 2.9, 2, 0.5, 0], [1...4]), ([0, 1, 2.9, 1], []), ([3, 0, 3], [0...0, 2...2]),
      ([0, 3, 3], [1...2]), ([], []), ([1.5, 3, 1.5, 1.4], [1...2]),
    ])
  func hysteresis(_ scores: [Double], _ expected: [ClosedRange<Int>]) {
    #expect(Hysteresis(open: 3, close: 1.5).intervals(scores) == expected)
  }

  @Test("of equal types the lower number is taken")
  func ties() {
    #expect(indexOfLargest([0.2, 0.5, 0.5]) == 1)
    #expect(indexOfLargest([0, 0, 0]) == 0)
  }

  @Test(
    "times are ISO 8601",
    arguments: [
      (0.0, "1970-01-01T00:00:00Z"), (1_767_603_600.25, "2026-01-05T09:00:00.25Z"), (-1, "1969-12-31T23:59:59Z"),
      (951_782_400, "2000-02-29T00:00:00Z"),
    ])
  func times(_ seconds: Double, _ text: String) { #expect(LogTime.text(seconds) == text) }
}
