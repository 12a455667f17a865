import Behavior
import Foundation

/// What an encoder knows of the log it was fitted to: the actions, their shares, and the scale of each number.
public struct EncoderScale: Codable, Sendable, Equatable {
  /// The actions of the training part; number 0 stands for those it did not have.
  public var vocabulary: Vocabulary
  /// −ln of the share of each action in the training part, with one more of each counted.
  public var actionSurprise: [Double]
  /// By how much each action (column) is rarer than usual in a session that has had each other (row): ln of its share
  /// of all events less ln of its share of the events behind that one, in honest sessions of the training part. `[V, V]`.
  public var rarityBeside: [Double]
  /// The mean of each of `EventEncoder.numberNames`.
  public var means: [Float]
  /// The standard deviation of each, at least 0.01.
  public var deviations: [Float]
  /// The longest pause within a session, in seconds.
  public var sessionGap: Double

  /// The scale of nothing: means 0, deviations 1.
  ///
  /// - Parameters:
  ///   - actions: the actions of the training part, in any order, with repetitions.
  ///   - sessions: those of its honest sessions, in order, which tell what goes together.
  ///   - sessionGap: the longest pause within a session, in seconds.
  public init(actions: [String], sessions: [[String]] = [], sessionGap: Double) {
    vocabulary = Vocabulary(counting: actions)
    let size = vocabulary.count
    var counts = [Double](repeating: 1, count: size)
    for action in actions { counts[vocabulary.index(of: action)] += 1 }
    let total = counts.reduce(0, +)
    actionSurprise = counts.map { -log($0 / total) }
    means = [Float](repeating: 0, count: EventEncoder.numberNames.count)
    deviations = [Float](repeating: 1, count: EventEncoder.numberNames.count)
    self.sessionGap = sessionGap
    var behind = [Double](repeating: 0, count: size * size)
    for session in sessions {
      var earlier: [Int] = []
      for action in session.map(vocabulary.index(of:)) {
        for other in earlier { behind[other * size + action] += 1 }
        if !earlier.contains(action) { earlier.append(action) }
      }
    }
    // Each share counts as if fifty more events had been seen that are as usual.
    rarityBeside = behind
    for other in 0..<size {
      let row = other * size..<(other + 1) * size
      let all = behind[row].reduce(0, +)
      for place in row {
        let usual = exp(-actionSurprise[place - row.lowerBound])
        rarityBeside[place] = log(usual) - log((behind[place] + 50 * usual) / (all + 50))
      }
    }
  }
}

/// What is remembered of a user between sessions.
public struct UserProfile: Sendable, Equatable {
  /// The last devices, the latest last, as hashes.
  var devices: [UInt64] = []
  /// The last regions.
  var regions: [UInt64] = []
  /// The time of the last event, or nil before the first.
  var lastTime: Double?
  /// Events, each counting less by a factor e a day.
  var activity = 0.0
  /// How often each action was done in earlier sessions; empty before the second.
  var actions: [Int32] = []
  /// The sum of the log1p of the pauses within them, and how many there were.
  var pauses = 0.0
  var pauseCount = 0.0
  /// The categories of their items, the latest last, as hashes, and how often each came.
  var categories: [UInt64] = []
  var categoryCounts: [Int32] = []
  /// The sum of the log1p of their values, and how many there were.
  var values = 0.0
  var valueCount = 0.0
  /// The sum of the directions of the hours at which they began, and how many there were.
  var hourSine = 0.0
  var hourCosine = 0.0
  var sessions = 0.0

  static let remembered = 8

  mutating func remember(_ track: SessionTrack) {
    UserProfile.add(track.devices, to: &devices)
    UserProfile.add(track.regions, to: &regions)
    if actions.isEmpty { actions = [Int32](repeating: 0, count: track.counts.count) }
    for action in actions.indices { actions[action] += track.counts[action] }
    pauses += track.pauseMean * Double(max(0, track.events - 1))
    pauseCount += Double(max(0, track.events - 1))
    for (category, count) in zip(track.categories, track.categoryCounts) {
      if let place = categories.firstIndex(of: category) {
        categoryCounts[place] += count
      } else {
        if categories.count == 2 * UserProfile.remembered {
          categories.removeFirst()
          categoryCounts.removeFirst()
        }
        categories.append(category)
        categoryCounts.append(count)
      }
    }
    values += track.valueLogs
    valueCount += Double(track.valued)
    hourSine += sin(dayAngle(track.start))
    hourCosine += cos(dayAngle(track.start))
    sessions += 1
  }

  private static func add(_ new: [UInt64], to list: inout [UInt64]) {
    for name in new {
      list.removeAll { $0 == name }
      list.append(name)
    }
    if list.count > remembered { list.removeFirst(list.count - remembered) }
  }
}

/// The running numbers of a session that is open.
public struct SessionTrack: Sendable, Equatable {
  var start = 0.0
  var lastTime = 0.0
  var events = 0
  var sinceLastSession = 0.0  // days
  var isFirst = true
  var lastItem: UInt64 = 0
  var lastDevice: UInt64 = 0
  var lastRegion: UInt64 = 0
  var lastPause = 0.0  // log1p of seconds
  var pauseMean = 0.0
  var pauseSquares = 0.0  // Welford's sum of squared deviations
  var counts: [Int32]
  var countLogs = 0.0  // Σ c·ln c
  var topCount: Int32 = 0
  var items: [UInt64] = []
  var withItem = 0
  var repeats = 0
  var devices: [UInt64] = []
  var regions: [UInt64] = []
  var deviceChanges = 0
  var onNewDevice = 0
  var inNewRegion = 0
  var valued = 0
  var totalValue = 0.0
  var largestValue = 0.0
  var surprise = 0.0
  var valueLogs = 0.0
  var earlier: [Int32] = []  // the different actions so far
  var categories: [UInt64] = []
  var categoryCounts: [Int32] = []
  var ownRarity = 0.0  // Σ of the rarity for the user
  var besideRarity = 0.0  // the largest beside an earlier action
  var categoryRarity = 0.0  // Σ
  var withCategory = 0
}

/// An event as numbers. The arrays are written over, not made anew, for each event.
public struct EncodedEvent: Sendable {
  /// The action's number in the vocabulary.
  public var action = 0
  /// The bin of the pause before it; see `EventEncoder.pauseEdges`. 0 at the beginning of a session.
  public var pause = 0
  /// `EventEncoder.numberNames`, not yet scaled.
  public var numbers = [Float](repeating: 0, count: EventEncoder.numberNames.count)
  /// `EventEncoder.featureNames` of the session up to and including this event.
  public var features = [Double](repeating: 0, count: EventEncoder.featureNames.count)
  /// Whether the user was not seen on this device in earlier sessions.
  public var isNewDevice = false
  /// Whether the user was not seen in this region in earlier sessions.
  public var isNewRegion = false

  /// Zeros.
  public init() {}
}

/// Turns events into numbers, one by one, from nothing but the event and what came before it.
///
/// Each event costs the same however long the session is. A device is new if the user was not seen on it in an earlier
/// session; in a user's first session nothing is new.
public struct EventEncoder: Sendable {
  /// What was learned from the training part.
  public var scale: EncoderScale

  /// An encoder.
  public init(scale: EncoderScale) { self.scale = scale }

  /// What the sequence model sees of an event besides its action.
  public static let numberNames = [
    "log pause", "change of log pause", "log value", "has a value", "same item as before", "item seen in the session",
    "device changed", "device new to the user", "region changed", "region new to the user", "hour, sine",
    "hour, cosine", "log days since the last session", "first session", "log events of the last day",
    "log position", "share of different items", "action rare for the user", "action rare beside an earlier one",
    "pause longer than the user's", "category rare for the user", "value above the user's", "hour unlike the user's",
  ]

  /// What the isolation forest sees of a session so far.
  public static let featureNames = [
    "log events", "mean log pause", "spread of log pauses", "action entropy", "share of the commonest action",
    "mean rarity of actions", "share of different items", "share of repeated items", "log device changes",
    "share on a new device", "share in a new region", "log largest value", "log total value",
    "share of events with a value", "at night", "log events of the last day", "log days since the last session",
    "log duration", "actions rare for the user", "action rare beside an earlier one", "pauses longer than the user's",
    "categories rare for the user",
  ]

  /// The seconds at which one bin of pauses ends and the next begins.
  public static let pauseEdges: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 300]

  /// How many bins of pauses there are.
  public static let pauseBins = pauseEdges.count + 1

  /// Opens a session.
  ///
  /// - Parameters:
  ///   - time: of its first event.
  ///   - profile: of its user.
  ///   - output: receives what is known before the first event; its action is the vocabulary's count, a mark of its own.
  /// - Returns: the session, without events.
  public func open(at time: Double, _ profile: UserProfile, into output: inout EncodedEvent) -> SessionTrack {
    var track = SessionTrack(counts: [Int32](repeating: 0, count: scale.vocabulary.count))
    track.start = time
    track.lastTime = time
    track.isFirst = profile.lastTime == nil
    track.sinceLastSession = profile.lastTime.map { max(0, time - $0) / 86_400 } ?? 0
    output.action = scale.vocabulary.count
    output.pause = 0
    for index in output.numbers.indices { output.numbers[index] = 0 }
    context(track, profile, time, &output)
    return track
  }

  /// Encodes the next event of a session and takes it into the session and the profile.
  ///
  /// - Precondition: the event is not before the session's last.
  public func add(
    _ event: Event, to track: inout SessionTrack, _ profile: inout UserProfile, into output: inout EncodedEvent
  ) {
    let time = event.time
    let seconds = time - track.lastTime
    let pause = log1p(seconds)
    let isFirst = track.events == 0
    let value = event.value < 0 ? -log1p(-event.value) : log1p(event.value)
    let item = textHash(event.item)
    let device = textHash(event.device)
    let region = textHash(event.region)
    let category = textHash(event.category)
    let action = scale.vocabulary.index(of: event.action.rawValue)

    let isSame = item != 0 && item == track.lastItem
    let isSeen = item != 0 && track.items.contains(item)
    let changesDevice = device != 0 && track.lastDevice != 0 && device != track.lastDevice
    let changesRegion = region != 0 && track.lastRegion != 0 && region != track.lastRegion
    output.isNewDevice = device != 0 && !profile.devices.isEmpty && !profile.devices.contains(device)
    output.isNewRegion = region != 0 && !profile.regions.isEmpty && !profile.regions.contains(region)

    let ownRarity = rarity(of: action, for: profile)
    let besideRarity = rarity(of: action, beside: track.earlier)
    let categoryRarity = category == 0 ? 0 : rarity(ofCategory: category, for: profile)

    // The profile.
    if let last = profile.lastTime { profile.activity *= exp(-max(0, time - last) / 86_400) }
    profile.activity += 1
    profile.lastTime = time

    // The session.
    track.events += 1
    if !isFirst {
      let delta = pause - track.pauseMean
      track.pauseMean += delta / Double(track.events - 1)
      track.pauseSquares += delta * (pause - track.pauseMean)
    }
    let count = track.counts[action] + 1
    track.counts[action] = count
    track.countLogs += logProduct(Double(count)) - logProduct(Double(count - 1))
    track.topCount = max(track.topCount, count)
    track.surprise += scale.actionSurprise[action]
    track.ownRarity += ownRarity
    track.besideRarity = max(track.besideRarity, besideRarity)
    if !track.earlier.contains(Int32(action)) { track.earlier.append(Int32(action)) }
    if category != 0 {
      track.categoryRarity += categoryRarity
      track.withCategory += 1
      if let place = track.categories.firstIndex(of: category) {
        track.categoryCounts[place] += 1
      } else if track.categories.count < 2 * UserProfile.remembered {
        track.categories.append(category)
        track.categoryCounts.append(1)
      }
    }
    if item != 0 {
      track.withItem += 1
      if isSeen {
        track.repeats += 1
      } else if track.items.count < 64 {
        track.items.append(item)
      }
      track.lastItem = item
    }
    if changesDevice { track.deviceChanges += 1 }
    if device != 0 {
      if device != track.lastDevice, track.devices.count < UserProfile.remembered, !track.devices.contains(device) {
        track.devices.append(device)
      }
      track.lastDevice = device
    }
    if region != 0 {
      if region != track.lastRegion, track.regions.count < UserProfile.remembered, !track.regions.contains(region) {
        track.regions.append(region)
      }
      track.lastRegion = region
    }
    if output.isNewDevice { track.onNewDevice += 1 }
    if output.isNewRegion { track.inNewRegion += 1 }
    if event.value != 0 {
      track.valued += 1
      track.valueLogs += value
      track.totalValue += abs(event.value)
      track.largestValue = max(track.largestValue, abs(event.value))
    }

    output.action = action
    output.pause = isFirst ? 0 : EventEncoder.pauseBin(seconds)
    output.numbers[0] = Float(isFirst ? 0 : pause)
    output.numbers[1] = Float(track.events < 3 ? 0 : abs(pause - track.lastPause))
    output.numbers[2] = Float(value)
    output.numbers[3] = event.value != 0 ? 1 : 0
    output.numbers[4] = isSame ? 1 : 0
    output.numbers[5] = isSeen ? 1 : 0
    output.numbers[6] = changesDevice ? 1 : 0
    output.numbers[7] = output.isNewDevice ? 1 : 0
    output.numbers[8] = changesRegion ? 1 : 0
    output.numbers[9] = output.isNewRegion ? 1 : 0
    output.numbers[15] = Float(log1p(Double(track.events)))
    output.numbers[16] = Float(Double(track.items.count) / Double(max(1, track.withItem)))
    output.numbers[17] = Float(ownRarity)
    output.numbers[18] = Float(besideRarity)
    output.numbers[19] = isFirst ? 0 : Float(excess(pause, profile.pauses, profile.pauseCount, shrinking: 10))
    output.numbers[20] = Float(categoryRarity)
    output.numbers[21] = event.value == 0 ? 0 : Float(excess(value, profile.values, profile.valueCount, shrinking: 3))
    track.lastPause = pause
    track.lastTime = time
    context(track, profile, time, &output)
    describe(track, profile, time, &output.features)
  }

  private func context(_ track: SessionTrack, _ profile: UserProfile, _ time: Double, _ output: inout EncodedEvent) {
    let angle = dayAngle(time)
    let (sine, cosine) = (sin(angle), cos(angle))
    output.numbers[10] = Float(sine)
    output.numbers[11] = Float(cosine)
    // 0 without a past; then from −1, the user's own hour, to 1, the other side of the day.
    output.numbers[22] = Float(-(sine * profile.hourSine + cosine * profile.hourCosine) / (profile.sessions + 3))
    output.numbers[12] = Float(log1p(track.sinceLastSession))
    output.numbers[13] = track.isFirst ? 1 : 0
    output.numbers[14] = Float(log1p(profile.activity))
  }

  private func describe(_ track: SessionTrack, _ profile: UserProfile, _ time: Double, _ output: inout [Double]) {
    let count = Double(track.events)
    let pauses = Double(max(1, track.events - 1))
    let day = time / 86_400
    output[0] = log1p(count)
    output[1] = track.pauseMean
    output[2] = (track.pauseSquares / pauses).squareRoot()
    output[3] = max(0, log(count) - track.countLogs / count)
    output[4] = Double(track.topCount) / count
    output[5] = track.surprise / count
    output[6] = Double(track.items.count) / Double(max(1, track.withItem))
    output[7] = Double(track.repeats) / Double(max(1, track.withItem))
    output[8] = log1p(Double(track.deviceChanges))
    output[9] = Double(track.onNewDevice) / count
    output[10] = Double(track.inNewRegion) / count
    output[11] = log1p(track.largestValue)
    output[12] = log1p(track.totalValue)
    output[13] = Double(track.valued) / count
    output[14] = day - day.rounded(.down) < 0.25 ? 1 : 0
    output[15] = log1p(profile.activity)
    output[16] = log1p(track.sinceLastSession)
    output[17] = log1p(time - track.start)
    output[18] = track.ownRarity / count
    output[19] = track.besideRarity
    output[20] = excess(track.pauseMean, profile.pauses, profile.pauseCount, shrinking: 10)
    output[21] = track.categoryRarity / Double(max(1, track.withCategory))
  }

  /// ln of an action's share of all events less ln of its share of the user's, which counts as if twenty more events had
  /// been seen that are as usual: 0 without a past.
  private func rarity(of action: Int, for profile: UserProfile) -> Double {
    guard !profile.actions.isEmpty else { return 0 }
    let usual = exp(-scale.actionSurprise[action])
    let events = profile.pauseCount + profile.sessions
    return log(usual) - log((Double(profile.actions[action]) + 20 * usual) / (events + 20))
  }

  /// The largest of `rarityBeside` the actions that the session has had.
  private func rarity(of action: Int, beside earlier: [Int32]) -> Double {
    var largest = 0.0
    for other in earlier { largest = max(largest, scale.rarityBeside[Int(other) * scale.vocabulary.count + action]) }
    return largest
  }

  /// As of an action, where a twentieth is the usual share of a category.
  private func rarity(ofCategory category: UInt64, for profile: UserProfile) -> Double {
    guard !profile.categories.isEmpty else { return 0 }
    var (own, all) = (0.0, 0.0)
    for (other, count) in zip(profile.categories, profile.categoryCounts) {
      all += Double(count)
      if other == category { own = Double(count) }
    }
    return log(0.05) - log((own + 1) / (all + 20))
  }

  /// A number less the user's mean of it, drawn to 0 where the mean is of few.
  private func excess(_ x: Double, _ sum: Double, _ count: Double, shrinking few: Double) -> Double {
    count > 0 ? (x - sum / count) * count / (count + few) : 0
  }

  static func pauseBin(_ seconds: Double) -> Int {
    var bin = 0
    while bin < pauseEdges.count && seconds >= pauseEdges[bin] { bin += 1 }
    return bin
  }

  private func logProduct(_ x: Double) -> Double { x > 0 ? x * log(x) : 0 }
}

/// A time of day as an angle.
func dayAngle(_ time: Double) -> Double {
  let day = time / 86_400
  return 2 * Double.pi * (day - day.rounded(.down))
}

/// A number for a text, the same on every machine and never 0 but for the empty text (FNV-1a, 64 bits).
func textHash(_ text: String) -> UInt64 {
  if text.isEmpty { return 0 }
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  return hash == 0 ? 1 : hash
}
