import Tensors

/// How `train` goes about it.
public struct TrainingOptions: Sendable {
  /// How often all samples are seen.
  public var epochs: Int
  /// How many samples make one step; the last batch of an epoch may be smaller.
  public var batchSize: Int
  /// Whether each epoch draws a new order.
  public var shuffles: Bool
  /// After how many epochs without a better validation loss to stop; nil: never.
  public var patience: Int?
  /// Whether the parameters of the best epoch come back at the end.
  public var restoresBest: Bool
  /// The global norm to which gradients are clipped; nil: not at all.
  public var clipping: Double?
  /// How the optimizer's learning rate changes from batch to batch; afterwards it is what it was. Nil: not at all.
  public var schedule: Schedule?

  /// Options.
  public init(
    epochs: Int, batchSize: Int, shuffles: Bool = true, patience: Int? = nil, restoresBest: Bool = true,
    clipping: Double? = nil, schedule: Schedule? = nil
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.shuffles = shuffles
    self.patience = patience
    self.restoresBest = restoresBest
    self.clipping = clipping
    self.schedule = schedule
  }
}

/// What happened in training.
public struct TrainingHistory: Sendable, Hashable {
  /// The mean loss over the batches of each epoch, weighted by their sizes.
  public var losses: [Double] = []
  /// The validation loss after each epoch, if there is one.
  public var validationLosses: [Double] = []
  /// The epoch, from 0, with the lowest validation loss, or without validation the last one.
  public var bestEpoch = 0
  /// Whether training ended before its last epoch.
  public var stoppedEarly = false

  /// A history of nothing.
  public init() {}
}

/// Trains: for each epoch, for each mini-batch, a forward pass, a backward pass and a step of the optimizer.
///
///     let history = train(
///       model.parameters, with: &adam, samples: 1_000, options: TrainingOptions(epochs: 20, batchSize: 32),
///       using: &random, progress: progress, validation: { softmaxCrossEntropy(model(heldOut), answers) }
///     ) { batch in softmaxCrossEntropy(model(inputs.rows(batch), training: true), batch.map { labels[$0] }) }
///
/// - Parameters:
///   - parameters: what is trained, and put back to its best.
///   - optimizer: its state stays usable for more training.
///   - samples: how many there are.
///   - options: epochs, batch size, early stopping.
///   - random: the source of the orders.
///   - task: what progress calls this work.
///   - progress: told after each batch.
///   - validation: the loss on held-out samples, computed after each epoch; nil for none.
///   - loss: the mean loss of the samples with the given numbers, one number that depends on the parameters.
/// - Returns: the losses of all epochs.
/// - Throws: what the closures throw.
@discardableResult
public func train<Rule: Optimizer>(
  _ parameters: [Parameter], with optimizer: inout Rule, samples: Int, options: TrainingOptions,
  using random: inout SeededRandom, task: String = "training", progress: ProgressHandler? = nil,
  validation: () throws -> Tensor?, loss: (_ batch: [Int]) throws -> Tensor
) rethrows -> TrainingHistory {
  precondition(options.batchSize > 0, "train: the batch size must be positive, found \(options.batchSize)")
  var history = TrainingHistory()
  var best = (loss: Double.infinity, values: [Tensor]())
  let batches = (samples + options.batchSize - 1) / options.batchSize
  let rate = optimizer.learningRate
  defer { optimizer.learningRate = rate }
  for epoch in 0..<options.epochs {
    let order = options.shuffles ? random.permutation(of: samples) : Array(0..<samples)
    var total = 0.0
    for number in 0..<batches {
      let batch = Array(order[number * options.batchSize..<min((number + 1) * options.batchSize, samples)])
      if let schedule = options.schedule { optimizer.learningRate = rate * schedule(epoch * batches + number) }
      let value = try step(parameters, &optimizer, clipping: options.clipping) { try loss(batch) }
      total += Double(value) * Double(batch.count)
      let done = Double(epoch * batches + number + 1) / Double(options.epochs * batches)
      progress?(ProgressUpdate(task, fraction: done, details: history.details(epoch, options.epochs, value)))
    }
    history.losses.append(samples > 0 ? total / Double(samples) : 0)
    guard let validationLoss = try validation() else {
      history.bestEpoch = epoch
      continue
    }
    let held = Double(validationLoss.scalar)
    history.validationLosses.append(held)
    if held < best.loss {
      history.bestEpoch = epoch
      best = (held, options.restoresBest ? parameters.map { $0.value.detached() } : [])
    } else if let patience = options.patience, epoch - history.bestEpoch >= patience {
      history.stoppedEarly = true
      break
    }
  }
  if !best.values.isEmpty {
    for (parameter, value) in zip(parameters, best.values) { parameter.value = value }
  }
  if history.stoppedEarly {
    progress?(ProgressUpdate(task, fraction: 1, details: "stopped early, best epoch \(history.bestEpoch + 1)"))
  }
  return history
}

/// Trains without validation: all epochs, and the last parameters stay. See `train(…validation:loss:)`.
///
/// - Throws: what the closure throws.
@discardableResult
public func train<Rule: Optimizer>(
  _ parameters: [Parameter], with optimizer: inout Rule, samples: Int, options: TrainingOptions,
  using random: inout SeededRandom, task: String = "training", progress: ProgressHandler? = nil,
  loss: (_ batch: [Int]) throws -> Tensor
) rethrows -> TrainingHistory {
  try train(
    parameters, with: &optimizer, samples: samples, options: options, using: &random, task: task, progress: progress,
    validation: { nil }, loss: loss)
}

/// One step: the loss, its gradients, and the optimizer's change.
///
/// - Returns: the loss before the step.
/// - Throws: what the closure throws.
@discardableResult
public func step<Rule: Optimizer>(
  _ parameters: [Parameter], _ optimizer: inout Rule, clipping: Double? = nil, loss: () throws -> Tensor
) rethrows -> Float {
  // The graph is gone before the parameters change, so that they change in place.
  if let clipping {
    let (value, gradients) = try valueWithGradients(of: parameters, loss)
    optimizer.update(parameters, clipped(gradients, toGlobalNorm: clipping))
    return value
  }
  let (value, gradients) = try valueWithSparseGradients(of: parameters, loss)
  optimizer.update(parameters, gradients)
  return value
}

/// A loss and its gradients with respect to parameters.
///
/// - Throws: what the closure throws.
public func valueWithGradients(
  of parameters: [Parameter], _ loss: () throws -> Tensor
) rethrows -> (value: Float, gradients: [Tensor]) {
  let value = try loss()
  return (value.scalar, value.gradients(of: parameters))
}

/// The same, with gradients in rows for tables that were only looked up.
private func valueWithSparseGradients(
  of parameters: [Parameter], _ loss: () throws -> Tensor
) rethrows -> (value: Float, gradients: [Gradient]) {
  let value = try loss()
  return (value.scalar, value.sparseGradients(of: parameters))
}

extension TrainingHistory {
  fileprivate func details(_ epoch: Int, _ epochs: Int, _ loss: Float) -> String {
    var words = "epoch \(epoch + 1)/\(epochs)  loss \(short(Double(loss)))"
    if let last = validationLosses.last { words += "  validation \(short(last))" }
    return words
  }

  private func short(_ x: Double) -> String {
    guard x.isFinite, abs(x) < 1e12 else { return "\(x)" }
    return "\((x * 10_000).rounded() / 10_000)"
  }
}
