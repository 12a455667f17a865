import Behavior
import Contracts
import Foundation
import Tensors

/// From a log to alarms: sessions, numbers, an LSTM at every event, thresholds with hysteresis.
///
/// Malhotra et al., "Long short term memory networks for anomaly detection in time series", ESANN 2015, and Hundman et
/// al., "Detecting spacecraft anomalies using LSTMs and nonparametric dynamic thresholding", KDD 2018 (arXiv:1802.04431),
/// for LSTMs whose scores are turned into intervals. Legend: B sessions, T events, H hidden units, K classes.
public struct AnomalyLogPipelineCLI: AnomalyLogPipelineCLIExercise {
  /// Makes the reference.
  public init() {}

  static let header = ["user_id", "timestamp", "item_id", "action", "value"]

  /// Rows, then each user's events by time, then a cut at every long pause.
  public func sessionize(_ csv: String, gapMinutes: Double) throws -> [Session] {
    try BadInput.unless(gapMinutes >= 0, "the gap is \(gapMinutes) minutes")
    let records = CSV.records(csv)
    guard let first = records.first else { throw BadInput("the file is empty") }
    try BadInput.unless(
      first.fields == Self.header,
      "line \(first.line): expected the header \(Self.header.joined(separator: ",")), found \(first.fields)")
    var users: [String] = []
    var events: [String: [Event]] = [:]
    for record in records.dropFirst() {
      let event = try event(record)
      if events[event.user] == nil { users.append(event.user) }
      events[event.user, default: []].append(event)
    }
    return users.flatMap { user in
      let own = events[user] ?? []
      // The standard library does not promise a stable sort: the place breaks ties.
      let byTime = own.indices.sorted { (own[$0].time, $0) < (own[$1].time, $1) }.map { own[$0] }
      var sessions: [Session] = []
      for event in byTime {
        if let last = sessions.last?.end, event.time - last <= 60 * gapMinutes {
          sessions[sessions.count - 1].events.append(event)
        } else {
          sessions.append(Session(user: user, events: [event]))
        }
      }
      return sessions
    }
  }

  private func event(_ record: CSV.Record) throws -> Event {
    func refuse(_ reason: String) -> BadInput { BadInput("line \(record.line): \(reason)") }
    if let fault = record.fault { throw refuse(fault) }
    let fields = record.fields
    guard fields.count == 5 else { throw refuse("expected 5 fields, found \(fields.count)") }
    if fields[0].isEmpty { throw refuse("user_id is empty") }
    if fields[3].isEmpty { throw refuse("action is empty") }
    guard let time = LogTimestamp.seconds(fields[1]) else { throw refuse("timestamp \"\(fields[1])\"") }
    guard let value = fields[4].isEmpty ? 0 : Double(fields[4]), value.isFinite, value >= 0 else {
      throw refuse("value \"\(fields[4])\" is not a number of 0 or more")
    }
    return Event(user: fields[0], time: time, action: Action(rawValue: fields[3]), item: fields[2], value: value)
  }

  /// By user *and* time; the scale is that of the first part, so that nothing of the others leaks into it.
  public func split(_ sessions: [Session], parts: [LogPart]) throws -> LogSplit {
    var partOfUser: [String: Int] = [:]
    for (index, part) in parts.enumerated() {
      for other in parts[..<index] {
        try BadInput.unless(
          part.from >= other.until || other.from >= part.until, "two parts overlap in time: \(part.from), \(other.from)"
        )
      }
      for user in part.users {
        if let other = partOfUser[user], other != index { throw BadInput("user \(user) is in two parts") }
        partOfUser[user] = index
      }
    }
    var members = [[Int]](repeating: [], count: parts.count)
    for (number, session) in sessions.enumerated() {
      guard let part = partOfUser[session.user] else { continue }
      if session.start >= parts[part].from && session.end < parts[part].until { members[part].append(number) }
    }
    let values = (members.first ?? []).flatMap { sessions[$0].events.map { log1p($0.value) } }
    try BadInput.unless(!values.isEmpty, "the first part has no session")
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return LogSplit(parts: members, scaler: ValueScaler(mean: mean, deviation: max(0.01, variance.squareRoot())))
  }

  /// One pass that remembers the time before and the items so far.
  public func encode(_ session: Session, scaler: ValueScaler, vocabulary: ActionVocabulary) throws -> Matrix {
    let actions = vocabulary.count
    var columns: [String: Int] = [:]
    for (column, action) in vocabulary.actions.enumerated() { columns[action] = column }
    var matrix = Matrix(rows: session.events.count, columns: actions + 3)
    var before: Double?
    var items: Set<String> = []
    for (row, event) in session.events.enumerated() {
      guard let action = columns[event.action.rawValue] else {
        throw BadInput("action \"\(event.action)\" is not in the vocabulary")
      }
      try BadInput.unless(event.value.isFinite && event.value >= 0, "value \(event.value) of event \(row)")
      matrix[row, action] = 1
      matrix[row, actions] = log1p(event.time - (before ?? event.time))
      matrix[row, actions + 1] = (log1p(event.value) - scaler.mean) / scaler.deviation
      if !event.item.isEmpty, !items.insert(event.item).inserted { matrix[row, actions + 2] = 1 }
      before = event.time
    }
    return matrix
  }

  /// Step by step; the filling's states are computed and then left out.
  public func lstmForward(_ x: Tensor, lengths: [Int], _ model: AlarmModel) throws -> Tensor {
    let (sessions, steps) = (x.shape[0], x.shape[1])
    try requireLengths(lengths, sessions, steps)
    let hidden = model.lstm.hidden.shape[1]
    var h = Tensor.zeros([sessions, hidden])
    var c = h
    var states: [Tensor] = []
    for step in 0..<steps {
      let z =
        x.selected(step, axis: 1).matmul(model.lstm.input, transposingSecond: true)
        + h.matmul(model.lstm.hidden, transposingSecond: true) + model.lstm.bias  // [B, 4H]
      let i = z.sliced(0..<hidden, axis: 1).sigmoid()  // [B, H], as the rest
      let f = z.sliced(hidden..<2 * hidden, axis: 1).sigmoid()
      let g = z.sliced(2 * hidden..<3 * hidden, axis: 1).tanh()
      let o = z.sliced(3 * hidden..<4 * hidden, axis: 1).sigmoid()
      c = f * c + i * g
      h = o * c.tanh()
      states.append(h)
    }
    let logits = Tensor.stacked(states, axis: 1).matmul(model.output, transposingSecond: true) + model.outputBias
    return logits * Tensor(mask(lengths, steps), shape: [sessions, steps, 1])  // [B, T, K]
  }

  /// The weight of an event is that of its class; of filling it is 0.
  public func trainStep(
    _ x: Tensor, lengths: [Int], labels: [[Int]], classWeights: [Float], _ model: AlarmModel
  ) throws -> AlarmStep {
    let (steps, classes) = (x.shape[1], model.output.shape[0])
    try requireLengths(lengths, x.shape[0], steps)
    try BadInput.unless(
      labels.count == lengths.count && labels.allSatisfy { $0.count == steps }
        && labels.joined().allSatisfy { (0..<classes).contains($0) }, "labels that do not fit \(x.shape)")
    try BadInput.unless(
      classWeights.count == classes && classWeights.allSatisfy { $0 > 0 && $0.isFinite }, "weights \(classWeights)")
    var tracked = model
    tracked.tensors = model.tensors.map { $0.tracked() }
    let logits = try lstmForward(x, lengths: lengths, tracked).reshaped([-1, classes])  // [B·T, K]
    let flat = labels.flatMap { $0 }
    let weights = zip(flat, mask(lengths, steps)).map { classWeights[$0] * $1 }
    let total = weights.reduce(0, +)
    let losses = -logits.logSoftmax().picking(columns: flat)  // [B·T]
    let loss = (losses * Tensor(weights)).sum() / total
    var gradients = model
    gradients.tensors = loss.gradients(of: tracked.tensors)
    return AlarmStep(loss: Double(loss.scalar), gradients: gradients)
  }

  /// One open alarm at a time, with the sums of its types.
  public func alarms(_ probabilities: Matrix, times: [Double], open: Double, close: Double) throws -> [LogAlarm] {
    try BadInput.unless(probabilities.rows == times.count, "\(probabilities.rows) events and \(times.count) times")
    try BadInput.unless(close <= open, "close \(close) is above open \(open)")
    try BadInput.unless(
      ([open, close] + times + probabilities.values).allSatisfy(\.isFinite), "a number that is not finite")
    var alarms: [LogAlarm] = []
    var sums: [Double]?  // nil: no alarm is open
    for event in times.indices {
      let score = 1 - probabilities[event, 0]
      guard score >= (sums == nil ? open : close) else {
        sums = nil
        continue
      }
      if sums == nil { alarms.append(LogAlarm(type: 1, onset: times[event], end: times[event], score: score)) }
      let before = sums ?? [Double](repeating: 0, count: probabilities.columns)
      let now = zip(before, probabilities.row(event)).map { $0 + $1 }
      var type = 1
      for other in 1..<now.count where now[other] > now[type] { type = other }
      let last = alarms.count - 1
      (alarms[last].type, alarms[last].end) = (type, times[event])
      alarms[last].score = max(alarms[last].score, score)
      sums = now
    }
    return alarms
  }

  private func mask(_ lengths: [Int], _ steps: Int) -> [Float] {
    lengths.flatMap { length in (0..<steps).map { $0 < length ? 1 : 0 } }
  }

  private func requireLengths(_ lengths: [Int], _ sessions: Int, _ steps: Int) throws {
    try BadInput.unless(
      lengths.count == sessions && lengths.allSatisfy { (1...max(1, steps)).contains($0) },
      "lengths \(lengths) of \(sessions) sessions of \(steps) steps")
  }
}
