/// What becomes of an event that arrives later than a stream waits for it. Either way it is counted.
public enum LateEvents: String, Sendable, Hashable, CaseIterable {
  /// It is taken out and kept for `EventOrder.takeFaulty()`.
  case setAside
  /// It goes on at once, out of order.
  case passOn
}

/// Puts a stream of events in order of time, as far as it can wait.
///
/// - **Watermark.** The latest time seen, less `lateness`: no event before it is waited for. An event is handed on when
///   the watermark reaches its time; events of the same time in the order in which they came.
/// - **Late.** An event before the watermark is late: `late` says what becomes of it.
/// - **Duplicates.** An event equal to one that waits, or to one at the watermark itself, is taken out. An older one
///   is late anyway.
/// - **Clocks.** An event before `earliest` is taken out. One that lies more than `maximumJump` ahead of the latest
///   time does not move the watermark until two more that arrive right after it lie as far ahead: then the stream
///   itself had paused. If the stream goes on where it was, the events ahead are taken out. At the end, what nothing
/// - **Memory.** At most `capacity` events wait; one more, and the watermark rises to the earliest of them. Of the
///   events taken out the first `keptFaulty` are kept, all are counted.
///
/// Every event is handed on once, or counted once in `counts`.
///
///     var order = EventOrder(lateness: 60)
///     for event in arrivals { order.add(event, into: &inOrder) }
///     order.finish(into: &inOrder)
public struct EventOrder: Sendable {
  /// How long is waited for an event, in seconds of the events' own time.
  public let lateness: Double
  /// What becomes of an event that is later.
  public let late: LateEvents
  /// What is believed of the clocks.
  public let clocks: LogCleaning
  /// The most events that wait.
  public let capacity: Int
  /// The most events taken out that are kept until they are taken.
  public let keptFaulty: Int

  /// The events that are no longer waited for lie before this time.
  public private(set) var watermark = -Double.infinity
  /// What happened so far.
  public private(set) var counts = Counts()

  /// How many events came, and what became of them.
  ///
  /// `added == handedOn + waiting + duplicates + tooEarly + ahead + late` where late events are set aside; where they
  /// are passed on, they are among `handedOn`, and the sum is without `late`.
  public struct Counts: Sendable, Hashable {
    /// The events that came.
    public internal(set) var added = 0
    /// The events that were handed on, with the late ones that were passed on.
    public internal(set) var handedOn = 0
    /// The events that came after a later one, and were put in order.
    public internal(set) var reordered = 0
    /// The duplicates, taken out.
    public internal(set) var duplicates = 0
    /// The events before the earliest time, taken out.
    public internal(set) var tooEarly = 0
    /// The events of a clock that ran ahead, taken out.
    public internal(set) var ahead = 0
    /// The late events, taken out or passed on.
    public internal(set) var late = 0
    /// The times that more than `capacity` events would have had to wait.
    public internal(set) var overflows = 0

    /// Nothing came yet.
    public init() {}

    /// The counts in the order in which they stand here.
    package init(_ counts: [Int]) {
      precondition(counts.count >= 8, "Counts: 8 numbers are needed, found \(counts.count)")
      (added, handedOn, reordered, duplicates) = (counts[0], counts[1], counts[2], counts[3])
      (tooEarly, ahead, late, overflows) = (counts[4], counts[5], counts[6], counts[7])
    }
  }

  private var latest = -Double.infinity
  private var accepted = 0
  private var queue = TimeQueue()
  private var places: [Event] = []  // those that wait, where the queue says; free ones hold an event that has gone on
  private var freePlaces: [Int] = []
  private var seen = Set<Event>()  // those that wait, and those at the watermark
  private var atWatermark: [Event] = []
  private var suspects: [Event] = []
  private var faulty: [FaultyEvent] = []

  /// How many arrivals in a row make a jump ahead believed.
  private static let believed = 3

  /// An order for a stream.
  ///
  /// - Precondition: `lateness` and `keptFaulty` are not negative, `capacity` is positive.
  public init(
    lateness: Double, late: LateEvents = .setAside, clocks: LogCleaning = LogCleaning(), capacity: Int = 1_000_000,
    keptFaulty: Int = 1_000
  ) {
    precondition(lateness >= 0, "lateness must not be negative, found \(lateness)")
    precondition(capacity > 0, "capacity must be positive, found \(capacity)")
    precondition(keptFaulty >= 0, "keptFaulty must not be negative, found \(keptFaulty)")
    self.lateness = lateness
    self.late = late
    self.clocks = clocks
    self.capacity = capacity
    self.keptFaulty = keptFaulty
  }

  /// The events that wait.
  public var waiting: Int { queue.count + suspects.count }

  /// Hands out the events that were taken out and kept, and makes room for others.
  public mutating func takeFaulty() -> [FaultyEvent] {
    defer { faulty = [] }
    return faulty
  }

  /// Takes an event in, and hands on what need not wait any longer.
  ///
  /// - Parameters:
  ///   - event: the next to arrive.
  ///   - output: what is handed on is appended.
  /// - Precondition: the event's time is finite.
  public mutating func add(_ event: Event, into output: inout [Event]) {
    precondition(event.time.isFinite, "the time must be finite, found \(event.time)")
    counts.added += 1
    if event.time < clocks.earliest {
      takeOut(event, .tooEarly)
      return
    }
    if latest == -.infinity {
      // Nobody can tell yet whether the first clock is right.
      let first = suspects.first
      suspects = []
      guard let first, first.time <= event.time + clocks.maximumJump else {
        if let first { takeOut(first, .ahead) }
        suspects = [event]
        return
      }
      accept(first, into: &output)
    }
    if event.time > latest + clocks.maximumJump {
      suspects.append(event)
      if suspects.count == Self.believed { believeSuspects(into: &output) }
    } else {
      for suspect in suspects { takeOut(suspect, .ahead) }
      suspects.removeAll()
      accept(event, into: &output)
    }
  }

  /// Hands on all that waits, at the end of a stream.
  ///
  /// - Parameter output: what is handed on is appended.
  public mutating func finish(into output: inout [Event]) {
    believeSuspects(into: &output)
    raise(to: latest, into: &output)
  }

  private mutating func believeSuspects(into output: inout [Event]) {
    let believed = suspects
    suspects.removeAll()
    for event in believed { accept(event, into: &output) }
  }

  private mutating func accept(_ event: Event, into output: inout [Event]) {
    if event.time < watermark {
      counts.late += 1
      if late == .passOn {
        output.append(event)
        counts.handedOn += 1
      } else {
        keep(event, .late)
      }
      return
    }
    if !seen.insert(event).inserted {
      takeOut(event, .duplicate)
      return
    }
    if event.time < latest { counts.reordered += 1 }
    latest = max(latest, event.time)
    accepted += 1
    var place = places.count
    if let free = freePlaces.popLast() {
      place = free
      places[place] = event
    } else {
      places.append(event)
    }
    queue.add(.init(time: event.time, number: accepted, place: place))
    raise(to: latest - lateness, into: &output)
    if queue.count > capacity, let first = queue.first {
      counts.overflows += 1
      raise(to: first.time, into: &output)
    }
  }

  private mutating func raise(to time: Double, into output: inout [Event]) {
    if time > watermark {
      watermark = time
      for event in atWatermark { seen.remove(event) }
      atWatermark.removeAll(keepingCapacity: true)
    }
    while let first = queue.first, first.time <= watermark {
      let event = places[first.place]
      output.append(event)
      counts.handedOn += 1
      if event.time == watermark { atWatermark.append(event) } else { seen.remove(event) }
      freePlaces.append(first.place)
      queue.removeFirst()
    }
  }

  private mutating func takeOut(_ event: Event, _ fault: LogFault) {
    switch fault {
    case .duplicate: counts.duplicates += 1
    case .tooEarly: counts.tooEarly += 1
    case .ahead: counts.ahead += 1
    case .late: counts.late += 1
    }
    keep(event, fault)
  }

  private mutating func keep(_ event: Event, _ fault: LogFault) {
    if faulty.count < keptFaulty { faulty.append(FaultyEvent(event: event, fault: fault)) }
  }

  // MARK: - Going on

  /// What an order knows besides its settings and the events it took out: enough to go on from.
  package struct State: Sendable, Equatable {
    package var counts = Counts()
    package var watermark = -Double.infinity
    package var latest = -Double.infinity
    package var accepted = 0
    /// Those that wait, each with the number of its arrival, in the order in which they will go on.
    package var waiting: [(event: Event, arrival: Int)] = []
    package var atWatermark: [Event] = []
    package var suspects: [Event] = []

    package init() {}

    package static func == (a: State, b: State) -> Bool {
      a.counts == b.counts && a.watermark == b.watermark && a.latest == b.latest && a.accepted == b.accepted
        && a.waiting.elementsEqual(b.waiting, by: ==) && a.atWatermark == b.atWatermark && a.suspects == b.suspects
    }
  }

  /// What is known by now.
  package var state: State {
    var state = State()
    (state.counts, state.watermark, state.latest, state.accepted) = (counts, watermark, latest, accepted)
    (state.atWatermark, state.suspects) = (atWatermark, suspects)
    var rest = queue
    while let first = rest.first {
      state.waiting.append((places[first.place], first.number))
      rest.removeFirst()
    }
    return state
  }

  /// Goes on from there.
  package mutating func resume(from state: State) {
    (counts, watermark, latest, accepted) = (state.counts, state.watermark, state.latest, state.accepted)
    (atWatermark, suspects) = (state.atWatermark, state.suspects)
    (queue, places, freePlaces) = (TimeQueue(), [], [])
    seen = Set(atWatermark)
    for (event, arrival) in state.waiting {
      seen.insert(event)
      queue.add(.init(time: event.time, number: arrival, place: places.count))
      places.append(event)
    }
  }
}
