import Behavior
import Contracts
import Detection
import Foundation
import Learning
import Simulation
import Tensors

/// A simulated log of five columns, what is hidden in it, and how it is divided.
package struct PipelineLog: Sendable {
  /// The types, sorted by name as the detector sorts them; class k is `kinds[k - 1]`.
  package static let kinds: [AnomalyKind] = [.bot, .brushing, .cardTesting, .clickFarm, .takeover]
  package static let vocabulary = ActionVocabulary(Platform.a.actions.map(\.rawValue))
  package static let gapMinutes = 30.0

  /// By time, in whole seconds, with no more than the five columns.
  package let events: [Event]
  /// The class of each event.
  package let labels: [Int]
  /// Training, validation, test: 60, 20 and 20 % of the users in 60, 20 and 20 % of the time.
  package let parts: [LogPart]

  /// Of how many users and days.
  package static let users = 2_400
  package static let days = 10

  /// Some 220,000 events.
  package init(using random: inout SeededRandom) {
    var simulator = PlatformSimulator(users: PipelineLog.users, days: PipelineLog.days)
    let severity = 0.4...0.9
    simulator.anomalies = [
      .some(22, .bot, severity: severity), .some(34, .brushing, severity: severity),
      .some(340, .cardTesting, severity: severity), .some(9, .clickFarm, severity: severity),
      .some(420, .takeover, severity: severity),
    ]
    let seed = random.next()
    let log = simulator.simulate(using: &random)
    // There are few rings, and each acts within hours. Each account's calendar is turned by whole days, so
    // that every type is found at every time; hours stay what they are.
    let length = 86_400 * Double(simulator.days)
    var turned: [String: Double] = [:]
    for user in 0..<simulator.users { turned["u\(user)"] = 86_400 * Double(random.below(simulator.days)) }
    let times = log.events.map { event in
      let time = (event.time - simulator.start + (turned[event.user] ?? 0)).rounded(.down)
      return simulator.start + time.truncatingRemainder(dividingBy: length)
    }
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    let events = order.map { index in
      let event = log.events[index]
      return Event(user: event.user, time: times[index], action: event.action, item: event.item, value: event.value)
    }
    labels = order.map { index in
      let cause = Int(log.causes[index])
      return cause < 0 ? 0 : 1 + (PipelineLog.kinds.firstIndex(of: log.anomalies[cause].kind) ?? 0)
    }
    // The parts are those of the detector behind `dojo detect`, so that both are judged on the same sessions.
    let split = Split(starts: events.sessions(gap: 60 * PipelineLog.gapMinutes).map(\.start), seed: seed)
    let users = (0..<simulator.users).map { "u\($0)" }
    let edges = [events.first?.time ?? 0] + split.cuts + [(events.last?.time ?? 0) + 1]
    parts = Split.Part.allCases.enumerated().map { index, part in
      LogPart(users: users.filter { split.part(of: $0) == part }, from: edges[index], until: edges[index + 1])
    }
    self.events = events
    seedOfSplit = seed
  }

  package let seedOfSplit: UInt64

  /// The log without the rows that no part uses.
  package func restrictedToParts() -> PipelineLog {
    var partOfUser: [String: LogPart] = [:]
    for part in parts { for user in part.users { partOfUser[user] = part } }
    let kept = events.indices.filter { index in
      partOfUser[events[index].user].map { $0.from <= events[index].time && events[index].time < $0.until } ?? false
    }
    return PipelineLog(
      events: kept.map { events[$0] }, labels: kept.map { labels[$0] }, parts: parts, seedOfSplit: seedOfSplit)
  }

  private init(events: [Event], labels: [Int], parts: [LogPart], seedOfSplit: UInt64) {
    (self.events, self.labels, self.parts, self.seedOfSplit) = (events, labels, parts, seedOfSplit)
  }

  /// The log as CSV.
  package var csv: String {
    var text = "user_id,timestamp,item_id,action,value\n"
    text.reserveCapacity(events.count * 40)
    for event in events {
      text +=
        "\(event.user),\(Int(event.time)),\(event.item),\(event.action),\(event.value == 0 ? "" : "\(event.value)")\n"
    }
    return text
  }

  /// Each user's classes, in the order of time; of the users of the given parts.
  package func labels(of chosen: [Int]) -> [String: [Int]] {
    let users = Set(chosen.flatMap { parts[$0].users })
    var labels: [String: [Int]] = [:]
    for (event, label) in zip(events, self.labels) where users.contains(event.user) {
      labels[event.user, default: []].append(label)
    }
    return labels
  }

  /// The sessions of a part with the class of each event.
  package func truth(of part: Int) -> PipelineTruth {
    let sessions = events.sessions(gap: 60 * PipelineLog.gapMinutes)
    let classes = PipelineTruth.classes(of: sessions, from: labels(of: Array(parts.indices)))
    let users = Set(parts[part].users)
    let chosen = sessions.indices.filter {
      users.contains(sessions[$0].user) && sessions[$0].start >= parts[part].from
        && sessions[$0].end < parts[part].until
    }
    return PipelineTruth(
      sessions: chosen.map { sessions[$0] }, classes: chosen.map { classes[$0] },
      days: (parts[part].until - parts[part].from) / 86_400)
  }

  /// The labels as the detector reads them: a row an event that is not honest.
  package func detectorLabels(_ sorted: [Event]) throws -> EventLabels {
    let kinds = PipelineLog.kinds.map { "\($0.rawValue),nobody,0,0\n" }.joined()
    var flags = "event,anomaly\n"
    var classes: [String: [Int]] = labels(of: Array(parts.indices)).mapValues { $0.reversed() }
    for (row, event) in sorted.enumerated() {
      let label = classes[event.user]?.popLast() ?? 0
      if label > 0 { flags += "\(row + 1),\(label)\n" }
    }
    return try EventLabels(labels: "kind,users,start,end\n" + kinds, flags: flags, events: sorted)
  }

  /// The events by user, then time, as the detector is fitted.
  package var byUser: [Event] {
    events.indices.sorted { (events[$0].user, events[$0].time, $0) < (events[$1].user, events[$1].time, $1) }
      .map { events[$0] }
  }
}

/// Sessions of which everything is known.
package struct PipelineTruth: Sendable {
  package var sessions: [Session]
  /// The class of each event.
  package var classes: [[Int]]
  package var days: Double

  /// The classes of sessions that come user by user and by time.
  package static func classes(of sessions: [Session], from labels: [String: [Int]]) -> [[Int]] {
    var used: [String: Int] = [:]
    return sessions.map { session in
      let first = used[session.user] ?? 0
      used[session.user] = first + session.events.count
      let all = labels[session.user] ?? []
      return (first..<first + session.events.count).map { $0 < all.count ? all[$0] : 0 }
    }
  }

  /// A session's class: that of its first event that has one.
  package static func type(_ classes: [Int]) -> Int { classes.first { $0 > 0 } ?? 0 }

  package var types: [Int] { classes.map(PipelineTruth.type) }
}

/// What a detector says of a session.
package struct SessionVerdict: Codable, Sendable, Equatable {
  package var user: String
  package var start: Double
  /// The largest score of its events.
  package var score: Double
  package var alarms: [LogAlarm]

  package init(user: String, start: Double, score: Double, alarms: [LogAlarm]) {
    (self.user, self.start, self.score, self.alarms) = (user, start, score, alarms)
  }
}

/// How good verdicts are. A session counts as found if its strongest alarm names the right type.
package struct PipelineFigures: Sendable {
  package var averagePrecision: Double
  /// By type: found with the right type.
  package var recall: [Double]
  /// By type: any alarm.
  package var anyRecall: [Double]
  package var macroRecall: Double
  /// The share of honest sessions with an alarm.
  package var falseAlarms: Double
  /// Events between the first wrong one and the one that opens the first alarm; the median over sessions with both.
  package var onsetError: Double
  /// The same with its sign: above 0 is late.
  package var onsetDelay: Double
  package var alarmsPerDay: Double
  /// `confusion[t][p]` of classes, 0 for no alarm or honest.
  package var confusion: [[Int]]
  /// What one who never raises an alarm gets right.
  package var accuracyOfSilence: Double
  package var scores: [Double]
  package var missing: Int

  package init(_ verdicts: [SessionVerdict], _ truth: PipelineTruth) throws {
    var byPlace: [String: SessionVerdict] = [:]
    for verdict in verdicts { byPlace["\(verdict.user) \(verdict.start)"] = verdict }
    let types = truth.types
    let kinds = PipelineLog.kinds.count
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: kinds + 1), count: kinds + 1)
    var delays: [Double] = []
    var alarms = 0
    scores = []
    missing = 0
    for (index, session) in truth.sessions.enumerated() {
      guard let verdict = byPlace["\(session.user) \(session.start)"] else {
        missing += 1
        scores.append(-1)
        confusion[types[index]][0] += 1
        continue
      }
      scores.append(verdict.score.isFinite ? verdict.score : -1)
      alarms += verdict.alarms.count
      let strongest = verdict.alarms.max { $0.score < $1.score }
      confusion[types[index]][min(kinds, max(0, strongest?.type ?? 0))] += 1
      if let first = verdict.alarms.first, let wrong = truth.classes[index].firstIndex(where: { $0 > 0 }) {
        let opened = session.events.firstIndex { $0.time >= first.onset } ?? session.events.count
        // Events of one second are not told apart.
        let sameSecond = session.events[min(opened, session.events.count - 1)].time == session.events[wrong].time
        delays.append(sameSecond ? 0 : Double(opened - wrong))
      }
    }
    averagePrecision = try Metrics.averagePrecision(types.map { $0 > 0 ? 1 : 0 }, scores: scores)
    func rate(_ hits: Int, _ row: [Int]) -> Double { Double(hits) / Double(max(1, row.reduce(0, +))) }
    recall = (1...kinds).map { rate(confusion[$0][$0], confusion[$0]) }
    anyRecall = (1...kinds).map { rate(confusion[$0].dropFirst().reduce(0, +), confusion[$0]) }
    macroRecall = recall.reduce(0, +) / Double(kinds)
    falseAlarms = rate(confusion[0].dropFirst().reduce(0, +), confusion[0])
    func median(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.sorted()[values.count / 2] }
    onsetError = median(delays.map { abs($0) })
    onsetDelay = median(delays)
    alarmsPerDay = Double(alarms) / truth.days
    accuracyOfSilence = rate(types.count { $0 == 0 }, [types.count])
    self.confusion = confusion
  }
}

/// The smallest threshold that at most a share of honest scores reach.
package func pipelineThreshold(honest scores: [Double], budget: Double) -> Double {
  let sorted = scores.sorted(by: >)
  let allowed = Int(budget * Double(sorted.count))
  return allowed < sorted.count ? sorted[allowed].nextUp : (sorted.last ?? 0)
}

/// The baseline: rules that an analyst would write, and z-scores of five numbers of a session.
///
/// Each counts −ln of the share of honest validation sessions for which it holds, or whose largest |z| is as large, so that
/// a rule which seldom cries wolf weighs most.
package struct PipelineRules {
  private var means: [Double]
  private var deviations: [Double]
  private var dear = 0.0
  private var weights: [Double] = [0, 0, 0, 0, 0]
  private var distances: [Double] = []
  private var threshold = Double.infinity

  /// Learns the scale from training sessions, the weights and the threshold from honest validation sessions.
  package init(training: [Session], validation: PipelineTruth, budget: Double) {
    let rows = training.map(PipelineRules.features)
    let width = 5
    means = (0..<width).map { k in rows.reduce(0) { $0 + $1[k] } / Double(max(1, rows.count)) }
    deviations = [Double](repeating: 1, count: width)
    for k in 0..<width {
      let mean = means[k]
      let squares = rows.reduce(0) { $0 + ($1[k] - mean) * ($1[k] - mean) }
      deviations[k] = max(0.01, (squares / Double(max(1, rows.count))).squareRoot())
    }
    let spent = rows.map { $0[3] }.sorted()
    dear = spent.isEmpty ? 0 : spent[Int(0.99 * Double(spent.count - 1))]
    let honest = zip(validation.sessions, validation.types).filter { $0.1 == 0 }.map(\.0)
    let hits = honest.map { rules($0).map(\.holds) }
    weights = (0..<width).map { rule in
      -log(Double(hits.count { $0[rule] } + 1) / Double(honest.count + 1))
    }
    distances = honest.map { distance(PipelineRules.features($0)) }.sorted()
    threshold = pipelineThreshold(honest: honest.map { judge($0).score }, budget: budget)
  }

  private static func features(_ session: Session) -> [Double] {
    let pauses = zip(session.events, session.events.dropFirst()).map { log1p($1.time - $0.time) }
    var counts: [String: Int] = [:]
    for event in session.events { counts[event.action.rawValue, default: 0] += 1 }
    let bought = session.events.filter { $0.action == .purchase }
    return [
      log1p(Double(session.events.count)), pauses.reduce(0, +) / Double(max(1, pauses.count)),
      log1p(Double(bought.count)), log1p(bought.reduce(0) { $0 + $1.value }),
      Double(counts.values.max() ?? 0) / Double(max(1, session.events.count)),
    ]
  }

  private func distance(_ features: [Double]) -> Double {
    (0..<5).map { i -> Double in abs(features[i] - means[i]) / deviations[i] }.max() ?? 0
  }

  private func rules(_ session: Session) -> [(holds: Bool, type: Int)] {
    let features = PipelineRules.features(session)
    let failed = session.events.count { $0.action == .payFailed }
    let views = session.events.count { $0.action == .view || $0.action == .favourite }
    let firstPurchase = session.events.first { $0.action == .purchase }?.time
    return [
      (failed >= 3, 3), (session.events.count >= 60, 1), (views >= 8 && firstPurchase == nil && features[1] < 2.2, 4),
      (firstPurchase.map { $0 - session.start < 90 } ?? false, 2), (features[3] > dear, 5),
    ]
  }

  private func judge(_ session: Session) -> (score: Double, type: Int) {
    let distance = distance(PipelineRules.features(session))
    let farther = distances.count { $0 >= distance }
    // Beyond all honest ones, farther still counts more.
    let beyond = max(0, distance - (distances.last ?? distance))
    var score = -log(Double(farther + 1) / Double(distances.count + 1)) + beyond
    var type = 5
    var heaviest = 0.0
    for (rule, weight) in zip(rules(session), weights) where rule.holds {
      score += weight
      if weight > heaviest { (type, heaviest) = (rule.type, weight) }
    }
    return (score, type)
  }

  /// A rule knows no time within a session: its alarm is the whole session.
  package func verdict(_ session: Session) -> SessionVerdict {
    let (score, type) = judge(session)
    let alarm = LogAlarm(type: type, onset: session.start, end: session.end, score: score)
    return SessionVerdict(
      user: session.user, start: session.start, score: score, alarms: score >= threshold ? [alarm] : [])
  }
}

/// Recall and precision at each distinct score, falling.
package func pipelineCurve(_ types: [Int], scores: [Double]) -> (recall: [Double], precision: [Double]) {
  let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
  let all = Double(max(1, types.count { $0 > 0 }))
  var (recall, precision) = ([0.0], [1.0])
  var hits = 0.0
  for (place, index) in order.enumerated() {
    if types[index] > 0 { hits += 1 }
    if place + 1 < order.count && scores[order[place + 1]] == scores[index] { continue }
    recall.append(hits / all)
    precision.append(hits / Double(place + 1))
  }
  return (recall, precision)
}
