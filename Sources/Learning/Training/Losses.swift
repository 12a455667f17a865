import Tensors

/// The cross-entropy of softmax(logits) against labels: the mean of −log p(label).
///
/// - Parameters:
///   - logits: `[…, classes]`.
///   - labels: one for each row of the logits, in row-major order, in 0..<classes.
///   - weights: what each row counts; 0 leaves it out. The mean is over the weights. Nil: every row counts 1.
///   - smoothing: how much of each label's mass is spread evenly over all classes, in 0..<1 (Szegedy et al. 2016).
///   - classWeights: what each class counts; the mean is over the weights of the labels, as in PyTorch. Nil: 1 each.
/// - Returns: one number; 0 if the weights sum to 0.
public func softmaxCrossEntropy(
  _ logits: Tensor, _ labels: [Int], weights: [Float]? = nil, smoothing: Float = 0, classWeights: [Float]? = nil
) -> Tensor {
  precondition(
    smoothing >= 0 && smoothing < 1, "softmaxCrossEntropy: the smoothing must lie in 0..<1, found \(smoothing)")
  let rows = logits.reshaped([-1, logits.shape.last ?? 0])
  return rows.softmaxCrossEntropy(labels, weights: weights, classWeights: classWeights, smoothing: smoothing)
}

/// The cross-entropy of σ(logits) against targets in [0, 1], computed from the logits so that it cannot overflow:
/// the mean of log(1 + eˣ) − x·y.
///
/// - Parameters:
///   - logits: any shape.
///   - targets: the same shape.
///   - weights: what each entry counts, of a shape that broadcasts; the mean stays over the entries.
/// - Returns: one number.
public func binaryCrossEntropy(_ logits: Tensor, _ targets: Tensor, weights: Tensor? = nil) -> Tensor {
  requireSameShape(logits, targets, "binaryCrossEntropy")
  let losses = logits.softplus() - logits * targets
  return (weights.map { losses * $0 } ?? losses).mean()
}

/// The mean of (prediction − target)².
public func meanSquaredError(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
  requireSameShape(predictions, targets, "meanSquaredError")
  return (predictions - targets).squared().mean()
}

/// The mean of |prediction − target|.
public func meanAbsoluteError(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
  requireSameShape(predictions, targets, "meanAbsoluteError")
  return (predictions - targets).abs().mean()
}

/// The mean of ½e² where |e| ≤ `delta`, and `delta`·(|e| − ½·delta) beyond (Huber 1964).
public func huber(_ predictions: Tensor, _ targets: Tensor, delta: Float = 1) -> Tensor {
  requireSameShape(predictions, targets, "huber")
  let size = (predictions - targets).abs()
  let inner = size.clipped(to: 0...delta)
  return (inner * (size - inner * 0.5)).mean()
}

private func requireSameShape(_ a: Tensor, _ b: Tensor, _ operation: String) {
  requireShape(a.shape == b.shape, "\(operation): \(a.shape) and \(b.shape)")
}
