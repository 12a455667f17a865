import Behavior
import Contracts
import Foundation
import Learning
import Tensors

/// The next click from an embedding, an LSTM and a softmax, beside a Markov chain, on clicks of the future.
///
/// Mikolov et al., "Recurrent neural network based language model", Interspeech 2010, for the next word from all words
/// before; Hidasi et al., "Session-based recommendations with recurrent neural networks", ICLR 2016, for clicks and
/// their ranking; Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013, for
/// the common norm. Legend: B sessions, T steps, V ids, E numbers an embedding, H hidden units.
public struct NextClickPrediction: NextClickPredictionExercise {
  /// Makes the reference.
  public init() {}

  // MARK: From a log to sessions

  /// Row by row; whatever cannot be trusted is named by its line.
  public func readLog(_ csv: String) throws -> [PageClick] {
    let records = CSV.records(csv)
    guard let header = records.first, header.fault == nil else { throw BadInput("line 1: no row of column names") }
    let columns = try ["user", "time", "page"].map { name in
      guard let column = header.fields.firstIndex(of: name) else {
        throw BadInput("line \(header.line): no column \"\(name)\" in \(header.fields)")
      }
      return column
    }
    let clicks = try records.dropFirst().map { record in
      func refused(_ reason: String) -> BadInput { BadInput("line \(record.line): \(reason)") }
      if let fault = record.fault { throw refused(fault) }
      guard record.fields.count == header.fields.count else {
        throw refused("\(header.fields.count) fields expected, found \(record.fields.count)")
      }
      let fields = columns.map { record.fields[$0] }
      guard let time = Double(fields[1]), time.isFinite else { throw refused("\"\(fields[1])\" is not a time") }
      guard !fields[0].isEmpty, !fields[2].isEmpty else { throw refused("a user and a page expected") }
      return PageClick(user: fields[0], time: time, page: fields[2])
    }
    try BadInput.unless(!clicks.isEmpty, "the log holds no click")
    return clicks
  }

  /// Sessions first, then the cut: a session is never torn apart, and never on both sides.
  public func split(_ log: [PageClick], gap: Double, cut: Double) throws -> NextClickSplit {
    try BadInput.unless(!log.isEmpty, "split: the log holds no click")
    try BadInput.unless(gap > 0 && gap.isFinite && cut.isFinite, "split: a gap of \(gap) and a cut at \(cut)")
    try BadInput.unless(log.allSatisfy { $0.time.isFinite }, "split: a time is not finite")
    var sessions: [[PageClick]] = []
    for click in log.sorted(by: { ($0.user, $0.time) < ($1.user, $1.time) }) {
      if let last = sessions.last?.last, last.user == click.user, click.time - last.time <= gap {
        sessions[sessions.count - 1].append(click)
      } else {
        sessions.append([click])
      }
    }
    sessions.removeAll { $0.count < 2 }
    return NextClickSplit(
      train: sessions.filter { $0[$0.count - 1].time < cut }, test: sessions.filter { $0[0].time >= cut })
  }

  // MARK: The model

  /// Embedding → LSTM → dense, at every step.
  public func forward(_ ids: [[Int]], _ parameters: NextClickParameters) throws -> Tensor {
    let (V, E) = (parameters.embedding.shape[0], parameters.embedding.shape[1])
    let (B, T, H) = (ids.count, ids.first?.count ?? 0, parameters.recurrentWeights.shape[1])
    try BadInput.unless(B > 0 && T > 0, "forward: \(B) rows of \(T) ids")
    for row in ids {
      try BadInput.unless(row.count == T, "forward: rows of \(T) and of \(row.count) ids")
      for id in row { try BadInput.unless((0..<V).contains(id), "forward: id \(id), expected one of 0..<\(V)") }
    }
    let embedded = parameters.embedding.rows(ids.flatMap { $0 }).reshaped([B, T, E])
    let zero = Tensor.zeros([B, H])
    // The cell is the exercise `lstm-cell`; here it runs over the whole sequence in one operation.
    let states = embedded.lstm(
      inputWeights: parameters.inputWeights, recurrentWeights: parameters.recurrentWeights, bias: parameters.bias,
      hidden: zero, cell: zero
    ).sequence  // [B, T, H]: a state, and so a prediction, for every step
    return states.affine(parameters.outputWeights, bias: parameters.outputBias)  // [B, T, V]
  }

  /// −log p, and by the logits p − 1 at the target and p elsewhere, shared among the real targets.
  public func loss(_ logits: Tensor, targets: [[Int]]) throws -> NextClickLoss {
    let flat = targets.flatMap { $0 }
    try BadInput.unless(
      logits.rank == 3 && targets.count == logits.shape[0] && targets.allSatisfy { $0.count == logits.shape[1] },
      "loss: logits \(logits.shape) and targets \(targets.map(\.count))")
    let V = logits.shape[2]
    try BadInput.unless(flat.allSatisfy { (0..<V).contains($0) }, "loss: a target outside 0..<\(V)")
    let real = flat.count { $0 != 0 }
    try BadInput.unless(real > 0, "loss: every target is PAD")
    let logP = logits.detached().logSoftmax().scalars
    var sum = 0.0
    var gradient = [Float](repeating: 0, count: logP.count)
    let share = 1 / Float(real)
    for (row, target) in flat.enumerated() where target != 0 {
      let start = row * V
      sum -= Double(logP[start + target])
      for id in 0..<V { gradient[start + id] = exp(logP[start + id]) * share }
      gradient[start + target] -= share
    }
    return NextClickLoss(value: sum / Double(real), gradient: Tensor(gradient, shape: logits.shape))
  }

  /// Forward, loss, back through the steps, one common norm, Adam.
  public func trainStep(_ model: inout NextClickModel, inputs: [[Int]], targets: [[Int]]) throws -> Double {
    let leaves = model.parameters.tensors.map { $0.tracked() }
    let logits = try forward(inputs, NextClickParameters(leaves))
    let loss = try loss(logits, targets: targets)
    // The states behind a session's end reach no target, so PAD's embedding has the gradient 0.
    let gradients = logits.gradients(of: leaves, upstream: loss.gradient)
    var tensors = model.parameters.tensors
    model.adam.update(&tensors, gradients: clipped(gradients, toGlobalNorm: model.normLimit))
    model.parameters.tensors = tensors
    return loss.value
  }

  // MARK: How good it is, and beside what

  /// Who is strictly better stands before the target; who ties shares its places.
  public func rankingMetrics(
    scores: Matrix, targets: [Int], k: Int, exclude: Set<Int>
  ) throws -> NextClickRanking {
    try BadInput.unless(k >= 1, "rankingMetrics: k = \(k)")
    try BadInput.unless(
      scores.rows == targets.count && !targets.isEmpty,
      "rankingMetrics: \(scores.rows) rows of scores and \(targets.count) targets")
    let candidates = (0..<scores.columns).filter { !exclude.contains($0) }
    var (hits, reciprocals) = (0.0, 0.0)
    for (row, target) in targets.enumerated() {
      try BadInput.unless((0..<scores.columns).contains(target), "rankingMetrics: target \(target)")
      var (better, ties) = (0, 0)
      let own = scores[row, target]
      for id in candidates {
        let score = scores[row, id]
        try BadInput.unless(!score.isNaN && !own.isNaN, "rankingMetrics: a score of row \(row) is not a number")
        if score > own { better += 1 } else if score == own && id != target { ties += 1 }
      }
      if exclude.contains(target) { continue }  // never shown: a miss
      let rank = 1 + Double(better) + Double(ties) / 2
      if rank <= Double(k) { hits += 1 }
      reciprocals += 1 / rank
    }
    return NextClickRanking(hitRate: hits / Double(targets.count), mrr: reciprocals / Double(targets.count))
  }

  /// Counts, with α added to each.
  public func fitMarkov(_ sessions: [[Int]], vocabulary: Int, smoothing: Double) throws -> NextClickMarkov {
    try BadInput.unless(smoothing >= 0 && smoothing.isFinite, "fitMarkov: a smoothing of \(smoothing)")
    try BadInput.unless(vocabulary > 1 && sessions.contains { !$0.isEmpty }, "fitMarkov: no click")
    var clicks = [Double](repeating: 0, count: vocabulary)
    var pairs = Matrix(rows: vocabulary, columns: vocabulary)
    for session in sessions {
      for id in session {
        try BadInput.unless((1..<vocabulary).contains(id), "fitMarkov: id \(id), expected one of 1..<\(vocabulary)")
        clicks[id] += 1
      }
      for (id, next) in zip(session, session.dropFirst()) { pairs[id, next] += 1 }
    }
    func smoothed(_ counts: [Double]) -> [Double] {
      let total = counts.reduce(0, +) + smoothing * Double(vocabulary - 1)
      return counts.enumerated().map { $0 == 0 ? 0 : ($1 + smoothing) / total }
    }
    let popularity = smoothed(clicks)
    let transitions = (0..<vocabulary).map { id in
      pairs.row(id).contains { $0 > 0 } ? smoothed(pairs.row(id)) : popularity
    }
    return NextClickMarkov(popularity: popularity, transitions: Matrix(transitions))
  }
}
