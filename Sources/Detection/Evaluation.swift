import Behavior
import Foundation
import Learning
import Tensors

/// How well a detector and its baselines find the sessions of the test part: users and times that nothing was fitted to.
///
/// A session is an anomaly if one of its events is; each method gives it one number. Average precision of a type is
/// that of its sessions against the honest ones. Intervals are 95 %, by 200 resamplings of users.
public struct Evaluation: Encodable, Sendable, Hashable {
  /// An estimate and its interval.
  public struct Estimate: Encodable, Sendable, Hashable {
    /// On all users.
    public var value: Double
    /// The 2.5 % quantile over resampled users.
    public var low: Double
    /// The 97.5 % quantile.
    public var high: Double
  }

  /// What one method reaches.
  public struct Row: Encodable, Sendable, Hashable {
    /// Its name.
    public var method: Method
    /// The average precision of all anomalies together.
    public var overall: Estimate
    /// That of each type; nil where the test part has none.
    public var types: [Estimate?]
  }

  /// The methods.
  public enum Method: String, Encodable, Sendable, CaseIterable {
    /// A threshold on the number of events.
    case counts
    /// The mean surprise of a first-order Markov chain of actions.
    case markovChain
    /// The isolation forest alone.
    case isolationForest
    /// The LSTM alone, by its surprise.
    case lstmSurprise
    /// The LSTM alone, by its type head, which labels taught.
    case lstmTypes
    /// Surprise and isolation, fused without labels.
    case fusedWithoutLabels
    /// The detector.
    case detector
  }

  /// A point of a precision–recall curve.
  public struct Point: Encodable, Sendable, Hashable {
    /// The share of the anomalous sessions that reach the threshold.
    public var recall: Double
    /// The share of the sessions that reach it that are anomalous.
    public var precision: Double
  }

  /// The types.
  public var types: [String]
  /// How many sessions of each type the test part has.
  public var sessions: [Int]
  /// How many honest ones.
  public var honest: Int
  /// The methods.
  public var rows: [Row]
  /// The detector's curve over all thresholds, thinned.
  public var curve: [Point]
  /// Where its threshold is on the curve.
  public var operating: Point
  /// How many of 1,000 honest sessions reach the threshold.
  public var falseAlarms: Estimate
  /// The share of the sessions of each type that reach it; nil where there are none.
  public var recall: [Double?]
  /// `confusion[t][p]`: found sessions of type t whose alert says type p; zeros for a model without types.
  public var confusion: [[Int]]
  /// The median number of events from the first anomalous one of a session to the one that opens the alert; nil where
  /// none is found.
  public var medianDelay: Double?
}

extension Evaluation {
  /// Runs a model over a labelled log of other users than it was fitted to.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - events: by user, then time, as `LogCleaning` hands them back.
  ///   - labels: what is wrong.
  ///   - seed: decides the resamplings.
  ///   - progress: is told how far it is.
  /// - Throws: `DetectionError`: a type that the model was not taught, or a log without honest or without anomalous
  ///   sessions.
  public init(
    of model: DetectionModel, on events: [Event], labels: EventLabels, seed: UInt64 = 1,
    progress: ProgressHandler? = nil
  ) throws {
    let types = model.settings.hasLabels ? model.settings.types : labels.types
    let labels = try labels.renumbered(for: types)
    var rows = SessionTable.outline(events, gap: model.settings.scale.sessionGap, labels: labels)
    for index in rows.indices { rows[index].part = .test }
    let table = SessionTable(events, rows: rows, encoder: EventEncoder(scale: model.settings.scale), labels: labels) {
      progress?(ProgressUpdate("encoding", fraction: $0))
    }
    let (evaluation, _) = try Evaluation.measure(model, table, types: types, seed: seed, progress: progress)
    guard let evaluation else {
      throw DetectionError.tooSmall("the log needs both sessions that are honest and sessions that are not")
    }
    self = evaluation
  }

  /// Runs over the test part.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - table: the sessions.
  ///   - types: the names of the types in the table; empty without labels.
  ///   - seed: decides the resamplings.
  ///   - progress: is told how far it is.
  /// - Returns: the evaluation, nil where there are not both kinds of session; and alerts in 1,000 honest sessions.
  /// - Throws: `MetricError` for a score that is not a number.
  static func measure(
    _ model: DetectionModel, _ table: SessionTable, types: [String], seed: UInt64, progress: ProgressHandler?
  ) throws -> (Evaluation?, Double) {
    let sessions = table.rows.indices.filter { table.rows[$0].part == .test }
    let chain = MarkovChain(actions: model.settings.shape.actions, surprise: model.settings.transitions)
    let reader = SignalReader(model.stepper, model.forest, usual: model.settings.usualSurprise)
    var found = TestSessions(model: model, table: table, chain: chain, reader: reader, names: types)
    for (number, session) in sessions.enumerated() {
      found.add(session)
      if number % 256 == 0 {
        progress?(ProgressUpdate("evaluation", fraction: 0.5 * Double(number) / Double(sessions.count)))
      }
    }
    let honest = found.types.count { $0 == 0 }
    let alarms = zip(found.types, found.alarmTypes).count { $0 == 0 && $1 != nil }
    let rate = 1_000 * Double(alarms) / Double(max(1, honest))
    guard honest > 0, honest < found.types.count else {
      progress?(ProgressUpdate("evaluation", fraction: 1))
      return (nil, rate)
    }
    return (try found.evaluation(seed: seed, progress: progress), rate)
  }
}

/// The scores of the test part's sessions.
private struct TestSessions {
  let model: DetectionModel
  let table: SessionTable
  let chain: MarkovChain
  var reader: SignalReader
  let names: [String]

  var users: [Int] = []  // numbers of different users, in order
  var types: [Int] = []
  var scores = [[Double]](repeating: [], count: Evaluation.Method.allCases.count)
  var alarmTypes: [Int?] = []
  var delays: [Double] = []
  private var lastUser = ""

  init(
    model: DetectionModel, table: SessionTable, chain: MarkovChain, reader: SignalReader, names: [String]
  ) {
    (self.model, self.table, self.chain, self.reader, self.names) = (model, table, chain, reader, names)
  }

  mutating func add(_ session: Int) {
    let row = table.rows[session]
    let settings = model.settings
    var largest = [Double](repeating: -.infinity, count: scores.count)
    var isOpen = false
    var opened: Int?
    var sums = [Double](repeating: 0, count: settings.types.count)
    var encoded = EncodedEvent()
    var firstWrong: Int?
    table.forEachEvent(of: session, settings.scale, &reader) { event, _, signals in
      let evidence = model.evidence(signals)
      let fused =
        settings.surpriseTail.rarity(of: signals.surprise) + settings.isolationTail.rarity(of: signals.isolation)
      largest[2] = max(largest[2], signals.isolation)
      largest[3] = max(largest[3], signals.surprise)
      largest[4] = max(largest[4], signals.odds)
      largest[5] = max(largest[5], fused)
      largest[6] = max(largest[6], evidence)
      if firstWrong == nil, table.types[event] > 0 { firstWrong = event }
      let change = settings.thresholds.change(isOpen: isOpen, score: model.score(evidence: evidence))
      isOpen = change == .opens || change == .goesOn
      if isOpen {
        if opened == nil { opened = event }
        encoded.isNewDevice = table.numbers[event * SessionTable.width + 7] > 0
        encoded.isNewRegion = table.numbers[event * SessionTable.width + 9] > 0
        model.addTypes(signals, encoded, to: &sums)
      }
    }
    largest[0] = Double(row.events.count)
    largest[1] = chain.meanSurprise(of: row.events, in: table)
    if row.user != lastUser || users.isEmpty {
      users.append((users.last ?? -1) + 1)
      lastUser = row.user
    } else {
      users.append(users[users.count - 1])
    }
    types.append(row.type)
    for (method, score) in largest.enumerated() { scores[method].append(score) }
    alarmTypes.append(opened == nil ? nil : indexOfLargest(sums))
    if let opened, let firstWrong { delays.append(Double(opened - firstWrong)) }
  }

  func evaluation(seed: UInt64, progress: ProgressHandler?) throws -> Evaluation {
    let count = names.count
    let ones = [Double](repeating: 1, count: types.count)
    let resamplings = 200
    var random = SeededRandom(seed: seed).fork("bootstrap")
    let userCount = (users.last ?? -1) + 1
    var draws: [[Double]] = []
    for _ in 0..<resamplings {
      var times = [Double](repeating: 0, count: userCount)
      for _ in 0..<userCount { times[random.below(userCount)] += 1 }
      draws.append(users.map { times[$0] })
    }
    func interval(_ value: Double, _ sample: [Double]) -> Evaluation.Estimate {
      let sorted = sample.filter(\.isFinite).sorted()
      guard let first = sorted.first, let last = sorted.last else {
        return .init(value: value, low: value, high: value)
      }
      let low = sorted.count > 1 ? sorted[Int(0.025 * Double(sorted.count - 1))] : first
      let high = sorted.count > 1 ? sorted[Int((0.975 * Double(sorted.count - 1)).rounded(.up))] : last
      return .init(value: value, low: low, high: high)
    }
    let methods = Evaluation.Method.allCases
    let labels = types.map { $0 > 0 ? 1 : 0 }
    let rows = try methods.enumerated().map { index, method -> Evaluation.Row in
      let ranked = try RankedSamples(labels, scores: scores[index])
      func precision(_ type: Int?, _ weights: [Double]) -> Double {
        guard let type else { return ranked.averagePrecision(weights: weights) }
        var own = weights
        for session in types.indices where types[session] > 0 && types[session] != type { own[session] = 0 }
        return ranked.averagePrecision(weights: own)
      }
      progress?(ProgressUpdate("evaluation", fraction: 0.5 + 0.5 * Double(index) / Double(methods.count)))
      return Evaluation.Row(
        method: method, overall: interval(precision(nil, ones), draws.map { precision(nil, $0) }),
        types: (1..<count + 1).map { type in
          types.contains(type) ? interval(precision(type, ones), draws.map { precision(type, $0) }) : nil
        })
    }
    progress?(ProgressUpdate("evaluation", fraction: 1))
    let reached = Array(zip(types, alarmTypes))
    func rate(_ weights: [Double]) -> Double {
      var (alarms, honest) = (0.0, 0.0)
      for session in types.indices where types[session] == 0 {
        honest += weights[session]
        if alarmTypes[session] != nil { alarms += weights[session] }
      }
      return honest > 0 ? 1_000 * alarms / honest : .nan
    }
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
    for (type, alarm) in reached {
      if type > 0, model.settings.hasLabels, let alarm { confusion[type - 1][alarm] += 1 }
    }
    let wrong = Double(types.count { $0 > 0 })
    let hits = Double(reached.count { $0 > 0 && $1 != nil })
    let alarms = Double(alarmTypes.count { $0 != nil })
    func total(_ type: Int) -> Int { types.count { $0 == type } }
    func found(_ type: Int) -> Int { reached.count { $0 == type && $1 != nil } }
    let numbers = 1..<count + 1
    let recall = numbers.map { type -> Double? in
      total(type) == 0 ? nil : Double(found(type)) / Double(total(type))
    }
    return Evaluation(
      types: names, sessions: numbers.map(total), honest: total(0), rows: rows, curve: curve(),
      operating: Evaluation.Point(recall: hits / wrong, precision: alarms > 0 ? hits / alarms : 1),
      falseAlarms: interval(rate(ones), draws.map(rate)), recall: recall, confusion: confusion,
      medianDelay: delays.isEmpty ? nil : delays.sorted()[delays.count / 2])
  }

  private func curve() -> [Evaluation.Point] {
    let scores = scores[6]
    let order = types.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    let all = Double(max(1, types.count { $0 > 0 }))
    var points: [Evaluation.Point] = []
    var hits = 0.0
    for (place, session) in order.enumerated() {
      if types[session] > 0 { hits += 1 }
      let isTied = place + 1 < order.count && scores[order[place + 1]] == scores[session]
      if !isTied { points.append(.init(recall: hits / all, precision: hits / Double(place + 1))) }
    }
    // A point for each half per cent of recall or whole one of precision.
    var kept: [Evaluation.Point] = []
    for point in points {
      if let last = kept.last, point.recall - last.recall < 0.005, abs(point.precision - last.precision) < 0.01 {
        continue
      }
      kept.append(point)
    }
    return kept
  }
}

/// A first-order Markov chain of actions, each transition counted once more than it was seen.
struct MarkovChain {
  let actions: Int
  let surprise: [Double]  // [V + 1, V]

  /// The chain of a fitted model.
  init(actions: Int, surprise: [Double]) {
    self.actions = actions
    self.surprise = surprise
  }

  /// The chain of the training part's sessions.
  init(_ table: SessionTable, actions size: Int) {
    var counts = [Double](repeating: 1, count: (size + 1) * size)
    for row in table.rows where row.part == .training {
      var before = size
      for event in row.events {
        counts[before * size + Int(table.actions[event])] += 1
        before = Int(table.actions[event])
      }
    }
    for before in 0...size {
      let range = before * size..<(before + 1) * size
      let total = counts[range].reduce(0, +)
      for k in range { counts[k] = -log(counts[k] / total) }
    }
    actions = size
    surprise = counts
  }

  func meanSurprise(of events: Range<Int>, in table: SessionTable) -> Double {
    var before = actions
    var sum = 0.0
    for event in events {
      sum += surprise[before * actions + Int(table.actions[event])]
      before = Int(table.actions[event])
    }
    return sum / Double(max(1, events.count))
  }
}
