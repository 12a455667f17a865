import Contracts
import Curriculum
import Foundation
import Solutions
import Tensors

let lstmCellMistakes = [
  Mistake(
    GatingWithoutAdding.self, in: .lstmCell, rejectedBy: "a step equals torch's LSTMCell",
    saying: "That is the blend f ⊙ c + (1 − f) ⊙ g"),
  Mistake(
    ForgetBiasOfOne.self, in: .lstmCell, rejectedBy: "a cell of zeros keeps half of its memory",
    saying: "You add 1 to the forget gate's bias"),
  Mistake(
    CandidateAfterOutputGate.self, in: .lstmCell, rejectedBy: "a step equals torch's LSTMCell",
    saying: "yours are i, f, o, g"),
  Mistake(
    MemoryPathIgnored.self, in: .lstmCell, rejectedBy: "five steps back equal torch's gradients",
    saying: "The gradient along the memory is lost"),
  Mistake(
    MemoryPathIgnored.self, in: .lstmCell, rejectedBy: "gradients agree with finite differences",
    saying: "The gradient dc from the later steps is missing"),
  Mistake(
    StatePathCut.self, in: .lstmCell, rejectedBy: "five steps back equal torch's gradients",
    saying: "The gradient with respect to h is lost"),
  Mistake(
    ProductFirst.self, in: .lstmCell, rejectedBy: "the memory left is a product, summed as logarithms",
    saying: "The product underflows to 0"),
  Mistake(
    BiasUniform.self, in: .lstmCell, rejectedBy: "the chrono bias spans the horizon",
    saying: "You draw b uniformly"),
  Mistake(
    ForgetfulStart.self, in: .lstmCell, rejectedBy: "the cell learns where the forget gate starts open",
    saying: "chrono start"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: LSTMCellExercise {}

extension MostlyRight {
  var right: LSTMCell { LSTMCell() }

  func step(_ x: Matrix, h: Matrix, c: Matrix, weights: LSTMCellWeights) throws -> LSTMCellStep {
    try right.step(x, h: h, c: c, weights: weights)
  }
  func backward(dh: Matrix, dc: Matrix, cache: LSTMCellCache, weights: LSTMCellWeights) throws -> LSTMCellGradients {
    try right.backward(dh: dh, dc: dc, cache: cache, weights: weights)
  }
  func cellMemoryLog10(forget: Matrix) throws -> [Double] { try right.cellMemoryLog10(forget: forget) }
  func chronoForgetBias(hidden: Int, horizon: Int, using random: inout SeededRandom) throws -> [Double] {
    try right.chronoForgetBias(hidden: hidden, horizon: horizon, using: &random)
  }
}

/// The document's LSTM: "introduces gates", and no memory that adds up. The new value is a blend, as in a GRU.
private struct GatingWithoutAdding: MostlyRight {
  func step(_ x: Matrix, h: Matrix, c: Matrix, weights: LSTMCellWeights) throws -> LSTMCellStep {
    var step = try right.step(x, h: h, c: c, weights: weights)
    for index in step.c.values.indices {
      let (f, g, o) = (step.cache.f.values[index], step.cache.g.values[index], step.cache.o.values[index])
      let next = f * c.values[index] + (1 - f) * g
      step.c.values[index] = next
      step.cache.next.values[index] = next
      step.h.values[index] = o * tanh(next)
    }
    return step
  }
}

private struct ForgetBiasOfOne: MostlyRight {
  func step(_ x: Matrix, h: Matrix, c: Matrix, weights: LSTMCellWeights) throws -> LSTMCellStep {
    var biased = weights
    for cell in 0..<h.columns where biased.inputBias.count == 4 * h.columns { biased.inputBias[h.columns + cell] += 1 }
    return try right.step(x, h: h, c: c, weights: biased)
  }
}

private struct CandidateAfterOutputGate: MostlyRight {
  func step(_ x: Matrix, h: Matrix, c: Matrix, weights: LSTMCellWeights) throws -> LSTMCellStep {
    let size = h.columns
    guard weights.input.rows == 4 * size else { throw BadInput("Wih") }
    let rows = Array(0..<2 * size) + Array(3 * size..<4 * size) + Array(2 * size..<3 * size)
    let swapped = LSTMCellWeights(
      input: Matrix(rows.map { weights.input.row($0) }), hidden: Matrix(rows.map { weights.hidden.row($0) }),
      inputBias: rows.map { weights.inputBias[$0] }, hiddenBias: rows.map { weights.hiddenBias[$0] })
    return try right.step(x, h: h, c: c, weights: swapped)
  }
}

private struct MemoryPathIgnored: MostlyRight {
  func backward(dh: Matrix, dc: Matrix, cache: LSTMCellCache, weights: LSTMCellWeights) throws -> LSTMCellGradients {
    try right.backward(dh: dh, dc: Matrix(rows: dc.rows, columns: dc.columns), cache: cache, weights: weights)
  }
}

private struct StatePathCut: MostlyRight {
  func backward(dh: Matrix, dc: Matrix, cache: LSTMCellCache, weights: LSTMCellWeights) throws -> LSTMCellGradients {
    var gradients = try right.backward(dh: dh, dc: dc, cache: cache, weights: weights)
    gradients.h = Matrix(rows: dh.rows, columns: dh.columns)
    return gradients
  }
}

private struct ProductFirst: MostlyRight {
  func cellMemoryLog10(forget: Matrix) throws -> [Double] {
    _ = try right.cellMemoryLog10(forget: forget)
    return (0..<forget.columns).map { cell in
      log10((0..<forget.rows).reduce(1) { $0 * forget[$1, cell] })
    }
  }
}

private struct BiasUniform: MostlyRight {
  func chronoForgetBias(hidden: Int, horizon: Int, using random: inout SeededRandom) throws -> [Double] {
    _ = try right.chronoForgetBias(hidden: hidden, horizon: horizon, using: &random)
    return (0..<hidden).map { _ in random.uniform(in: 0..<log(Double(horizon - 1))) }
  }
}

/// No initialisation at all: every bias 0, which is a value that the range allows.
private struct ForgetfulStart: MostlyRight {
  func chronoForgetBias(hidden: Int, horizon: Int, using random: inout SeededRandom) throws -> [Double] {
    [Double](repeating: 0, count: hidden)
  }
}
