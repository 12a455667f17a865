import Contracts
import Curriculum
import Foundation
import Solutions
import Tensors

let stackedLSTMSwitchDetectorMistakes = [
  Mistake(
    CutAtOneHalf.self, in: .stackedLSTMSwitchDetector, rejectedBy: "the threshold keeps its budget of false alarms",
    saying: "0.5 is where a classifier of two equally common classes cuts"),
  Mistake(
    OneScoreTooLow.self, in: .stackedLSTMSwitchDetector, rejectedBy: "the threshold keeps its budget of false alarms",
    saying: "One score too low"),
  Mistake(
    MeanOverFilling.self, in: .stackedLSTMSwitchDetector,
    rejectedBy: "surprise is −log p of what came, without the filling", saying: "The filling is counted"),
  Mistake(
    DividesByAllSteps.self, in: .stackedLSTMSwitchDetector,
    rejectedBy: "surprise is −log p of what came, without the filling", saying: "You divide by T"),
  Mistake(
    LastStateOnly.self, in: .stackedLSTMSwitchDetector, rejectedBy: "the stack equals torch's two-layer LSTM",
    saying: "The second layer sees only the last state"),
  Mistake(
    GatesInAnotherOrder.self, in: .stackedLSTMSwitchDetector, rejectedBy: "the stack equals torch's two-layer LSTM",
    saying: "yours are i, f, o, g"),
  Mistake(
    NoMemory.self, in: .stackedLSTMSwitchDetector, rejectedBy: "the stack equals torch's two-layer LSTM",
    saying: "Every step starts from zero"),
  Mistake(
    NoMemory.self, in: .stackedLSTMSwitchDetector,
    rejectedBy: "takeovers that a Markov model cannot see are found and dated",
    saying: "No better than a first-order Markov model"),
  Mistake(
    CellWithoutMemory.self, in: .stackedLSTMSwitchDetector, rejectedBy: "the stack equals torch's two-layer LSTM",
    saying: "The memory c does not enter"),
  Mistake(
    HistoryCut.self, in: .stackedLSTMSwitchDetector, rejectedBy: "gradients flow through time and layers",
    saying: "the states have no history"),
  Mistake(
    ForgetBiasOfZero.self, in: .stackedLSTMSwitchDetector,
    rejectedBy: "fresh layers have 33,600 parameters and an open forget gate", saying: "half of the memory is lost"),
  Mistake(
    TwoBiases.self, in: .stackedLSTMSwitchDetector,
    rejectedBy: "fresh layers have 33,600 parameters and an open forget gate", saying: "One bias a gate and unit"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: StackedLSTMSwitchDetectorExercise {}

extension MostlyRight {
  var right: StackedLSTMSwitchDetector { StackedLSTMSwitchDetector() }

  func freshLayers(
    inputs: Int, hidden: Int, layers: Int, using random: inout SeededRandom
  ) throws -> [LSTMLayerWeights] {
    try right.freshLayers(inputs: inputs, hidden: hidden, layers: layers, using: &random)
  }
  func lstmCell(_ x: Tensor, h: Tensor, c: Tensor, weights: LSTMLayerWeights) throws -> (h: Tensor, c: Tensor) {
    try right.lstmCell(x, h: h, c: c, weights: weights)
  }
  func lstmStack(_ xs: Tensor, layers: [LSTMLayerWeights]) throws -> Tensor {
    try right.lstmStack(xs, layers: layers)
  }
  func sessionSurprise(logits: Tensor, next: [[Int]], lengths: [Int]) throws -> SessionSurprise {
    try right.sessionSurprise(logits: logits, next: next, lengths: lengths)
  }
  func thresholdForFalseAlarms(_ normalScores: [Double], budget: Double) throws -> Double {
    try right.thresholdForFalseAlarms(normalScores, budget: budget)
  }
}

/// The document's decision: a sigmoid unit, cut at its default of one half.
private struct CutAtOneHalf: MostlyRight {
  func thresholdForFalseAlarms(_ normalScores: [Double], budget: Double) throws -> Double { 0.5 }
}

private struct OneScoreTooLow: MostlyRight {
  func thresholdForFalseAlarms(_ normalScores: [Double], budget: Double) throws -> Double {
    _ = try right.thresholdForFalseAlarms(normalScores, budget: budget)
    let allowed = Int(budget * Double(normalScores.count))
    return normalScores.sorted()[normalScores.count - 1 - allowed].nextDown
  }
}

/// The document's model has no mask: padded steps count like real ones.
private struct MeanOverFilling: MostlyRight {
  func sessionSurprise(logits: Tensor, next: [[Int]], lengths: [Int]) throws -> SessionSurprise {
    let all = try right.sessionSurprise(logits: logits, next: next, lengths: lengths.map { _ in logits.shape[1] })
    return SessionSurprise(mean: all.mean, perStep: zip(all.perStep, lengths).map { Array($0.prefix($1)) })
  }
}

private struct DividesByAllSteps: MostlyRight {
  func sessionSurprise(logits: Tensor, next: [[Int]], lengths: [Int]) throws -> SessionSurprise {
    var surprise = try right.sessionSurprise(logits: logits, next: next, lengths: lengths)
    surprise.mean = surprise.perStep.map { $0.reduce(0, +) / Double(logits.shape[1]) }
    return surprise
  }
}

/// `return_sequences` forgotten between the layers, and repaired by repeating the last state.
private struct LastStateOnly: MostlyRight {
  func lstmStack(_ xs: Tensor, layers: [LSTMLayerWeights]) throws -> Tensor {
    let steps = xs.shape[1]
    let first = try right.lstmStack(xs, layers: [layers[0]])
    let last = first.selected(steps - 1, axis: 1)
    return try right.lstmStack(
      .stacked((0..<steps).map { _ in last }, axis: 1), layers: Array(layers.dropFirst()))
  }
}

private struct GatesInAnotherOrder: MostlyRight {
  func lstmStack(_ xs: Tensor, layers: [LSTMLayerWeights]) throws -> Tensor {
    try right.lstmStack(
      xs,
      layers: layers.map { weights in
        let size = weights.hidden.shape[1]
        let rows = Array(0..<2 * size) + Array(3 * size..<4 * size) + Array(2 * size..<3 * size)
        return LSTMLayerWeights(
          input: weights.input.rows(rows), hidden: weights.hidden.rows(rows), bias: weights.bias.rows(rows))
      })
  }
}

/// h and c are not handed on: what is left is a model of the last event, and so of first order.
private struct NoMemory: MostlyRight {
  func lstmStack(_ xs: Tensor, layers: [LSTMLayerWeights]) throws -> Tensor {
    var sequence = xs
    for weights in layers {
      let zero = Tensor.zeros([xs.shape[0], weights.hidden.shape[1]])
      sequence = .stacked(
        try (0..<xs.shape[1]).map {
          try right.lstmCell(sequence.selected($0, axis: 1), h: zero, c: zero, weights: weights).h
        }, axis: 1)
    }
    return sequence
  }
}

private struct CellWithoutMemory: MostlyRight {
  func lstmCell(_ x: Tensor, h: Tensor, c: Tensor, weights: LSTMLayerWeights) throws -> (h: Tensor, c: Tensor) {
    try right.lstmCell(x, h: h, c: .zeros(c.shape), weights: weights)
  }
}

private struct HistoryCut: MostlyRight {
  func lstmStack(_ xs: Tensor, layers: [LSTMLayerWeights]) throws -> Tensor {
    try right.lstmStack(xs, layers: layers).detached()
  }
}

private struct ForgetBiasOfZero: MostlyRight {
  func freshLayers(
    inputs: Int, hidden: Int, layers: Int, using random: inout SeededRandom
  ) throws -> [LSTMLayerWeights] {
    try right.freshLayers(inputs: inputs, hidden: hidden, layers: layers, using: &random).map {
      LSTMLayerWeights(input: $0.input, hidden: $0.hidden, bias: .zeros($0.bias.shape))
    }
  }
}

private struct TwoBiases: MostlyRight {
  func freshLayers(
    inputs: Int, hidden: Int, layers: Int, using random: inout SeededRandom
  ) throws -> [LSTMLayerWeights] {
    try right.freshLayers(inputs: inputs, hidden: hidden, layers: layers, using: &random).map {
      LSTMLayerWeights(
        input: $0.input, hidden: $0.hidden, bias: .concatenated([$0.bias, .zeros($0.bias.shape)], axis: 0))
    }
  }
}
