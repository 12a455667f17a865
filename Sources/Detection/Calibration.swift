import Foundation
import Learning
import Tensors

/// Puts the signals of a fitted model on common scales and fuses them, on the calibration part.
struct Calibration {
  let table: SessionTable
  let scale: EncoderScale
  let sequence: SequenceModel
  let forest: IsolationForest.Fitted
  let options: FitOptions
  /// The labelled types, or nil.
  let types: [String]?

  private struct EventRow {
    var session: Int
    var surprise: Double
    var isolation: Double
    var odds: Double
    var isHonest: Bool
    /// Whether it lies in the calibration part itself, and not before its time.
    var isFitted: Bool
  }

  func model(progress: ProgressHandler?) throws -> DetectionModel {
    let stepper = SequenceStepper(sequence)
    let sessions = table.rows.indices.filter { table.rows[$0].part == .calibration }
    // What is usual must be known before the running mean begins: a first look with zeros gives it.
    var usual = [0.0, 0.0]
    var pauses = 0.0
    var honest = 0.0
    var reader = SignalReader(stepper, forest, usual: usual)
    for (number, session) in sessions.enumerated() where number < 400 {
      table.forEachEvent(of: session, scale, &reader) { event, _, signals in
        guard table.types[event] == 0 else { return }
        usual[0] += signals.actionSurprise
        usual[1] += signals.pauseSurprise
        honest += 1
        if event > table.rows[session].events.lowerBound { pauses += 1 }
      }
    }
    usual = [usual[0] / max(1, honest), usual[1] / max(1, pauses)]

    reader = SignalReader(stepper, forest, usual: usual)
    var events: [EventRow] = []
    let chosen = table.rows.indices.filter { session in
      let row = table.rows[session]
      return row.part == .calibration || row.setsThreshold && row.type == 0
    }
    for (number, session) in chosen.enumerated() {
      let isFitted = table.rows[session].part == .calibration
      table.forEachEvent(of: session, scale, &reader) { event, _, signals in
        events.append(
          EventRow(
            session: session, surprise: signals.surprise, isolation: signals.isolation, odds: signals.odds,
            isHonest: table.types[event] == 0, isFitted: isFitted))
      }
      if number % 256 == 0 {
        progress?(ProgressUpdate("calibration", fraction: Double(number) / Double(chosen.count)))
      }
    }
    progress?(ProgressUpdate("calibration", fraction: 1))
    let calm = events.filter { $0.isFitted && table.rows[$0.session].type == 0 }
    guard !calm.isEmpty else { throw DetectionError.tooSmall("the calibration part has no honest session") }
    let surpriseTail = TailTable(calm.map(\.surprise))
    let isolationTail = TailTable(calm.map(\.isolation))
    func inputs(_ event: EventRow) -> [Double] {
      [surpriseTail.rarity(of: event.surprise), isolationTail.rarity(of: event.isolation), event.odds]
    }
    let fitted = events.filter(\.isFitted)
    let fusion = types == nil ? [0, 1, 1, 0] : try fuse(fitted.map(inputs), fitted)

    var largest: [Int: Double] = [:]
    for event in events where table.rows[event.session].type == 0 && table.rows[event.session].setsThreshold {
      let input = inputs(event)
      let evidence = fusion[0] + fusion[1] * input[0] + fusion[2] * input[1] + fusion[3] * input[2]
      largest[event.session] = max(largest[event.session] ?? -.infinity, evidence)
    }
    let honestSessions = largest.keys.sorted()
    let honestEvidence = honestSessions.compactMap { largest[$0] }
    var userNumbers: [String: Int] = [:]
    let honestUsers = honestSessions.map { session -> Int in
      let next = userNumbers.count
      let user = table.rows[session].user
      if let known = userNumbers[user] { return known }
      userNumbers[user] = next
      return next
    }
    let falseAlarms = FalseAlarmBudget(evidence: honestEvidence, users: honestUsers)
    let settings = DetectionModel.Settings(
      scale: scale, shape: sequence.shape, types: types ?? DetectionModel.unlabelledTypes, hasLabels: types != nil,
      usualSurprise: usual, surpriseTail: surpriseTail, isolationTail: isolationTail, fusion: fusion,
      sessionTail: TailTable(honestEvidence), falseAlarms: falseAlarms,
      thresholds: DetectionModel.thresholds(falseAlarms, budget: options.budget), budget: options.budget,
      transitions: MarkovChain(table, actions: scale.vocabulary.count).surprise, usualFeatures: usualFeatures())
    return try DetectionModel(settings: settings, sequence: sequence, forest: forest)
  }

  /// Logistic regression by Newton's method, with a small ridge; each event of a session counts 1 / √(its events), so
  /// that a bot's hundred events do not outvote a takeover's ten. Too few anomalies, and Fisher's sum is taken.
  private func fuse(_ inputs: [[Double]], _ events: [EventRow]) throws -> [Double] {
    let positives = Set(events.filter { !$0.isHonest }.map(\.session)).count
    if positives < 5 { return [0, 1, 1, 1] }
    var sizes: [Int: Int] = [:]
    for event in events { sizes[event.session, default: 0] += 1 }
    var weights = [0.0, 0, 0, 0]
    for _ in 0..<12 {
      var gradient = [0.0, 0, 0, 0]
      var hessian = Matrix(rows: 4, columns: 4)
      for (input, event) in zip(inputs, events) {
        let x = [1, input[0], input[1], input[2]]
        var sum = 0.0
        for k in 0..<4 { sum += weights[k] * x[k] }
        let probability = 1 / (1 + exp(-sum))
        let share = 1 / Double(sizes[event.session] ?? 1).squareRoot()
        let error = share * (probability - (event.isHonest ? 0 : 1))
        let curvature = max(1e-9, share * probability * (1 - probability))
        for a in 0..<4 {
          gradient[a] += error * x[a]
          for b in 0..<4 { hessian[a, b] += curvature * x[a] * x[b] }
        }
      }
      for k in 1..<4 {
        gradient[k] += 0.1 * weights[k]
        hessian[k, k] += 0.1
      }
      hessian[0, 0] += 1e-6
      let step = try hessian.solvedPositiveDefinite(for: gradient)
      for k in 0..<4 { weights[k] -= min(2, max(-2, step[k])) }
    }
    // More of a signal never speaks for honesty.
    return [weights[0]] + weights.dropFirst().map { max(0, $0) }
  }

  private func usualFeatures() -> [[Double]] {
    var columns = [[Double]](repeating: [], count: SessionTable.featureWidth)
    var row = [Double](repeating: 0, count: SessionTable.featureWidth)
    for session in table.rows where session.part == .training && session.type == 0 {
      table.features(of: session.events.upperBound - 1, into: &row)
      for k in row.indices { columns[k].append(row[k]) }
    }
    return columns.map { column in
      let sorted = column.sorted()
      let last = Double(sorted.count - 1)
      return [sorted[Int(0.05 * last)], sorted[Int((0.95 * last).rounded(.up))]]
    }
  }
}

extension SessionTable {
  /// Runs the signals over a session; the body gets each event's number, whether it is the first, and what was said.
  func forEachEvent(
    of session: Int, _ scale: EncoderScale, _ reader: inout SignalReader,
    _ body: (_ event: Int, _ isFirst: Bool, _ signals: EventSignals) -> Void
  ) {
    var raw = [Float](repeating: 0, count: SessionTable.width)
    var scaled = raw
    var features = [Double](repeating: 0, count: SessionTable.featureWidth)
    var signals = EventSignals()
    mark(of: session, into: &raw)
    scale.standardize(raw, into: &scaled)
    var state = reader.open(scaled)
    let row = rows[session]
    for event in row.events {
      numbers(of: event, into: &raw)
      scale.standardize(raw, into: &scaled)
      self.features(of: event, into: &features)
      let isFirst = event == row.events.lowerBound
      reader.read(
        action: Int(actions[event]), pause: Int(pauses[event]), isFirst: isFirst, scaled, features: features, &state,
        into: &signals)
      body(event, isFirst, signals)
    }
  }
}
