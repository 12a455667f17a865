import Foundation
import Learning
import Tensors

/// Teaches the sequence model the training part.
struct SequenceTraining {
  let options: FitOptions
  let table: SessionTable
  let scale: EncoderScale

  /// Sessions of like length, padded to the longest of them.
  private struct Batch {
    var inputs: [[Int]] = []
    var numbers: [Float] = []
    var lengths: [Int] = []
    var actions: [Int] = []
    var actionWeights: [Float] = []
    var pauses: [Int] = []
    var pauseWeights: [Float] = []
    var types: [Int] = []
    var typeWeights: [Float] = []
  }

  func train(
    _ model: SequenceModel, using random: inout SeededRandom, progress: ProgressHandler?
  ) -> TrainingHistory {
    let weights = typeWeights(model.shape.types)
    let batches = batches(of: .training, model.shape, weights, hiding: 0.005, limit: .max, using: &random)
    let held =
      batches.isEmpty
      ? [] : self.batches(of: .calibration, model.shape, weights, hiding: 0, limit: 1_500, using: &random)
    var adam = Adam(learningRate: options.learningRate)
    let total = Float(held.reduce(0) { $0 + $1.lengths.count })
    let steps = max(1, options.epochs * batches.count)
    return Learning.train(
      model.parameters, with: &adam, samples: batches.count,
      options: TrainingOptions(
        epochs: options.epochs, batchSize: 1, patience: 2, clipping: 1,
        schedule: .cosine(steps, minimum: 0.1)),
      using: &random, task: "LSTM", progress: progress,
      validation: {
        if held.isEmpty { return nil }
        let sum = held.reduce(Float(0)) { $0 + loss(model, $1).scalar * Float($1.lengths.count) }
        return Tensor(sum / total)
      }
    ) { batch in loss(model, batches[batch[0]]) }
  }

  private func loss(_ model: SequenceModel, _ batch: Batch) -> Tensor {
    let length = batch.inputs.first?.count ?? 0
    let numbers = Tensor(batch.numbers, shape: [batch.inputs.count, length, SessionTable.width])
    let logits = model.logits(actions: batch.inputs, numbers: numbers, lengths: batch.lengths)  // [N, L, outputs]
    let actions = model.shape.actions
    let pauses = actions + EventEncoder.pauseBins
    var loss = softmaxCrossEntropy(
      logits.sliced(0..<actions, axis: 2), batch.actions, weights: batch.actionWeights)
    loss =
      loss
      + softmaxCrossEntropy(
        logits.sliced(actions..<pauses, axis: 2), batch.pauses, weights: batch.pauseWeights)
    if model.shape.types > 0 {
      loss =
        loss
        + softmaxCrossEntropy(
          logits.sliced(pauses..<model.shape.outputs, axis: 2), batch.types, weights: batch.typeWeights)
    }
    return loss
  }

  /// √(honest / of the type), at most 20: rare types count more, but not so much that the honest ones are forgotten.
  private func typeWeights(_ types: Int) -> [Float] {
    var counts = [Double](repeating: 0, count: max(1, types))
    for row in table.rows where row.part == .training {
      for event in row.events { counts[min(counts.count - 1, Int(table.types[event]))] += 1 }
    }
    return counts.map { Float(min(20, (max(1, counts[0]) / max(1, $0)).squareRoot())) }
  }

  private func batches(
    of part: Split.Part, _ shape: SequenceModel.Shape, _ weights: [Float], hiding: Double, limit: Int,
    using random: inout SeededRandom
  ) -> [Batch] {
    var sessions = table.rows.indices.filter { table.rows[$0].part == part }
    if sessions.count > limit {
      let order = random.permutation(of: sessions.count)
      sessions = order.prefix(limit).sorted().map { sessions[$0] }
    }
    let lengths = sessions.map { min(options.longest, table.rows[$0].events.count) }
    let order = sessions.indices.sorted { lengths[$0] != lengths[$1] ? lengths[$0] < lengths[$1] : $0 < $1 }
    return stride(from: 0, to: order.count, by: options.batch).map { first in
      let chosen = order[first..<min(first + options.batch, order.count)]
      let length = 1 + (chosen.map { lengths[$0] }.max() ?? 0)
      var batch = Batch()
      for index in chosen {
        append(sessions[index], events: lengths[index], padded: length, shape, weights, hiding, to: &batch, &random)
      }
      return batch
    }
  }

  private func append(
    _ session: Int, events count: Int, padded length: Int, _ shape: SequenceModel.Shape, _ weights: [Float],
    _ hiding: Double, to batch: inout Batch, _ random: inout SeededRandom
  ) {
    let row = table.rows[session]
    var input = [shape.actions]
    var raw = [Float](repeating: 0, count: SessionTable.width)
    var scaled = raw
    table.mark(of: session, into: &raw)
    scale.standardize(raw, into: &scaled)
    batch.numbers += scaled
    for step in 0..<length {
      let event = row.events.lowerBound + step  // the one that comes after this step
      let isThere = step < count
      let isHonest = isThere && table.types[event] == 0
      batch.actions.append(isThere ? Int(table.actions[event]) : 0)
      batch.actionWeights.append(isHonest ? 1 : 0)
      batch.pauses.append(isThere ? Int(table.pauses[event]) : 0)
      batch.pauseWeights.append(isHonest && step > 0 ? 1 : 0)
      // The type is that of the event which this step took in.
      let type = step > 0 && step <= count ? Int(table.types[event - 1]) : 0
      batch.types.append(min(type, max(0, shape.types - 1)))
      batch.typeWeights.append(step > 0 && step <= count ? weights[min(type, weights.count - 1)] : 0)
      if step + 1 == length { break }
      guard isThere else {
        input.append(shape.actions)
        batch.numbers += [Float](repeating: 0, count: SessionTable.width)
        continue
      }
      let isHidden = hiding > 0 && random.bool(probability: hiding)
      if isHidden { batch.actions[batch.actions.count - 1] = 0 }
      input.append(isHidden ? 0 : Int(table.actions[event]))
      table.numbers(of: event, into: &raw)
      scale.standardize(raw, into: &scaled)
      batch.numbers += scaled
    }
    batch.inputs.append(input)
    batch.lengths.append(count + 1)
  }
}
