import Behavior

// The detector's state as bytes, for checkpoints.

extension Detector.State {
  /// All of it, to go on elsewhere.
  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writeCounts(to: &writer)
    writer.add(users.count)
    for user in users { user.write(to: &writer) }
    return writer.bytes
  }

  /// What `bytes` wrote; throws if they are damaged.
  package init(bytes: [UInt8]) throws {
    self = try bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      var state = try Detector.State(countsFrom: &reader)
      for _ in 0..<(try reader.count(of: 1)) { state.users.append(try Detector.UserState(from: &reader)) }
      return state
    }
  }

  /// Everything but the users.
  func writeCounts(to writer: inout ByteWriter) {
    for number in [events, unknownActions, sessions] { writer.add(number) }
  }

  init(countsFrom reader: inout ByteReader) throws {
    self.init(events: try reader.int(), unknownActions: try reader.int(), sessions: try reader.int())
  }
}

extension Detector.UserState {
  func write(to writer: inout ByteWriter) {
    writer.add(name)
    profile.write(to: &writer)
    writer.add(session != nil)
    guard let session else { return }
    session.track.write(to: &writer)
    writer.add(session.sequence.units)
    writer.add(session.sequence.surprise)
    writer.add(session.evidence != nil)
    if let evidence = session.evidence { writer.add(evidence) }
    writer.add(session.contributions.count)
    for event in session.contributions {
      writer.add(event.time)
      writer.add(event.action)
      writer.add(event.item)
      writer.add(event.probability)
      writer.add(event.expected)
      writer.add(event.expectedProbability)
      writer.add(event.raised)
      writer.add(event.notes.count)
      for note in event.notes { writer.add(note) }
    }
    writer.add(session.alarm != nil)
    guard let alarm = session.alarm else { return }
    writer.add(alarm.start)
    writer.add(alarm.end)
    writer.add(alarm.events)
    writer.add(alarm.score)
    writer.add(alarm.types)
    writer.add(alarm.features)
  }

  init(from reader: inout ByteReader) throws {
    name = try reader.text()
    profile = try UserProfile(from: &reader)
    guard try reader.bool() else { return }
    let track = try SessionTrack(from: &reader)
    let session = ActiveSession(
      track: track, sequence: SequenceState(units: try reader.floats(), surprise: try reader.double()))
    if try reader.bool() { session.evidence = try reader.double() }
    for _ in 0..<(try reader.count(of: 1)) {
      var event = Alert.Contribution(
        time: try reader.double(), action: try reader.text(), item: try reader.text(),
        probability: try reader.double(), expected: try reader.text(), expectedProbability: try reader.double(),
        raised: try reader.double(), notes: [])
      for _ in 0..<(try reader.count(of: 1)) { event.notes.append(try reader.text()) }
      session.contributions.append(event)
    }
    if try reader.bool() {
      var alarm = OpenAlarm(start: try reader.double(), types: 0)
      alarm.end = try reader.double()
      alarm.events = try reader.int()
      alarm.score = try reader.double()
      alarm.types = try reader.doubles()
      alarm.features = try reader.doubles()
      session.alarm = alarm
    }
    self.session = session
  }
}

extension UserProfile {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.add(devices)
    writer.add(regions)
    writer.add(lastTime != nil)
    if let lastTime { writer.add(lastTime) }
    writer.add(actions)
    writer.add(categories)
    writer.add(categoryCounts)
    for number in [activity, pauses, pauseCount, values, valueCount, hourSine, hourCosine, sessions] {
      writer.add(number)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws {
    devices = try reader.words()
    regions = try reader.words()
    if try reader.bool() { lastTime = try reader.double() }
    actions = try reader.int32s()
    categories = try reader.words()
    categoryCounts = try reader.int32s()
    (activity, pauses, pauseCount) = (try reader.double(), try reader.double(), try reader.double())
    (values, valueCount) = (try reader.double(), try reader.double())
    (hourSine, hourCosine, sessions) = (try reader.double(), try reader.double(), try reader.double())
  }
}

extension SessionTrack {
  fileprivate func write(to writer: inout ByteWriter) {
    for number in [
      start, lastTime, sinceLastSession, lastPause, pauseMean, pauseSquares, countLogs, totalValue, largestValue,
      surprise, valueLogs, ownRarity, besideRarity, categoryRarity,
    ] { writer.add(number) }
    for number in [
      events, Int(topCount), withItem, repeats, deviceChanges, onNewDevice, inNewRegion, valued, withCategory,
    ] { writer.add(number) }
    for hash in [lastItem, lastDevice, lastRegion] { writer.add(hash) }
    writer.add(isFirst)
    writer.add(counts)
    writer.add(earlier)
    writer.add(categoryCounts)
    for hashes in [items, devices, regions, categories] { writer.add(hashes) }
  }

  fileprivate init(from reader: inout ByteReader) throws {
    self.init(counts: [])
    (start, lastTime, sinceLastSession) = (try reader.double(), try reader.double(), try reader.double())
    (lastPause, pauseMean, pauseSquares) = (try reader.double(), try reader.double(), try reader.double())
    (countLogs, totalValue, largestValue) = (try reader.double(), try reader.double(), try reader.double())
    (surprise, valueLogs, ownRarity) = (try reader.double(), try reader.double(), try reader.double())
    (besideRarity, categoryRarity) = (try reader.double(), try reader.double())
    events = try reader.int()
    guard let top = Int32(exactly: try reader.int()) else { throw ByteReader.Damage() }
    topCount = top
    (withItem, repeats, deviceChanges) = (try reader.int(), try reader.int(), try reader.int())
    (onNewDevice, inNewRegion, valued) = (try reader.int(), try reader.int(), try reader.int())
    withCategory = try reader.int()
    (lastItem, lastDevice, lastRegion) = (try reader.word(), try reader.word(), try reader.word())
    isFirst = try reader.bool()
    counts = try reader.int32s()
    earlier = try reader.int32s()
    categoryCounts = try reader.int32s()
    (items, devices, regions) = (try reader.words(), try reader.words(), try reader.words())
    categories = try reader.words()
  }
}

extension EventOrder.State {
  func write(to writer: inout ByteWriter) {
    for number in [
      counts.added, counts.handedOn, counts.reordered, counts.duplicates, counts.tooEarly, counts.ahead, counts.late,
      counts.overflows, accepted, waiting.count, atWatermark.count, suspects.count,
    ] { writer.add(number) }
    writer.add(watermark)
    writer.add(latest)
    for (event, arrival) in waiting {
      writer.add(arrival)
      writer.add(event)
    }
    for event in atWatermark + suspects { writer.add(event) }
  }

  init(from reader: inout ByteReader) throws {
    self.init()
    let numbers = try (0..<12).map { _ in try reader.int() }
    counts = EventOrder.Counts(numbers)
    accepted = numbers[8]
    watermark = try reader.double()
    latest = try reader.double()
    for _ in 0..<max(0, numbers[9]) {
      let arrival = try reader.int()
      waiting.append((try reader.event(), arrival))
    }
    for _ in 0..<max(0, numbers[10]) { atWatermark.append(try reader.event()) }
    for _ in 0..<max(0, numbers[11]) { suspects.append(try reader.event()) }
  }
}
