import Behavior
import Contracts
import Detection
import Foundation
import Learning
import Tensors

/// How the pipeline is trained.
package struct PipelineTraining: Codable, Sendable {
  package var hidden = 24
  package var epochs = 8
  package var batch = 64
  /// How many events of a session are trained on; it is scored to its end.
  package var longest = 40
  package var rate: Float = 1e-2
  /// The share of honest validation sessions that may raise an alarm.
  package var budget = 0.02

  package init() {}
}

/// An implementation's parts, put together: a log in, verdicts out.
package struct AlarmPipeline {
  package let exercise: any AnomalyLogPipelineCLIExercise
  package var model: AlarmModel
  package var scaler: ValueScaler
  package var vocabulary: ActionVocabulary
  package var open = 0.5
  package var close = 0.3

  package init(
    _ exercise: any AnomalyLogPipelineCLIExercise, model: AlarmModel, scaler: ValueScaler, vocabulary: ActionVocabulary
  ) {
    (self.exercise, self.model, self.scaler, self.vocabulary) = (exercise, model, scaler, vocabulary)
  }

  /// Matrices uniform in ±1/√H, biases 0, but 1 for the forget gate.
  package static func freshModel(inputs: Int, hidden: Int, classes: Int, using random: inout SeededRandom) -> AlarmModel
  {
    let bound = 1 / Double(hidden).squareRoot()
    var bias = Tensor.zeros([4 * hidden])
    for unit in hidden..<2 * hidden { bias[unit] = 1 }
    return AlarmModel(
      lstm: LSTMLayerWeights(
        input: .uniform([4 * hidden, inputs], in: -bound..<bound, using: &random),
        hidden: .uniform([4 * hidden, hidden], in: -bound..<bound, using: &random), bias: bias),
      output: .uniform([classes, hidden], in: -bound..<bound, using: &random), outputBias: .zeros([classes]))
  }

  /// The flow: sessions, parts, numbers, training, thresholds, and the verdicts on the last part.
  package static func run(
    _ exercise: any AnomalyLogPipelineCLIExercise, csv: String, parts: [LogPart], labels: [String: [Int]],
    training: PipelineTraining, using random: inout SeededRandom,
    progress: (_ step: String, _ fraction: Double, _ details: String) -> Void = { _, _, _ in }
  ) throws -> PipelineRun {
    progress("reading the log", 0, "")
    let sessions = try exercise.sessionize(csv, gapMinutes: PipelineLog.gapMinutes)
    let split = try exercise.split(sessions, parts: parts)
    guard split.parts.count == 3, split.parts.joined().allSatisfy({ sessions.indices.contains($0) }) else {
      throw BadInput("split: expected 3 parts of \(sessions.count) sessions, found \(split.parts.map(\.count))")
    }
    let classes = PipelineTruth.classes(of: sessions, from: labels)
    let vocabulary = PipelineLog.vocabulary
    let kinds = PipelineLog.kinds.count + 1
    var pipeline = AlarmPipeline(
      exercise,
      model: freshModel(inputs: vocabulary.count + 3, hidden: training.hidden, classes: kinds, using: &random),
      scaler: split.scaler, vocabulary: vocabulary)
    let losses = try pipeline.train(
      split.parts[0].map { sessions[$0] }, split.parts[0].map { classes[$0] }, training, using: &random,
      progress: progress)
    progress("thresholds", 0, "")
    let validation = split.parts[1].filter { PipelineTruth.type(classes[$0]) == 0 }
    let peaks = try pipeline.probabilities(validation.map { sessions[$0] }).map(AlarmPipeline.peak)
    pipeline.open = min(1, pipelineThreshold(honest: peaks, budget: training.budget))
    pipeline.close = 0.6 * pipeline.open
    progress("batch", 0, "")
    let test = split.parts[2].map { sessions[$0] }
    let verdicts = try pipeline.verdicts(test)
    return PipelineRun(
      pipeline: pipeline, split: split, sessions: sessions, test: test, verdicts: verdicts, losses: losses)
  }

  /// Adam, gradients clipped to norm 1; batches of sessions of like length, in a fresh order each epoch.
  private mutating func train(
    _ sessions: [Session], _ classes: [[Int]], _ training: PipelineTraining, using random: inout SeededRandom,
    progress: (String, Double, String) -> Void
  ) throws -> [Double] {
    let kinds = model.output.shape[0]
    var counts = [Double](repeating: 1, count: kinds)
    for label in classes.joined() { counts[label] += 1 }
    // √ of the ratio: rare types count more, but the honest events are not drowned.
    let weights = counts.map { Float(min(20, (counts[0] / $0).squareRoot())) }
    let encoded = try sessions.map { session in
      try exercise.encode(
        Session(user: session.user, events: Array(session.events.prefix(training.longest))), scaler: scaler,
        vocabulary: vocabulary)
    }
    let order = sessions.indices.sorted { (encoded[$0].rows, $0) < (encoded[$1].rows, $1) }
    let batches = try stride(from: 0, to: order.count, by: training.batch).map { first in
      let chosen = order[first..<min(first + training.batch, order.count)]
      let width = chosen.map { encoded[$0].rows }.max() ?? 1
      return (
        x: try AlarmPipeline.padded(chosen.map { encoded[$0] }, width: width), lengths: chosen.map { encoded[$0].rows },
        labels: chosen.map { index in
          let own = classes[index].prefix(encoded[index].rows)
          return Array(own) + [Int](repeating: 0, count: width - own.count)
        }
      )
    }
    var adam = Adam(learningRate: training.rate)
    var losses: [Double] = []
    for epoch in 0..<training.epochs {
      var sum = 0.0
      let shuffled = random.permutation(of: batches.count)
      if epoch == training.epochs - 1 { adam.learningRate = training.rate / 4 }
      for (place, index) in shuffled.enumerated() {
        let batch = batches[index]
        let step = try exercise.trainStep(
          batch.x, lengths: batch.lengths, labels: batch.labels, classWeights: weights, model)
        let gradients = step.gradients.tensors
        guard zip(gradients, model.tensors).allSatisfy({ $0.shape == $1.shape }) else {
          throw BadInput("trainStep: gradients of shapes \(gradients.map(\.shape))")
        }
        var tensors = model.tensors
        adam.update(&tensors, gradients: clipped(gradients, toGlobalNorm: 1))
        model.tensors = tensors
        sum += step.loss
        progress(
          "training", (Double(epoch) + Double(place + 1) / Double(shuffled.count)) / Double(training.epochs),
          String(format: "epoch %d of %d  loss %.3f", epoch + 1, training.epochs, sum / Double(place + 1)))
      }
      losses.append(sum / Double(max(1, batches.count)))
    }
    return losses
  }

  /// Matrices side by side, filled with zeros to a width.
  private static func padded(_ matrices: [Matrix], width: Int) throws -> Tensor {
    let columns = matrices.first?.columns ?? 0
    var scalars = [Float](repeating: 0, count: matrices.count * width * columns)
    for (place, matrix) in matrices.enumerated() {
      try BadInput.unless(
        matrix.columns == columns && matrix.rows <= width, "encode: a matrix of \(matrix.rows)×\(matrix.columns)")
      for (offset, value) in matrix.values.enumerated() { scalars[place * width * columns + offset] = Float(value) }
    }
    return Tensor(scalars, shape: [matrices.count, width, columns])
  }

  /// The probabilities at each event of sessions, `[T, K]` each.
  package func probabilities(_ sessions: [Session]) throws -> [Matrix] {
    var result = [Matrix](repeating: Matrix(rows: 0, columns: 0), count: sessions.count)
    let order = sessions.indices.sorted { (sessions[$0].events.count, $0) < (sessions[$1].events.count, $1) }
    for first in stride(from: 0, to: order.count, by: 64) {
      let chosen = order[first..<min(first + 64, order.count)]
      let matrices = try chosen.map { try exercise.encode(sessions[$0], scaler: scaler, vocabulary: vocabulary) }
      let width = matrices.map(\.rows).max() ?? 1
      let logits = try forward(matrices, width: width)
      for (place, index) in chosen.enumerated() { result[index] = softmax(logits, place, matrices[place].rows, width) }
    }
    return result
  }

  private func forward(_ matrices: [Matrix], width: Int) throws -> [Float] {
    let logits = try exercise.lstmForward(
      try AlarmPipeline.padded(matrices, width: width), lengths: matrices.map(\.rows), model)
    try BadInput.unless(
      logits.shape == [matrices.count, width, model.output.shape[0]], "lstmForward: logits of shape \(logits.shape)")
    return logits.scalars
  }

  private func softmax(_ logits: [Float], _ place: Int, _ rows: Int, _ width: Int) -> Matrix {
    let classes = model.output.shape[0]
    var matrix = Matrix(rows: rows, columns: classes)
    for row in 0..<rows {
      let own = (0..<classes).map { Double(logits[(place * width + row) * classes + $0]) }
      let top = own.max() ?? 0
      let powers = own.map { exp($0 - top) }
      let total = powers.reduce(0, +)
      for k in 0..<classes { matrix[row, k] = powers[k] / total }
    }
    return matrix
  }

  package static func peak(_ probabilities: Matrix) -> Double {
    (0..<probabilities.rows).map { 1 - probabilities[$0, 0] }.max() ?? 0
  }

  package func verdicts(_ sessions: [Session]) throws -> [SessionVerdict] {
    try zip(sessions, try probabilities(sessions)).map { session, probabilities in
      SessionVerdict(
        user: session.user, start: session.start, score: AlarmPipeline.peak(probabilities),
        alarms: try exercise.alarms(probabilities, times: session.events.map(\.time), open: open, close: close))
    }
  }

  /// A whole session at once. The width is that of `stream`, so that both do the same sums.
  package func batch(_ session: Session, width: Int) throws -> Matrix {
    let matrix = try exercise.encode(session, scaler: scaler, vocabulary: vocabulary)
    return softmax(try forward([matrix], width: width), 0, matrix.rows, width)
  }

  /// The same session as it comes: after each event, what is known by then is encoded and scored, and the newest row kept.
  package func stream(_ session: Session, width: Int) throws -> Matrix {
    var rows: [Double] = []
    for count in 1...max(1, session.events.count) {
      let known = Session(user: session.user, events: Array(session.events.prefix(count)))
      let matrix = try exercise.encode(known, scaler: scaler, vocabulary: vocabulary)
      rows += softmax(try forward([matrix], width: width), 0, matrix.rows, width).row(count - 1)
    }
    return Matrix(rows: session.events.count, columns: model.output.shape[0], values: rows)
  }

  /// Lines of alarms.csv: user_id,type,onset,end,score.
  package func lines(_ session: Session, _ probabilities: Matrix) throws -> [String] {
    try exercise.alarms(probabilities, times: session.events.map(\.time), open: open, close: close).map {
      AlarmPipeline.line(session.user, $0)
    }
  }

  package static func line(_ user: String, _ alarm: LogAlarm) -> String {
    let kinds = PipelineLog.kinds
    let type = kinds.indices.contains(alarm.type - 1) ? kinds[alarm.type - 1].rawValue : "\(alarm.type)"
    return CSV.line([
      user, type, LogTime.text(alarm.onset), LogTime.text(alarm.end), String(format: "%.6f", alarm.score),
    ])
  }
}

/// What a run of the flow made.
package struct PipelineRun {
  package var pipeline: AlarmPipeline
  package var split: LogSplit
  package var sessions: [Session]
  package var test: [Session]
  package var verdicts: [SessionVerdict]
  package var losses: [Double]
}

/// The detector behind `dojo detect` on the same log and the same parts.
package struct DetectorRun {
  package var verdicts: [SessionVerdict]
  /// All alerts as `dojo detect score` writes them: of a run over the whole log, and of one stopped halfway and taken up.
  package var batch: [String]
  package var stream: [String]
  package var result: FitResult

  package init(_ log: PipelineLog, budget: Double, progress: ProgressHandler?) throws {
    let sorted = log.byUser
    var options = FitOptions()
    options.budget = 1_000 * budget
    options.epochs = 4
    options.hidden = 24
    options.trees = 40
    options.longest = 48
    options.seed = log.seedOfSplit
    result = try DetectorFit(options).fit(sorted, labels: try log.detectorLabels(sorted), progress: progress)
    let model = result.model

    // Batch: every arrival handed over at once. Stream: one by one, as `--follow` reads them.
    var alerts: [Alert] = []
    let run = DetectionRun(model)
    run.add(log.events) { alerts.append($0) }
    run.finish { alerts.append($0) }
    batch = try alerts.map { try AlertFormat.csv.line($0) }

    var detector = Detector(model)
    var live: [Alert] = []
    var peaks: [String: Double] = [:]
    var starts: [String: (start: Double, last: Double)] = [:]
    for (index, event) in log.events.enumerated() {
      if index == log.events.count / 2 {
        // Killed and taken up again, from the bytes of a checkpoint.
        detector = Detector(model, from: try Detector.State(bytes: detector.state.bytes))
      }
      detector.add(event, into: &live)
      var place = starts[event.user] ?? (event.time, event.time)
      if event.time - place.last > 60 * PipelineLog.gapMinutes { place.start = event.time }
      place.last = event.time
      starts[event.user] = place
      let key = "\(event.user) \(place.start)"
      peaks[key] = max(peaks[key] ?? 0, detector.lastScore)
    }
    detector.finish(into: &live)
    stream = try live.map { try AlertFormat.csv.line($0) }

    var byUser: [String: [Alert]] = [:]
    for alert in alerts { byUser[alert.user, default: []].append(alert) }
    let types = model.settings.types
    verdicts = log.truth(of: 2).sessions.map { session in
      let own = (byUser[session.user] ?? []).filter { $0.start >= session.start && $0.start <= session.end }
      return SessionVerdict(
        user: session.user, start: session.start, score: peaks["\(session.user) \(session.start)"] ?? 0,
        alarms: own.sorted { $0.start < $1.start }.map {
          LogAlarm(type: 1 + (types.firstIndex(of: $0.type) ?? 0), onset: $0.start, end: $0.end, score: $0.score)
        })
    }
  }
}
