import Foundation
import Learning
import Tensors

// The harness that trains an implementation's stack as a model of the next event, and the baseline beside it.

/// What a detector is trained with.
package struct SurpriseTraining: Codable, Sendable {
  /// How many event types there are.
  package var vocabulary: Int
  /// How often each session is seen.
  package var epochs: Int
  /// Sessions in a batch.
  package var batch = 32
  /// The step size of Adam.
  package var rate: Float = 5e-3

  package init(vocabulary: Int, epochs: Int) {
    self.vocabulary = vocabulary
    self.epochs = epochs
  }
}

/// Embedding → the implementation's stack → scores of the next event.
package struct SurpriseModel {
  package static let embedded = 16
  package static let hidden = 50
  package static let layerCount = 2

  private let exercise: any StackedLSTMSwitchDetectorExercise
  private var embedding: Tensor  // [V, 16]
  private var layers: [LSTMLayerWeights]
  private var output: Tensor  // [H, V]
  private var outputBias: Tensor  // [V]

  package init(_ exercise: any StackedLSTMSwitchDetectorExercise, vocabulary: Int, using random: inout SeededRandom)
    throws
  {
    self.exercise = exercise
    embedding = .normal([vocabulary, Self.embedded], using: &random)
    layers = try exercise.freshLayers(
      inputs: Self.embedded, hidden: Self.hidden, layers: Self.layerCount, using: &random)
    let bound = 1 / Double(Self.hidden).squareRoot()
    output = .uniform([Self.hidden, vocabulary], in: -bound..<bound, using: &random)
    outputBias = .zeros([vocabulary])
  }

  /// Trains on sessions of at least two events: Adam, gradients clipped to norm 1.
  ///
  /// - Returns: the mean loss of each epoch, in nats an event.
  @discardableResult
  package mutating func train(
    _ sessions: [[Int]], _ training: SurpriseTraining, using random: inout SeededRandom,
    progress: (_ fraction: Double, _ loss: Double) -> Void = { _, _ in }
  ) throws -> [Double] {
    var adam = Adam(learningRate: training.rate)
    var losses: [Double] = []
    for epoch in 0..<training.epochs {
      let order = random.permutation(of: sessions.count)
      var sum = 0.0
      for start in stride(from: 0, to: order.count, by: training.batch) {
        let chosen = order[start..<min(start + training.batch, order.count)].map { sessions[$0] }
        let tracked = parameters.map { $0.tracked() }
        let batch = SessionBatch(chosen)
        let logits = try scores(batch, tracked)
        let loss = softmaxCrossEntropy(
          logits.reshaped([-1, training.vocabulary]), batch.next.flatMap { $0 }, weights: batch.weights)
        let gradients = clipped(loss.gradients(of: tracked), toGlobalNorm: 1)
        var next = parameters
        adam.update(&next, gradients: gradients)
        parameters = next
        sum += Double(loss.scalar) * Double(chosen.count)
        let seen = start + chosen.count
        progress(
          (Double(epoch) + Double(seen) / Double(order.count)) / Double(training.epochs), sum / Double(seen))
      }
      losses.append(sum / Double(sessions.count))
    }
    return losses
  }

  /// How surprising sessions are: one number for each event but the first.
  package func surprise(_ sessions: [[Int]]) throws -> SessionSurprise {
    var all = SessionSurprise(mean: [], perStep: [])
    for start in stride(from: 0, to: sessions.count, by: 250) {
      let batch = SessionBatch(Array(sessions[start..<min(start + 250, sessions.count)]))
      let part = try exercise.sessionSurprise(
        logits: try scores(batch, parameters), next: batch.next, lengths: batch.lengths)
      all.mean += part.mean
      all.perStep += part.perStep
    }
    return all
  }

  /// All parameters in a fixed order.
  private var parameters: [Tensor] {
    get { [embedding, output, outputBias] + layers.flatMap { [$0.input, $0.hidden, $0.bias] } }
    set {
      (embedding, output, outputBias) = (newValue[0], newValue[1], newValue[2])
      layers = Self.layers(newValue)
    }
  }

  private static func layers(_ parameters: [Tensor]) -> [LSTMLayerWeights] {
    stride(from: 3, to: parameters.count, by: 3).map { index in
      LSTMLayerWeights(input: parameters[index], hidden: parameters[index + 1], bias: parameters[index + 2])
    }
  }

  /// The scores of the next event, `[B, T, V]`.
  private func scores(_ batch: SessionBatch, _ parameters: [Tensor]) throws -> Tensor {
    let xs = parameters[0].rows(batch.events.flatMap { $0 })
      .reshaped([batch.events.count, batch.steps, Self.embedded])
    let states = try exercise.lstmStack(xs, layers: Self.layers(parameters))
    let expected = [batch.events.count, batch.steps, Self.hidden]
    guard states.shape == expected else {
      throw BadInput("lstmStack: expected shape \(expected), found \(states.shape)")
    }
    return states.matmul(parameters[1]) + parameters[2]
  }
}

/// Sessions side by side, short ones filled up: what was seen, and what came next.
private struct SessionBatch {
  var events: [[Int]]  // B rows of T
  var next: [[Int]]  // B rows of T
  var lengths: [Int]  // how many of them are real

  init(_ sessions: [[Int]]) {
    let steps = (sessions.map(\.count).max() ?? 1) - 1
    func filled(_ events: some Collection<Int>) -> [Int] {
      Array(events) + [Int](repeating: 0, count: steps - events.count)
    }
    events = sessions.map { filled($0.dropLast()) }
    next = sessions.map { filled($0.dropFirst()) }
    lengths = sessions.map { $0.count - 1 }
  }

  var steps: Int { events[0].count }

  /// 1 for a real step, 0 for filling, `B · T` numbers.
  var weights: [Float] {
    lengths.flatMap { length in (0..<steps).map { $0 < length ? 1 : 0 } }
  }
}

/// The baseline: the next event depends on the last one alone. Transitions are counted, with 0.1 added to each.
package struct MarkovModel {
  private let logProbabilities: [[Double]]

  package init(_ sessions: [[Int]], vocabulary: Int) {
    var counts = [[Double]](repeating: [Double](repeating: 0.1, count: vocabulary), count: vocabulary)
    for session in sessions {
      for (event, next) in zip(session, session.dropFirst()) { counts[event][next] += 1 }
    }
    logProbabilities = counts.map { row in
      let sum = row.reduce(0, +)
      return row.map { log($0 / sum) }
    }
  }

  package func surprise(_ sessions: [[Int]]) -> SessionSurprise {
    let perStep = sessions.map { session in
      zip(session, session.dropFirst()).map { -logProbabilities[$0][$1] }
    }
    return SessionSurprise(mean: perStep.map { $0.reduce(0, +) / Double($0.count) }, perStep: perStep)
  }
}
