import Behavior
import Contracts
import Curriculum
import Foundation
import Learning
import Solutions
import Tensors

let nextClickPredictionMistakes = [
  Mistake(
    ReluInTheCell.self, in: .nextClickPrediction, rejectedBy: "logits, masked loss and gradients equal torch's",
    saying: "You use relu where the cell has tanh"),
  Mistake(
    DividedIds.self, in: .nextClickPrediction, rejectedBy: "logits, masked loss and gradients equal torch's",
    saying: "The ids are divided by the largest"),
  Mistake(
    LastStepOnly.self, in: .nextClickPrediction, rejectedBy: "logits, masked loss and gradients equal torch's",
    saying: "one distribution a session"),
  Mistake(
    FillingCounts.self, in: .nextClickPrediction, rejectedBy: "logits, masked loss and gradients equal torch's",
    saying: "PAD is a target like any other"),
  Mistake(
    FillingCounts.self, in: .nextClickPrediction, rejectedBy: "filling changes neither loss nor gradients",
    saying: "The filling is counted"),
  Mistake(
    DividesByAllSteps.self, in: .nextClickPrediction, rejectedBy: "logits, masked loss and gradients equal torch's",
    saying: "You divide by all"),
  Mistake(
    NeverClips.self, in: .nextClickPrediction, rejectedBy: "three steps equal torch's clipping and Adam",
    saying: "The gradients are not clipped"),
  Mistake(
    ClipsOneByOne.self, in: .nextClickPrediction, rejectedBy: "three steps equal torch's clipping and Adam",
    saying: "You clip each tensor by itself"),
  Mistake(
    DecaysThePadding.self, in: .nextClickPrediction, rejectedBy: "three steps equal torch's clipping and Adam",
    saying: "the embedding of PAD has moved"),
  Mistake(
    ReadsAhead.self, in: .nextClickPrediction, rejectedBy: "a score reads the past alone",
    saying: "your model reads the click that it is to predict"),
  Mistake(
    ReadsAhead.self, in: .nextClickPrediction, rejectedBy: "on the future, the LSTM beats Markov by a tenth",
    saying: "your scores read the click that they are to predict"),
  Mistake(
    LastClickAlone.self, in: .nextClickPrediction, rejectedBy: "logits, masked loss and gradients equal torch's",
    saying: "Every step starts from states of zero"),
  Mistake(
    LastClickAlone.self, in: .nextClickPrediction, rejectedBy: "on the future, the LSTM beats Markov by a tenth",
    saying: "A model that knows the last click alone stays at Markov's figure"),
  Mistake(
    WinsEveryTie.self, in: .nextClickPrediction, rejectedBy: "ranks: ties share, excluded ids do not compete",
    saying: "You win every tie"),
  Mistake(
    PaddingCompetes.self, in: .nextClickPrediction, rejectedBy: "ranks: ties share, excluded ids do not compete",
    saying: "PAD and UNK compete"),
  Mistake(
    UnknownLeftOut.self, in: .nextClickPrediction, rejectedBy: "ranks: ties share, excluded ids do not compete",
    saying: "is a miss that counts"),
  Mistake(
    CountsAcrossSessions.self, in: .nextClickPrediction,
    rejectedBy: "Markov: smoothed within sessions, popularity where nothing is known", saying: "count within sessions"),
  Mistake(
    EvenWhereUnknown.self, in: .nextClickPrediction,
    rejectedBy: "Markov: smoothed within sessions, popularity where nothing is known",
    saying: "popularity says more than an even guess"),
  Mistake(
    FirstFourFifths.self, in: .nextClickPrediction, rejectedBy: "the test lies after the training, in time",
    saying: "you train on the future"),
  Mistake(
    PausesIgnored.self, in: .nextClickPrediction, rejectedBy: "the test lies after the training, in time",
    saying: "ends it"),
  Mistake(
    SkipsBadLines.self, in: .nextClickPrediction, rejectedBy: "a log is read, and a bad line is named",
    saying: "passed over in silence"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: NextClickPredictionExercise {}

extension MostlyRight {
  var right: NextClickPrediction { NextClickPrediction() }

  func readLog(_ csv: String) throws -> [PageClick] { try right.readLog(csv) }
  func split(_ log: [PageClick], gap: Double, cut: Double) throws -> NextClickSplit {
    try right.split(log, gap: gap, cut: cut)
  }
  func forward(_ ids: [[Int]], _ parameters: NextClickParameters) throws -> Tensor {
    try right.forward(ids, parameters)
  }
  func loss(_ logits: Tensor, targets: [[Int]]) throws -> NextClickLoss { try right.loss(logits, targets: targets) }
  func trainStep(_ model: inout NextClickModel, inputs: [[Int]], targets: [[Int]]) throws -> Double {
    let leaves = model.parameters.tensors.map { $0.tracked() }
    let logits = try forward(inputs, NextClickParameters(leaves))
    let loss = try loss(logits, targets: targets)
    let gradients = clipped(logits.gradients(of: leaves, upstream: loss.gradient), toGlobalNorm: model.normLimit)
    var tensors = model.parameters.tensors
    model.adam.update(&tensors, gradients: gradients)
    model.parameters.tensors = tensors
    return loss.value
  }
  func rankingMetrics(scores: Matrix, targets: [Int], k: Int, exclude: Set<Int>) throws -> NextClickRanking {
    try right.rankingMetrics(scores: scores, targets: targets, k: k, exclude: exclude)
  }
  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, smoothing: Double) throws -> NextClickMarkov {
    try right.fitMarkov(sessions, vocabulary: vocabulary, smoothing: smoothing)
  }
}

/// The document's `LSTM(units=50, activation='relu')`.
private struct ReluInTheCell: MostlyRight {
  func forward(_ ids: [[Int]], _ parameters: NextClickParameters) throws -> Tensor {
    _ = try right.forward(ids, parameters)
    return NextClickMistakes.reluForward(ids, parameters)
  }
}

/// The document's "normalisation" in front of an embedding.
private struct DividedIds: MostlyRight {
  func forward(_ ids: [[Int]], _ parameters: NextClickParameters) throws -> Tensor {
    _ = try right.forward(ids, parameters)
    return try right.forward(NextClickMistakes.divided(ids), parameters)
  }
}

/// The document's network: no `return_sequences`.
private struct LastStepOnly: MostlyRight {
  func forward(_ ids: [[Int]], _ parameters: NextClickParameters) throws -> Tensor {
    try right.forward(ids, parameters).selected(ids[0].count - 1, axis: 1)
  }
}

private struct FillingCounts: MostlyRight {
  func loss(_ logits: Tensor, targets: [[Int]]) throws -> NextClickLoss {
    _ = try right.loss(logits, targets: targets)
    let leaf = logits.detached().tracked()
    let loss = softmaxCrossEntropy(leaf, targets.flatMap { $0 })
    return NextClickLoss(value: Double(loss.scalar), gradient: loss.gradients(of: [leaf])[0])
  }
}

private struct DividesByAllSteps: MostlyRight {
  func loss(_ logits: Tensor, targets: [[Int]]) throws -> NextClickLoss {
    let mean = try right.loss(logits, targets: targets)
    let real = Double(targets.joined().count { $0 != 0 }) / Double(targets.joined().count)
    return NextClickLoss(value: mean.value * real, gradient: mean.gradient * Float(real))
  }
}

private struct NeverClips: MostlyRight {
  func trainStep(_ model: inout NextClickModel, inputs: [[Int]], targets: [[Int]]) throws -> Double {
    model.normLimit = .infinity
    return try right.trainStep(&model, inputs: inputs, targets: targets)
  }
}

private struct ClipsOneByOne: MostlyRight {
  func trainStep(_ model: inout NextClickModel, inputs: [[Int]], targets: [[Int]]) throws -> Double {
    var batch = NextClickBatch([])
    (batch.inputs, batch.targets) = (inputs, targets)
    return try NextClickMistakes.stepClippedOneByOne(right, &model, batch)
  }
}

private struct DecaysThePadding: MostlyRight {
  func trainStep(_ model: inout NextClickModel, inputs: [[Int]], targets: [[Int]]) throws -> Double {
    model.adam.weightDecay = 0.01
    return try right.trainStep(&model, inputs: inputs, targets: targets)
  }
}

/// The scores of step t are those of step t + 1, which has read the target.
private struct ReadsAhead: MostlyRight {
  func forward(_ ids: [[Int]], _ parameters: NextClickParameters) throws -> Tensor {
    let logits = try right.forward(ids, parameters)
    let steps = ids[0].count
    if steps == 1 { return logits }
    return .concatenated([logits.sliced(1..<steps, axis: 1), logits.sliced(steps - 1..<steps, axis: 1)], axis: 1)
  }
}

/// Every step starts from a state of zero.
private struct LastClickAlone: MostlyRight {
  func forward(_ ids: [[Int]], _ parameters: NextClickParameters) throws -> Tensor {
    let logits = try right.forward(ids.flatMap { $0 }.map { [$0] }, parameters)
    return logits.reshaped([ids.count, ids[0].count, logits.shape[2]])
  }
}

private struct WinsEveryTie: MostlyRight {
  func rankingMetrics(scores: Matrix, targets: [Int], k: Int, exclude: Set<Int>) throws -> NextClickRanking {
    _ = try right.rankingMetrics(scores: scores, targets: targets, k: k, exclude: exclude)
    return NextClickMistakes.optimistic(scores: scores, targets: targets, k: k, exclude: exclude)
  }
}

private struct PaddingCompetes: MostlyRight {
  func rankingMetrics(scores: Matrix, targets: [Int], k: Int, exclude: Set<Int>) throws -> NextClickRanking {
    try right.rankingMetrics(scores: scores, targets: targets, k: k, exclude: [])
  }
}

private struct UnknownLeftOut: MostlyRight {
  func rankingMetrics(scores: Matrix, targets: [Int], k: Int, exclude: Set<Int>) throws -> NextClickRanking {
    let kept = targets.indices.filter { !exclude.contains(targets[$0]) }
    return try right.rankingMetrics(
      scores: Matrix(kept.map { scores.row($0) }), targets: kept.map { targets[$0] }, k: k, exclude: exclude)
  }
}

private struct CountsAcrossSessions: MostlyRight {
  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, smoothing: Double) throws -> NextClickMarkov {
    try right.fitMarkov([sessions.flatMap { $0 }], vocabulary: vocabulary, smoothing: smoothing)
  }
}

private struct EvenWhereUnknown: MostlyRight {
  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, smoothing: Double) throws -> NextClickMarkov {
    var baseline = try right.fitMarkov(sessions, vocabulary: vocabulary, smoothing: smoothing)
    let followed = Set(sessions.flatMap { $0.dropLast() })
    for id in 0..<vocabulary where !followed.contains(id) {
      for next in 1..<vocabulary { baseline.transitions[id, next] = 1 / Double(vocabulary - 1) }
    }
    return baseline
  }
}

/// The document's `int(0.8 * len(sequences))`: a cut by position, user after user.
private struct FirstFourFifths: MostlyRight {
  func split(_ log: [PageClick], gap: Double, cut: Double) throws -> NextClickSplit {
    let sessions = try right.split(log, gap: gap, cut: .greatestFiniteMagnitude).train
    let count = sessions.count * 4 / 5
    return NextClickSplit(train: Array(sessions.prefix(count)), test: Array(sessions.dropFirst(count)))
  }
}

/// One session a user and side of the cut, as the document has it: it never asks when a visit ends.
private struct PausesIgnored: MostlyRight {
  func split(_ log: [PageClick], gap: Double, cut: Double) throws -> NextClickSplit {
    _ = try right.split(log, gap: gap, cut: cut)
    let past = try right.split(log.filter { $0.time < cut }, gap: 1e12, cut: cut)
    let future = try right.split(log.filter { $0.time >= cut }, gap: 1e12, cut: cut)
    return NextClickSplit(train: past.train, test: future.test)
  }
}

private struct SkipsBadLines: MostlyRight {
  func readLog(_ csv: String) throws -> [PageClick] {
    let lines = csv.split(whereSeparator: \.isNewline).map(String.init)
    var good = lines.prefix(1)
    for line in lines.dropFirst() where (try? right.readLog("\(lines[0])\n\(line)\n")) != nil { good.append(line) }
    return good.count > 1 ? try right.readLog(good.joined(separator: "\n")) : []
  }
}
