import Behavior
import Foundation
import Learning
import Tensors

/// How a detector is fitted.
public struct FitOptions: Sendable, Hashable {
  /// False alarms that are allowed in 1,000 honest sessions.
  public var budget = 5.0
  /// The longest pause within a session, in seconds.
  public var sessionGap = 1_800.0
  /// How often the training part is seen, at most.
  public var epochs = 8
  /// H, the hidden units of the LSTM.
  public var hidden = 32
  /// How many sessions make a step.
  public var batch = 64
  /// How many events of a session the LSTM is trained on; it runs on over all of them.
  public var longest = 96
  /// The size of a step of Adam.
  public var learningRate: Float = 4e-3
  /// How many trees the forest has.
  public var trees = 100
  /// Decides the users' parts, the weights, the trees.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}
}

/// A fitted detector and what is known of it.
public struct FitResult: Sendable {
  /// The detector.
  public let model: DetectionModel
  /// Who and when each part is.
  public let split: Split
  /// How many sessions each part has, in the order of `Split.Part.allCases`.
  public let sessions: [Int]
  /// The losses of the sequence model.
  public let history: TrainingHistory
  /// How well it does on the test part; nil without labels, or without an anomaly there.
  public let evaluation: Evaluation?
  /// How many of 1,000 honest sessions (of all, without labels) of the test part raise an alert.
  public let alertsPerThousand: Double
}

/// Fits a detector to a log.
///
///     let result = try DetectorFit(options).fit(cleaned.events, labels: labels, progress: progress.handler)
///     try ModelFolder.write(result.model, to: folder)
///
/// 1. **Sessions** are cut at pauses, and divided by user *and* time (`Split`).
/// 2. **Encoding**: vocabulary, shares of actions, means and deviations are those of the training part.
/// 3. **Sequence model**: an LSTM learns the next action and pause of the training part's events, with labels of the
///    honest ones only, and with labels also the type of each event. One input in 200 is replaced by the unknown action.
/// 4. **Isolation forest** on the running numbers of the training part's sessions, with labels of the honest ones.
/// 5. **Calibration**: each signal becomes −ln of the share of the calibration part's honest events that have as much.
/// 6. **Fusion**: with labels a logistic regression of the two rarities and the type head's odds on the calibration
///    part's events; without, their sum (Fisher's method). A session's largest evidence is then put on a scale of its
///    own: −log₁₀ of the share of the honest sessions that reach as much, of the calibration part's users and all time
///    before the test part's.
/// 7. **Threshold**: on that scale, so that a budget of false alarms holds with a probability of 0.9 (`FalseAlarmBudget`).
///
/// Without labels every session counts as honest.
public struct DetectorFit: Sendable {
  /// How.
  public var options: FitOptions

  /// A fit.
  public init(_ options: FitOptions = FitOptions()) { self.options = options }

  /// Fits a detector.
  ///
  /// - Parameters:
  ///   - events: by user, then time, as `LogCleaning` hands them back.
  ///   - labels: what is known to be wrong, or nil.
  ///   - progress: told of each stage.
  /// - Returns: the detector and what is known of it. The same log, labels and options give the same detector.
  /// - Throws: `DetectionError.tooSmall` where a part would be left without sessions.
  public func fit(_ events: [Event], labels: EventLabels? = nil, progress: ProgressHandler? = nil) throws -> FitResult {
    let labels = labels.flatMap { $0.types.isEmpty ? nil : $0 }
    if events.isEmpty { throw DetectionError.tooSmall("the log has no events to learn from") }
    var rows = SessionTable.outline(events, gap: options.sessionGap, labels: labels)
    let split = Split(starts: rows.map(\.start), seed: options.seed)
    for index in rows.indices {
      rows[index].part = split.part(of: rows[index].user, start: rows[index].start, end: rows[index].end)
      rows[index].setsThreshold = split.setsThreshold(rows[index].user, end: rows[index].end)
    }
    let sizes = Split.Part.allCases.map { part in rows.count { $0.part == part } }
    guard sizes[0] >= 20, sizes[1] >= 20 else {
      throw DetectionError.tooSmall(
        "the log is too small: \(rows.count) sessions leave \(sizes[0]) for training and \(sizes[1]) for calibration, "
          + "of other users and times; 20 of each are needed")
    }

    var actions: [String] = []
    var honest: [[String]] = []
    for row in rows where row.part == .training {
      let own = row.events.map { events[$0].action.rawValue }
      actions += own
      if row.type == 0 { honest.append(own) }
    }
    var scale = EncoderScale(actions: actions, sessions: honest, sessionGap: options.sessionGap)
    let table = SessionTable(events, rows: rows, encoder: EventEncoder(scale: scale), labels: labels) {
      progress?(ProgressUpdate("encoding", fraction: $0))
    }
    progress?(ProgressUpdate("encoding", fraction: 1))
    scale.fit(table)

    let root = SeededRandom(seed: options.seed)
    var random = root.fork("forest")
    progress?(ProgressUpdate("isolation forest", fraction: 0))
    let forest = try fitForest(table, using: &random)
    progress?(ProgressUpdate("isolation forest", fraction: 1))

    random = root.fork("sequence")
    let shape = SequenceModel.Shape(
      actions: scale.vocabulary.count, types: labels.map { $0.types.count + 1 } ?? 0, hidden: options.hidden)
    let sequence = SequenceModel(shape, using: &random)
    let history = SequenceTraining(options: options, table: table, scale: scale).train(
      sequence, using: &random, progress: progress)

    let signals = Calibration(
      table: table, scale: scale, sequence: sequence, forest: forest, options: options, types: labels?.types)
    let model = try signals.model(progress: progress)
    let (evaluation, rate) = try Evaluation.measure(
      model, table, types: labels?.types ?? [], seed: options.seed, progress: progress)
    return FitResult(
      model: model, split: split, sessions: sizes, history: history, evaluation: evaluation, alertsPerThousand: rate)
  }

  /// The forest of the honest sessions of the training part, at one to three events of each.
  private func fitForest(_ table: SessionTable, using random: inout SeededRandom) throws -> IsolationForest.Fitted {
    var values: [Double] = []
    var row = [Double](repeating: 0, count: SessionTable.featureWidth)
    for session in table.rows where session.part == .training && session.type == 0 {
      var chosen: Set<Int> = [session.events.upperBound - 1]
      for _ in 0..<2 { chosen.insert(session.events.lowerBound + random.below(session.events.count)) }
      for event in chosen.sorted() {
        table.features(of: event, into: &row)
        values += row
      }
    }
    let width = SessionTable.featureWidth
    if values.isEmpty { throw DetectionError.tooSmall("the training part has no honest session") }
    let matrix = Matrix(rows: values.count / width, columns: width, values: values)
    return try IsolationForest(trees: options.trees).fit(matrix, using: &random)
  }
}

extension EncoderScale {
  /// Takes means and deviations from the training part alone.
  mutating func fit(_ table: SessionTable) {
    let width = SessionTable.width
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    var count = 0.0
    for row in table.rows where row.part == .training {
      for event in row.events {
        for k in 0..<width {
          let x = Double(table.numbers[event * width + k])
          sums[k] += x
          squares[k] += x * x
        }
      }
      count += Double(row.events.count)
    }
    for k in 0..<width {
      let mean = sums[k] / count
      means[k] = Float(mean)
      deviations[k] = Float(max(0.01, max(0, squares[k] / count - mean * mean).squareRoot()))
    }
  }
}
