import Contracts
import Foundation
import Tensors

// The harness that trains an implementation of the cell: a task that needs nothing but memory.

/// The latch: the first of T inputs says which of two classes, all others are noise, and the answer is due at the end.
package struct LatchTask: Codable, Sendable {
  /// T, how many steps a sequence has.
  package var horizon: Int

  package init(horizon: Int) {
    self.horizon = horizon
  }

  package static let inputs = 3
  package static let hidden = 12
  private static let batch = 32
  private static let updates = 200
  private static let rate = 0.01

  package struct Sample: Codable, Sendable {
    /// T inputs, each `[B, 3]`: the class as two columns in the first step, noise in the third column afterwards.
    package var steps: [Matrix]
    /// B classes, 0 or 1.
    package var labels: [Int]
  }

  package func sample(count: Int, using random: inout SeededRandom) -> Sample {
    var first = Matrix(rows: count, columns: Self.inputs)
    let labels = (0..<count).map { row in
      let label = random.below(2)
      first[row, label] = 1
      return label
    }
    var steps = [first]
    for _ in 1..<horizon {
      var step = Matrix(rows: count, columns: Self.inputs)
      for row in 0..<count { step[row, 2] = random.normal() }
      steps.append(step)
    }
    return Sample(steps: steps, labels: labels)
  }

  /// Trains a cell with a logistic readout of its last state: Adam, 200 batches of 32, gradients clipped to norm 1.
  ///
  /// - Returns: the trained classifier.
  package func train<Cell: LatchCell>(_ cell: Cell, using random: inout SeededRandom) throws -> LatchClassifier<Cell> {
    let bound = 1 / Double(Self.hidden).squareRoot()
    var classifier = LatchClassifier(
      cell: cell, readout: (0...Self.hidden).map { _ in random.uniform(in: -bound..<bound) })
    var adam = DoubleAdam(rate: Self.rate)
    for _ in 0..<Self.updates {
      let sample = sample(count: Self.batch, using: &random)
      let gradient = try classifier.gradient(sample)
      classifier.parameters = adam.step(classifier.parameters, clipped(gradient, to: 1))
    }
    return classifier
  }

  private func clipped(_ gradient: [Double], to bound: Double) -> [Double] {
    var square = 0.0
    for number in gradient { square += number * number }
    let norm = square.squareRoot()
    return norm > bound ? gradient.map { $0 * bound / norm } : gradient
  }
}

/// A recurrent cell that can be trained: its parameters as one list, a run forward, and the way back.
package protocol LatchCell {
  var parameters: [Double] { get set }

  /// Runs over the inputs from states of zero.
  ///
  /// - Returns: the last state `[B, H]`, and a function from the gradient there to that of `parameters`.
  func run(_ steps: [Matrix]) throws -> (last: Matrix, backward: (Matrix) throws -> [Double])
}

package struct LatchClassifier<Cell: LatchCell> {
  package var cell: Cell
  package var readout: [Double]  // H weights and a bias

  package var parameters: [Double] {
    get { cell.parameters + readout }
    set {
      cell.parameters = Array(newValue.dropLast(readout.count))
      readout = Array(newValue.suffix(readout.count))
    }
  }

  /// The classes of B sequences.
  package func predict(_ steps: [Matrix]) throws -> [Int] {
    let last = try cell.run(steps).last
    return (0..<last.rows).map { logit(last, $0) > 0 ? 1 : 0 }
  }

  package func accuracy(_ sample: LatchTask.Sample) throws -> Double {
    let right = zip(try predict(sample.steps), sample.labels).count { $0 == $1 }
    return Double(right) / Double(sample.labels.count)
  }

  /// The gradient of the mean logistic loss.
  package func gradient(_ sample: LatchTask.Sample) throws -> [Double] {
    let (last, backward) = try cell.run(sample.steps)
    var upstream = Matrix(rows: last.rows, columns: last.columns)
    var own = [Double](repeating: 0, count: readout.count)
    for row in 0..<last.rows {
      let probability = 1 / (1 + exp(-logit(last, row)))
      let share = (probability - Double(sample.labels[row])) / Double(last.rows)
      for unit in 0..<last.columns {
        upstream[row, unit] = share * readout[unit]
        own[unit] += share * last[row, unit]
      }
      own[last.columns] += share
    }
    return try backward(upstream) + own
  }

  private func logit(_ last: Matrix, _ row: Int) -> Double {
    var sum = readout[last.columns]
    for unit in 0..<last.columns { sum += readout[unit] * last[row, unit] }
    return sum
  }
}

/// How the forget gate starts.
package enum ForgetStart: Codable, Sendable, Hashable {
  /// One bias for all cells; PyTorch's default amounts to 0.
  case bias(Double)
  /// `chronoForgetBias` for the task's horizon, and its negative on the input gate.
  case chrono
}

/// The implementation's cell in the harness.
package struct LatchLSTM: LatchCell {
  package let exercise: any LSTMCellExercise
  package var weights: LSTMCellWeights

  /// Uniform in ±1/√H, as PyTorch starts; all biases 0 but those of the start.
  package init(
    _ exercise: any LSTMCellExercise, start: ForgetStart, horizon: Int, hidden: Int = LatchTask.hidden,
    using random: inout SeededRandom
  ) throws {
    self.exercise = exercise
    weights = LSTMCellWeights(inputs: LatchTask.inputs, hidden: hidden)
    let bound = 1 / Double(hidden).squareRoot()
    for index in weights.input.values.indices { weights.input.values[index] = random.uniform(in: -bound..<bound) }
    for index in weights.hidden.values.indices { weights.hidden.values[index] = random.uniform(in: -bound..<bound) }
    switch start {
    case .bias(let bias):
      for cell in 0..<hidden { weights.inputBias[hidden + cell] = bias }
    case .chrono:
      let biases = try exercise.chronoForgetBias(hidden: hidden, horizon: horizon, using: &random)
      guard biases.count == hidden else {
        throw BadInput("chronoForgetBias: \(biases.count) biases for \(hidden) cells")
      }
      for (cell, bias) in biases.enumerated() {
        weights.inputBias[hidden + cell] = bias
        weights.inputBias[cell] = -bias
      }
    }
  }

  package var parameters: [Double] {
    get { weights.flat }
    set { weights.flat = newValue }
  }

  /// The cell over all steps, from a state of zeros: the last h, and what each step keeps for the way back.
  package func unrolled(_ steps: [Matrix]) throws -> (last: Matrix, caches: [LSTMCellCache]) {
    let zero = Matrix(rows: steps[0].rows, columns: weights.hidden.columns)
    var (h, c) = (zero, zero)
    var caches: [LSTMCellCache] = []
    for x in steps {
      let next = try exercise.step(x, h: h, c: c, weights: weights)
      caches.append(next.cache)
      (h, c) = (next.h, next.c)
    }
    return (h, caches)
  }

  package func run(_ steps: [Matrix]) throws -> (last: Matrix, backward: (Matrix) throws -> [Double]) {
    let (last, caches) = try unrolled(steps)
    return (
      last,
      { upstream in
        var (dh, dc) = (upstream, Matrix(rows: last.rows, columns: last.columns))
        var sum = [Double](repeating: 0, count: weights.flat.count)
        for cache in caches.reversed() {
          let gradients = try exercise.backward(dh: dh, dc: dc, cache: cache, weights: weights)
          (dh, dc) = (gradients.h, gradients.c)
          let own = gradients.weights.flat
          guard own.count == sum.count else { throw BadInput("backward: \(own.count) parameter gradients") }
          for index in sum.indices { sum[index] += own[index] }
        }
        return sum
      }
    )
  }
}

extension LSTMCellWeights {
  /// All parameters in one list.
  package var flat: [Double] {
    get { input.values + hidden.values + inputBias + hiddenBias }
    set {
      var rest = newValue[...]
      func take(_ count: Int) -> [Double] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      }
      input.values = take(input.values.count)
      hidden.values = take(hidden.values.count)
      inputBias = take(inputBias.count)
      hiddenBias = take(hiddenBias.count)
    }
  }
}

/// Adam on a list of Float64 numbers (Kingma & Ba, "Adam", ICLR 2015).
private struct DoubleAdam {
  let rate: Double
  private var mean: [Double] = []
  private var square: [Double] = []
  private var steps = 0

  init(rate: Double) { self.rate = rate }

  mutating func step(_ parameters: [Double], _ gradient: [Double]) -> [Double] {
    if mean.isEmpty {
      mean = [Double](repeating: 0, count: parameters.count)
      square = mean
    }
    steps += 1
    let meanScale = 1 / (1 - pow(0.9, Double(steps)))
    let squareScale = 1 / (1 - pow(0.999, Double(steps)))
    var result = parameters
    for index in parameters.indices {
      mean[index] = 0.9 * mean[index] + 0.1 * gradient[index]
      square[index] = 0.999 * square[index] + 0.001 * gradient[index] * gradient[index]
      result[index] -= rate * mean[index] * meanScale / ((square[index] * squareScale).squareRoot() + 1e-8)
    }
    return result
  }
}
