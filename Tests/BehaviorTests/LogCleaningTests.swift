import Behavior
import Tensors
import Testing

private func event(_ user: String, _ time: Double, _ action: Action = .view) -> Event {
  Event(user: user, time: time, action: action)
}

private let day = 86_400.0

@Test("cleaning sorts by user and time, keeps the order of arrival where both are equal, and each event once")
func cleansOrderAndDuplicates() {
  let clean = LogCleaning().clean([
    event("b", 2, .cart), event("a", 3), event("b", 1), event("b", 2, .view), event("b", 2, .cart), event("a", 3),
    Event(user: "a", time: 3, action: .view, value: 1),
  ])
  #expect(
    clean.events == [
      event("a", 3), Event(user: "a", time: 3, action: .view, value: 1), event("b", 1), event("b", 2, .cart),
      event("b", 2, .view),
    ])
  #expect(clean.faulty.map(\.fault) == [.duplicate, .duplicate])
  #expect(clean.faulty.map(\.event) == [event("b", 2, .cart), event("a", 3)])
  #expect(clean.outOfOrder == 1)
}

@Test(
  "a clock that runs ahead and comes back is taken out; a pause is not",
  arguments: [
    ([0, 10, 9 * day, 20], [2]), ([0, 10, 9 * day, 9 * day + 1, 20], [2, 3]),
    ([0, 9 * day, 9 * day + 1, 9 * day + 2, 20], []), ([0, 9 * day], []), ([0, 9 * day, 18 * day], []),
    ([9 * day, 0, 1], []), ([3 * day, 2 * day, day, 0], []), ([0, day, 1], []), ([0, day + 1, 1], [1]),
    ([-1, 0, 1], [0]), ([0, 9 * day, 1, 9 * day, 2], [1, 3]),
  ] as [([Double], [Int])])
func cleansClocks(times: [Double], taken: [Int]) {
  // Each event has an action of its own, so that none is a duplicate.
  let events = times.enumerated().map { event("u", $1, Action(rawValue: "a\($0)")) }
  let clean = LogCleaning().clean(events)
  #expect(clean.faulty.map(\.event) == taken.map { events[$0] })
  #expect(clean.faulty.allSatisfy { $0.fault == ($0.event.time < 0 ? .tooEarly : .ahead) })
  #expect(clean.events.count == times.count - taken.count)
}

@Test("one user's broken clock says nothing about another's")
func clocksByUser() {
  let clean = LogCleaning().clean([event("a", 0), event("b", 9 * day), event("a", 1), event("b", 9 * day + 1)])
  #expect(clean.faulty == [])
}

@Test("what is cleaned is clean, and nothing is lost")
func cleaningIsWhole() {
  var random = SeededRandom(seed: 31)
  for _ in 0..<100 {
    let events = (0..<random.below(60)).map { _ in
      event("u\(random.below(3))", Double(random.below(8)) * day / 2 - 1, random.bool(probability: 0.5) ? .view : .cart)
    }
    let clean = LogCleaning().clean(events)
    func counts(_ events: [Event]) -> [Event: Int] { Dictionary(events.map { ($0, 1) }, uniquingKeysWith: +) }
    #expect(counts(clean.events + clean.faulty.map(\.event)) == counts(events))
    #expect(Set(clean.events).count == clean.events.count)
    #expect(zip(clean.events, clean.events.dropFirst()).allSatisfy { ($0.user, $0.time) <= ($1.user, $1.time) })
    #expect(LogCleaning().clean(clean.events).events == clean.events)
  }
}

// MARK: - Streams

private func order(
  _ order: EventOrder, _ events: [Event]
) -> (handedOn: [Event], faulty: [FaultyEvent], counts: EventOrder.Counts) {
  var order = order
  var output: [Event] = []
  for event in events { order.add(event, into: &output) }
  order.finish(into: &output)
  return (output, order.takeFaulty(), order.counts)
}

@Test("a stream within its lateness comes out sorted, and equal times keep their order")
func streamOrder() {
  let result = order(
    EventOrder(lateness: 5),
    [event("a", 10), event("b", 6), event("c", 12), event("d", 10), event("e", 7), event("f", 30)])
  #expect(result.handedOn.map(\.user) == ["b", "e", "a", "d", "c", "f"])
  #expect(result.counts.reordered == 3)
  #expect(result.faulty == [])
}

@Test("an event waits until the watermark reaches it, and no longer")
func watermark() {
  var stream = EventOrder(lateness: 5)
  var output: [Event] = []
  for (time, out) in [(10, 0), (14, 0), (15, 1), (19, 2), (16, 2), (40, 5)] as [(Double, Int)] {
    stream.add(event("u", time), into: &output)
    #expect(output.count == out, "after \(time)")
    #expect(stream.counts.added == output.count + stream.waiting)
  }
  #expect(stream.watermark == 35)
  #expect(output.map(\.time) == [10, 14, 15, 16, 19])
}

@Test("an event beyond the lateness is counted, and set aside or passed on", arguments: LateEvents.allCases)
func lateEvents(late: LateEvents) {
  let events = [event("a", 10), event("b", 20), event("c", 15), event("d", 14)]
  let result = order(EventOrder(lateness: 5, late: late), events)
  #expect(result.counts.late == 1)
  switch late {
  case .setAside:
    #expect(result.handedOn.map(\.user) == ["a", "c", "b"])
    #expect(result.faulty == [FaultyEvent(event: events[3], fault: .late)])
  case .passOn:
    #expect(result.handedOn.map(\.user) == ["a", "c", "d", "b"])
    #expect(result.faulty == [])
  }
}

@Test("a duplicate in a stream is taken out while its like waits or stands at the watermark")
func streamDuplicates() {
  let result = order(
    EventOrder(lateness: 0), [event("a", 1), event("a", 1), event("a", 2), event("a", 2), event("a", 1)])
  #expect(result.handedOn == [event("a", 1), event("a", 2)])
  #expect(result.faulty.map(\.fault) == [.duplicate, .duplicate, .late])
}

@Test(
  "a stream's clock is not moved by one event far ahead, but by three in a row",
  arguments: [
    ([0, 1, 9 * day, 2], [0, 1, 2], [9 * day]), ([0, 9 * day, 9 * day + 1, 2], [0, 2], [9 * day, 9 * day + 1]),
    ([0, 9 * day, 9 * day + 2, 9 * day + 1, 9 * day + 3], [0, 9 * day, 9 * day + 2, 9 * day + 3], [9 * day + 1]),
    ([0, 9 * day], [0, 9 * day], []), ([9 * day, 0, 1], [0, 1], [9 * day]), ([9 * day], [9 * day], []),
    ([-5, 0, -1, 1], [0, 1], [-5, -1]), ([], [], []),
  ] as [([Double], [Double], [Double])])
func streamClocks(times: [Double], handedOn: [Double], taken: [Double]) {
  let result = order(EventOrder(lateness: 0), times.map { event("u", $0) })
  #expect(result.handedOn.map(\.time) == handedOn)
  #expect(result.faulty.map(\.event.time) == taken)
}

@Test("at most `capacity` events wait, and at most `keptFaulty` are kept")
func streamBounds() {
  var stream = EventOrder(lateness: 1_000, capacity: 4, keptFaulty: 2)
  var output: [Event] = []
  for time in 0..<10 {
    stream.add(event("u", Double(time)), into: &output)
    #expect(stream.waiting <= 4)
  }
  #expect(output.map(\.time) == [0, 1, 2, 3, 4, 5])
  #expect(stream.counts.overflows == 6)
  for _ in 0..<5 { stream.add(event("u", 2), into: &output) }
  #expect(stream.counts.late == 5)
  #expect(stream.takeFaulty().count == 2)
}

@Test("every event of a stream is handed on once or counted once, and what waits no longer than it may is sorted")
func streamIsWhole() {
  var random = SeededRandom(seed: 32)
  for round in 0..<100 {
    let jitter = 1 + random.below(30)
    let events = (0..<200).map { index in
      event("u\(random.below(3))", Double(index + random.below(jitter)) + (random.below(50) == 0 ? 3 * day : 0))
    }
    let result = order(EventOrder(lateness: Double(random.below(30)), capacity: round % 2 == 0 ? 8 : 1_000), events)
    let counts = result.counts
    #expect(counts.added == 200)
    #expect(counts.handedOn == result.handedOn.count)
    #expect(counts.added == counts.handedOn + counts.duplicates + counts.tooEarly + counts.ahead + counts.late)
    #expect(result.faulty.count == counts.added - counts.handedOn)
    #expect(zip(result.handedOn, result.handedOn.dropFirst()).allSatisfy { $0.time <= $1.time })
  }
}

@Test("an order that goes on from what is known hands on what one without a stop does", arguments: [0.0, 30, 500])
func orderGoesOn(lateness: Double) {
  var random = SeededRandom(seed: 31)
  var events = (0..<4_000).map { index in
    Event(
      user: "u\(random.below(20))", time: 1_767_258_000 + Double(index / 2) + (100 * random.uniform()).rounded(),
      action: .view, item: "i\(random.below(3))")
  }
  for index in stride(from: 50, to: 4_000, by: 97) { events[index] = events[index - 3] }  // duplicates
  for index in stride(from: 70, to: 4_000, by: 501) { events[index].time += 9e6 }  // clocks ahead
  var whole = EventOrder(lateness: lateness, keptFaulty: 0)
  var expected: [Event] = []
  for event in events { whole.add(event, into: &expected) }
  whole.finish(into: &expected)

  var parts = EventOrder(lateness: lateness, keptFaulty: 0)
  var found: [Event] = []
  for (index, event) in events.enumerated() {
    if index % 61 == 0 {
      let state = parts.state
      parts = EventOrder(lateness: lateness, keptFaulty: 0)
      parts.resume(from: state)
      #expect(parts.state == state)
    }
    parts.add(event, into: &found)
  }
  parts.finish(into: &found)
  #expect(found == expected && parts.counts == whole.counts)
}

@Test("a queue hands out by time, then number, whatever the order in which entries came")
func timeQueue() {
  var random = SeededRandom(seed: 32)
  var queue = TimeQueue()
  var entries: [TimeQueue.Entry] = []
  var found: [TimeQueue.Entry] = []
  var expected: [TimeQueue.Entry] = []
  for number in 0..<3_000 {
    let entry = TimeQueue.Entry(time: Double(random.below(40)), number: number, place: random.below(9))
    queue.add(entry)
    entries.append(entry)
    if random.bool(probability: 0.4), let first = queue.first {
      found.append(first)
      queue.removeFirst()
      let least = entries.min { ($0.time, $0.number) < ($1.time, $1.number) }
      if let least {
        expected.append(least)
        entries.removeAll { $0 == least }
      }
    }
    #expect(queue.count == entries.count)
  }
  while let first = queue.first {
    found.append(first)
    queue.removeFirst()
  }
  #expect(found == expected + entries.sorted { ($0.time, $0.number) < ($1.time, $1.number) })
}
