import Behavior
import Foundation

/// Finds alerts in events that come in order of time, holding a state per user.
///
/// Batch and stream are this one machine. An event costs the same however long the log is: a step of the LSTM, a walk
/// through the trees, a look at who has been silent for longer than a session's pause. An alert is handed out when it
/// is over: its score falls below the threshold, its session ends (as soon as a later event of anybody's tells so), or
/// the log ends. Time is the events' own; no clock is looked at.
///
///     let detector = Detector(model)
///     for event in inOrder { detector.add(event, into: &alerts) }
///     detector.finish(into: &alerts)
public final class Detector {
  /// The model.
  public let model: DetectionModel
  /// How many events were taken in.
  public private(set) var events = 0
  /// How many of them had an action that the model does not know.
  public private(set) var unknownActions = 0
  /// How many sessions were begun.
  public private(set) var sessions = 0
  /// The score after the last event, on the scale of alerts.
  public private(set) var lastScore = 0.0
  /// Whether the last event opened an alert.
  public private(set) var lastOpened = false

  private let encoder: EventEncoder
  private var reader: SignalReader
  private var numbers: [String: Int] = [:]
  private var users: [UserState] = []
  /// Who has been silent longest: by the time of an event of theirs.
  private var expiries = TimeQueue()
  private var encoded = EncodedEvent()
  private var scaled: [Float]
  private var signals = EventSignals()
  /// The users whose state is another than when `takeChanges` was last asked, and whether each user is among them.
  private var changed: [Int] = []
  private var isChanged: [Bool] = []

  struct UserState {
    var name: String
    var profile = UserProfile()
    var session: ActiveSession?
  }

  /// All that is known after some events, to go on from.
  public struct State {
    var events = 0
    var unknownActions = 0
    var sessions = 0
    var users: [UserState] = []
  }

  /// A detector that has seen nothing.
  public init(_ model: DetectionModel) {
    self.model = model
    encoder = EventEncoder(scale: model.settings.scale)
    reader = SignalReader(model.stepper, model.forest, usual: model.settings.usualSurprise)
    scaled = [Float](repeating: 0, count: EventEncoder.numberNames.count)
  }

  /// A detector that goes on from a state of the same model.
  public convenience init(_ model: DetectionModel, from state: State) {
    self.init(model)
    (events, unknownActions, sessions, users) = (state.events, state.unknownActions, state.sessions, state.users)
    isChanged = [Bool](repeating: false, count: users.count)
    for (index, user) in users.enumerated() {
      numbers[user.name] = index
      if let session = user.session { expiries.add(.init(time: session.track.lastTime, number: index, place: index)) }
    }
  }

  /// What is known by now.
  public var state: State {
    State(events: events, unknownActions: unknownActions, sessions: sessions, users: users)
  }

  /// What is known by now, without the users.
  var counts: State { State(events: events, unknownActions: unknownActions, sessions: sessions) }

  /// How many users' states changed since the last `writeChanges`.
  var changes: Int { changed.count }

  /// Writes the number, the length and the bytes of each user's state that changed since this was last called.
  func writeChanges(to writer: inout ByteWriter) {
    for index in changed {
      isChanged[index] = false
      writer.add(index)
      let place = writer.bytes.count
      writer.add(0)
      users[index].write(to: &writer)
      let length = Int64(writer.bytes.count - place - 8)
      writer.bytes.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: place, as: Int64.self) }
    }
    changed.removeAll(keepingCapacity: true)
  }

  private func noteChange(of user: Int) {
    if isChanged[user] { return }
    isChanged[user] = true
    changed.append(user)
  }

  /// How many users have an open session.
  public var openSessions: Int { expiries.count }

  /// How many users were seen.
  public var userCount: Int { users.count }

  /// Takes an event in.
  ///
  /// - Parameters:
  ///   - event: the next one.
  ///   - alerts: alerts that are over are appended.
  /// - Precondition: its time is not before that of the event before.
  public func add(_ event: Event, into alerts: inout [Alert]) {
    endSilentSessions(at: event.time, into: &alerts)
    let index: Int
    if let known = numbers[event.user] {
      index = known
    } else {
      index = users.count
      numbers[event.user] = index
      users.append(UserState(name: event.user))
      isChanged.append(false)
    }
    noteChange(of: index)
    events += 1
    let session = users[index].session ?? open(index, at: event.time)
    encoder.add(event, to: &session.track, &users[index].profile, into: &encoded)
    if encoded.action == Vocabulary.unknown { unknownActions += 1 }
    model.scaled(encoded.numbers, into: &scaled)
    reader.read(
      action: encoded.action, pause: encoded.pause, isFirst: session.track.events == 1, scaled,
      features: encoded.features, &session.sequence, into: &signals)
    let evidence = model.evidence(signals)
    lastScore = model.score(evidence: evidence)
    lastOpened = false
    session.contribute(event, encoded, signals, evidence, model)
    let thresholds = model.settings.thresholds
    switch thresholds.change(isOpen: session.alarm != nil, score: lastScore) {
    case .quiet: break
    case .opens:
      lastOpened = true
      session.alarm = OpenAlarm(start: event.time, types: model.settings.types.count)
      take(event, session)
    case .goesOn: take(event, session)
    case .closes:
      close(session, of: index, into: &alerts)
      session.contributions = []
    }
  }

  /// Closes what is still open, at the end of the log.
  public func finish(into alerts: inout [Alert]) {
    endSilentSessions(at: .infinity, into: &alerts)
  }

  private func open(_ index: Int, at time: Double) -> ActiveSession {
    let track = encoder.open(at: time, users[index].profile, into: &encoded)
    model.scaled(encoded.numbers, into: &scaled)
    let session = ActiveSession(track: track, sequence: reader.open(scaled))
    users[index].session = session
    sessions += 1
    expiries.add(.init(time: time, number: index, place: index))
    return session
  }

  private func take(_ event: Event, _ session: ActiveSession) {
    guard var alarm = session.alarm else { return }
    session.alarm = nil  // so that its lists change in place
    alarm.end = event.time
    alarm.events += 1
    if lastScore > alarm.score || alarm.events == 1 {
      alarm.score = lastScore
      alarm.features = encoded.features
    }
    model.addTypes(signals, encoded, to: &alarm.types)
    session.alarm = alarm
  }

  private func endSilentSessions(at time: Double, into alerts: inout [Alert]) {
    let gap = model.settings.scale.sessionGap
    while let first = expiries.first, time - first.time > gap {
      expiries.removeFirst()
      guard let session = users[first.place].session else { continue }
      // The queue may hold an older event of the user's than the last.
      if session.track.lastTime > first.time {
        expiries.add(.init(time: session.track.lastTime, number: first.place, place: first.place))
        continue
      }
      noteChange(of: first.place)
      close(session, of: first.place, into: &alerts)
      users[first.place].profile.remember(session.track)
      users[first.place].session = nil
    }
  }

  private func close(_ session: ActiveSession, of user: Int, into alerts: inout [Alert]) {
    guard let alarm = session.alarm else { return }
    session.alarm = nil
    let name = users[user].name
    let text = "\(model.id) \(alarm.start.bitPattern) \(name)"
    let digits = String(textHash(text), radix: 16)
    alerts.append(
      Alert(
        id: String(repeating: "0", count: 16 - digits.count) + digits, user: name, start: alarm.start,
        end: alarm.end, type: model.settings.types[indexOfLargest(alarm.types)], score: alarm.score,
        events: alarm.events,
        why: Alert.Why(events: session.contributions, session: unusual(alarm.features))))
  }

  private func unusual(_ features: [Double]) -> [Alert.Unusual] {
    let ranges = model.settings.usualFeatures
    let far = features.indices.map { index -> (index: Int, distance: Double) in
      let (low, high) = (ranges[index][0], ranges[index][1])
      let distance = max(low - features[index], features[index] - high)
      return (index, distance / max(high - low, 0.1))
    }
    return far.filter { $0.distance > 0 }
      .sorted { $0.distance != $1.distance ? $0.distance > $1.distance : $0.index < $1.index }
      .prefix(3)
      .map { entry in
        Alert.Unusual(
          name: EventEncoder.featureNames[entry.index], value: features[entry.index], low: ranges[entry.index][0],
          high: ranges[entry.index][1])
      }
  }
}

/// A session that may go on.
final class ActiveSession {
  var track: SessionTrack
  var sequence: SequenceState
  var evidence: Double?
  var contributions: [Alert.Contribution] = []
  var alarm: OpenAlarm?

  init(track: SessionTrack, sequence: SequenceState) {
    self.track = track
    self.sequence = sequence
  }

  /// Keeps the event if it is among the three that raised the evidence most.
  func contribute(
    _ event: Event, _ encoded: EncodedEvent, _ signals: EventSignals, _ now: Double, _ model: DetectionModel
  ) {
    let raised = now - (evidence ?? model.settings.fusion[0])
    evidence = now
    guard raised > 0, contributions.count < 3 || raised > contributions[2].raised else { return }
    var notes: [String] = []
    if encoded.action == 0 { notes.append("unknown action") }
    if encoded.isNewDevice { notes.append("new device") }
    if encoded.isNewRegion { notes.append("new region") }
    if signals.pauseSurprise > 3.5 { notes.append("unusual pause") }
    let contribution = Alert.Contribution(
      time: event.time, action: event.action.rawValue, item: event.item, probability: exp(-signals.actionSurprise),
      expected: model.settings.scale.vocabulary.tokens[signals.expected],
      expectedProbability: signals.expectedProbability, raised: raised, notes: notes)
    let place = contributions.firstIndex { $0.raised < raised } ?? contributions.count
    contributions.insert(contribution, at: place)
    if contributions.count > 3 { contributions.removeLast() }
  }
}

/// An alert that may go on.
struct OpenAlarm: Sendable, Equatable {
  var start: Double
  var end: Double
  var events = 0
  var score = 0.0
  var types: [Double]
  var features: [Double] = []

  init(start: Double, types: Int) {
    self.start = start
    end = start
    self.types = [Double](repeating: 0, count: types)
  }
}
