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
  if weights == nil && !targets.isTracked { return logits.binaryCrossEntropy(targets) }
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

/// The Kullback–Leibler divergence of predictions from targets, Σ y·(log y − log p), as the mean over rows: PyTorch's
/// `kl_div` with `batchmean`.
///
/// - Parameters:
///   - logProbabilities: log p, `[N, …]`, such as from `logSoftmax()`.
///   - targets: y, the same shape; constants. A target of 0 adds nothing.
/// - Returns: one number.
public func klDivergence(_ logProbabilities: Tensor, _ targets: Tensor) -> Tensor {
  requireSameShape(logProbabilities, targets, "klDivergence")
  var entropy = 0.0
  for y in targets.scalars where y != 0 { entropy += Double(y) * naturalLogarithm(Double(y)) }
  let sum = Tensor(Float(entropy)) - (logProbabilities * targets.detached()).sum()
  return sum / Float(max(targets.shape.first ?? 1, 1))
}

/// The divergence of normal distributions from the standard one, −½·Σ (1 + log σ² − μ² − σ²), as the mean over rows
/// (Kingma & Welling 2014, appendix B).
///
/// - Parameters:
///   - mean: μ, `[N, D]`.
///   - logVariance: log σ², the same shape.
/// - Returns: one number.
public func gaussianKLDivergence(mean: Tensor, logVariance: Tensor) -> Tensor {
  requireSameShape(mean, logVariance, "gaussianKLDivergence")
  let terms = mean.squared() + logVariance.exp() - logVariance - 1
  return terms.sum() * (0.5 / Float(max(mean.shape.first ?? 1, 1)))
}

/// The mean of max(0, margin − y·score), for targets y of −1 and 1 (Cortes & Vapnik 1995).
public func hinge(_ scores: Tensor, _ targets: Tensor, margin: Float = 1) -> Tensor {
  requireSameShape(scores, targets, "hinge")
  return (margin - scores * targets).relu().mean()
}

/// The mean of max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + margin) over rows (Schroff et al. 2015), with 1e-6
/// added to each difference, as in PyTorch.
///
/// - Parameters:
///   - anchors: `[N, D]`.
///   - positives: the same shape: what should lie near.
///   - negatives: the same shape: what should lie farther away.
///   - margin: by how much.
/// - Returns: one number.
public func tripletMargin(_ anchors: Tensor, positives: Tensor, negatives: Tensor, margin: Float = 1) -> Tensor {
  requireSameShape(anchors, positives, "tripletMargin")
  requireSameShape(anchors, negatives, "tripletMargin")
  func distance(_ other: Tensor) -> Tensor { (anchors - other + 1e-6).squared().sum(axis: -1).sqrt() }
  return (distance(positives) - distance(negatives) + margin).relu().mean()
}

/// InfoNCE: each query has to find its own key among all keys, by cosine similarity (van den Oord et al. 2018; Chen et
/// al. 2020).
///
/// - Parameters:
///   - queries: `[N, D]`.
///   - keys: `[M, D]` with M ≥ N: the key of query i is row i, the others are negatives.
///   - temperature: what the similarities are divided by.
/// - Returns: one number.
/// - Precondition: the temperature is positive.
public func infoNCE(_ queries: Tensor, keys: Tensor, temperature: Float = 0.1) -> Tensor {
  precondition(temperature > 0, "infoNCE: the temperature must be positive, found \(temperature)")
  requireShape(
    queries.rank == 2 && keys.rank == 2 && queries.shape[1] == keys.shape[1] && keys.shape[0] >= queries.shape[0],
    "infoNCE: queries \(queries.shape) and keys \(keys.shape)")
  func unit(_ x: Tensor) -> Tensor { x / (x.squared().sum(axis: 1, keepingDims: true) + 1e-24).sqrt() }
  let similarities = unit(queries).matmul(unit(keys), transposingSecond: true) / temperature
  return softmaxCrossEntropy(similarities, Array(0..<queries.shape[0]))
}

private func requireSameShape(_ a: Tensor, _ b: Tensor, _ operation: String) {
  requireShape(a.shape == b.shape, "\(operation): \(a.shape) and \(b.shape)")
}
