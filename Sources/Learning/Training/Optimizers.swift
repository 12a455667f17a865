import Tensors

/// A rule that changes parameters by their gradients.
///
///     var adam = Adam(learningRate: 1e-3)
///     adam.update(model.parameters, loss.gradients(of: model.parameters))
///
/// An optimizer keeps its state by position: give it the same tensors in the same order each time.
public protocol Optimizer {
  /// The step size; it may be changed between steps.
  var learningRate: Float { get set }

  /// Begins a step. Called once before the tensors of a step are changed.
  mutating func beginStep()

  /// Changes one tensor.
  ///
  /// - Parameters:
  ///   - scalars: the numbers to change.
  ///   - gradient: of the same shape.
  ///   - slot: the position of the tensor.
  mutating func change(_ scalars: inout [Float], gradient: Tensor, slot: Int)

  /// Changes one tensor of which few rows were looked up, as `change(_:gradient:slot:)` would with the dense gradient.
  ///
  /// The default does just that. A rule may be quicker where the result is the same: see `SGD` and `Adam`.
  ///
  /// - Parameters:
  ///   - scalars: the numbers to change.
  ///   - rows: the gradient, of the same shape.
  ///   - slot: the position of the tensor.
  mutating func change(_ scalars: inout [Float], rows: SparseRows, slot: Int)
}

extension Optimizer {
  /// Changes one tensor by the dense gradient.
  public mutating func change(_ scalars: inout [Float], rows: SparseRows, slot: Int) {
    change(&scalars, gradient: rows.dense(), slot: slot)
  }

  /// One step for parameters, each with its own `rateFactor`; frozen ones stay as they are.
  ///
  /// - Precondition: a gradient for each parameter, of its shape.
  public mutating func update(_ parameters: [Parameter], _ gradients: [Tensor]) {
    update(parameters, gradients.map { .dense($0) })
  }

  /// One step for parameters, whose gradients may be in rows; see `Tensor.sparseGradients(of:)`. The result is that of
  /// the dense gradients.
  ///
  /// - Precondition: a gradient for each parameter, of its shape.
  public mutating func update(_ parameters: [Parameter], _ gradients: [Gradient]) {
    requireShape(
      parameters.count == gradients.count, "update: \(parameters.count) parameters and \(gradients.count) gradients")
    beginStep()
    let rate = learningRate
    defer { learningRate = rate }
    for (slot, parameter) in parameters.enumerated() where !parameter.isFrozen {
      let gradient = gradients[slot]
      requireShape(
        gradient.shape == parameter.value.shape,
        "update: \(parameter.name) \(parameter.value.shape) and gradient \(gradient.shape)")
      learningRate = rate * parameter.rateFactor
      parameter.update { scalars in
        switch gradient {
        case .dense(let gradient): change(&scalars, gradient: gradient, slot: slot)
        case .rows(let rows): change(&scalars, rows: rows, slot: slot)
        }
      }
    }
  }

  /// One step for plain tensors.
  ///
  /// - Precondition: a gradient for each tensor, of its shape.
  public mutating func update(_ tensors: inout [Tensor], gradients: [Tensor]) {
    requireShape(tensors.count == gradients.count, "update: \(tensors.count) tensors and \(gradients.count) gradients")
    beginStep()
    for slot in tensors.indices {
      requireShape(
        tensors[slot].shape == gradients[slot].shape,
        "update: \(tensors[slot].shape) and gradient \(gradients[slot].shape)")
      change(&tensors[slot].scalars, gradient: gradients[slot], slot: slot)
    }
  }

  /// One step for one plain tensor.
  public mutating func update(_ tensor: inout Tensor, gradient: Tensor) {
    var tensors = [tensor]
    update(&tensors, gradients: [gradient])
    tensor = tensors[0]
  }
}

/// Numbers that an optimizer keeps for each tensor, zeros at first.
private struct Slots: Sendable {
  private var numbers: [[Float]] = []

  func isEmpty(_ slot: Int) -> Bool { slot >= numbers.count || numbers[slot].isEmpty }

  subscript(slot: Int, count: Int) -> [Float] {
    get { !isEmpty(slot) ? numbers[slot] : [Float](repeating: 0, count: count) }
    _modify {
      while numbers.count <= slot { numbers.append([]) }
      if numbers[slot].isEmpty { numbers[slot] = [Float](repeating: 0, count: count) }
      requireShape(
        numbers[slot].count == count,
        "update: tensor \(slot) had \(numbers[slot].count) numbers before and now \(count)")
      yield &numbers[slot]
    }
  }
}

/// Stochastic gradient descent, with momentum (v ← μ·v + g; p ← p − rate·v) and Nesterov's variant, as in PyTorch.
///
/// With a gradient in rows, and without momentum and decay, it touches those rows alone.
public struct SGD: Optimizer, Sendable {
  /// The step size.
  public var learningRate: Float
  /// μ; 0 for none.
  public var momentum: Float
  /// Whether the step looks ahead: p ← p − rate·(g + μ·v).
  public var nesterov: Bool
  /// Added to the gradient: `weightDecay`·p.
  public var weightDecay: Float
  private var velocity = Slots()

  /// An optimizer without history.
  public init(learningRate: Float, momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// Nothing to do.
  public mutating func beginStep() {}

  /// Changes one tensor.
  public mutating func change(_ scalars: inout [Float], gradient: Tensor, slot: Int) {
    if momentum == 0 {
      var none: [Float] = []
      Updates.sgd(
        &scalars, gradient: gradient.scalars, velocity: &none, rate: learningRate, momentum: 0, nesterov: false,
        decay: weightDecay)
    } else {
      Updates.sgd(
        &scalars, gradient: gradient.scalars, velocity: &velocity[slot, scalars.count], rate: learningRate,
        momentum: momentum, nesterov: nesterov, decay: weightDecay)
    }
  }

  /// Changes the rows that have a gradient; with momentum or decay, which move the others too, all of them.
  public mutating func change(_ scalars: inout [Float], rows: SparseRows, slot: Int) {
    if momentum == 0 && weightDecay == 0 {
      Updates.sgd(&scalars, gradient: rows, rate: learningRate)
    } else {
      change(&scalars, gradient: rows.dense(), slot: slot)
    }
  }
}

/// Adam (Kingma & Ba 2015): steps scaled by running means of the gradient and of its square, both corrected for
/// their start at 0.
///
/// With a gradient in rows it does what it does with the dense one, to the bit: a row that had a gradient once moves on
/// by its means. It only passes over rows that never had one, which would stay where they are.
public struct Adam: Optimizer, Sendable {
  /// The step size.
  public var learningRate: Float
  /// How long the mean of the gradient remembers.
  public var beta1: Float
  /// How long the mean of its square remembers.
  public var beta2: Float
  /// Added to the root of the mean square.
  public var epsilon: Float
  /// Added to the gradient: `weightDecay`·p. For decay apart from the gradient see `AdamW`.
  public var weightDecay: Float
  private var moments = Moments()

  /// An optimizer without history.
  public init(
    learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Counts the step.
  public mutating func beginStep() { moments.step += 1 }

  /// Changes one tensor.
  public mutating func change(_ scalars: inout [Float], gradient: Tensor, slot: Int) {
    moments.change(&scalars, gradient, slot, rule)
  }

  /// Changes one tensor of which few rows have a gradient.
  public mutating func change(_ scalars: inout [Float], rows: SparseRows, slot: Int) {
    moments.change(&scalars, rows, slot, rule)
  }

  private var rule: Updates.AdamRule {
    moments.rule(
      rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, shrink: 1, decay: weightDecay)
  }
}

/// Adam with decay apart from the gradient: p ← p·(1 − rate·decay) − Adam's step (Loshchilov & Hutter 2019).
public struct AdamW: Optimizer, Sendable {
  /// The step size.
  public var learningRate: Float
  /// How long the mean of the gradient remembers.
  public var beta1: Float
  /// How long the mean of its square remembers.
  public var beta2: Float
  /// Added to the root of the mean square.
  public var epsilon: Float
  /// The decay.
  public var weightDecay: Float
  private var moments = Moments()

  /// An optimizer without history.
  public init(
    learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0.01
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Counts the step.
  public mutating func beginStep() { moments.step += 1 }

  /// Changes one tensor.
  public mutating func change(_ scalars: inout [Float], gradient: Tensor, slot: Int) {
    moments.change(&scalars, gradient, slot, rule)
  }

  /// Changes one tensor of which few rows have a gradient.
  public mutating func change(_ scalars: inout [Float], rows: SparseRows, slot: Int) {
    moments.change(&scalars, rows, slot, rule)
  }

  private var rule: Updates.AdamRule {
    moments.rule(
      rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, shrink: 1 - learningRate * weightDecay, decay: 0
    )
  }
}

/// What Adam and AdamW share.
private struct Moments: Sendable {
  var step = 0
  private var mean = Slots()
  private var square = Slots()
  /// For tensors that had gradients in rows alone: which of them ever had one. The means of the others are 0.
  private var awake: [Int: [Bool]] = [:]

  mutating func change(_ scalars: inout [Float], _ gradient: Tensor, _ slot: Int, _ rule: Updates.AdamRule) {
    awake[slot]?.removeAll()
    Updates.adam(
      &scalars, gradient: gradient.scalars, mean: &mean[slot, scalars.count], square: &square[slot, scalars.count],
      rule: rule)
  }

  mutating func change(_ scalars: inout [Float], _ gradient: SparseRows, _ slot: Int, _ rule: Updates.AdamRule) {
    let rows = gradient.shape[0]
    let isNew = mean.isEmpty(slot)
    var isAwake = awake.removeValue(forKey: slot) ?? []
    if isAwake.count != rows { isAwake = [Bool](repeating: !isNew, count: rows) }
    if !rule.leavesRestAlone { isAwake = [Bool](repeating: true, count: rows) }
    Updates.adam(
      &scalars, gradient: gradient, mean: &mean[slot, scalars.count], square: &square[slot, scalars.count],
      awake: &isAwake, rule: rule)
    awake[slot] = isAwake
  }

  func rule(rate: Float, beta1: Float, beta2: Float, epsilon: Float, shrink: Float, decay: Float) -> Updates.AdamRule {
    // In Double: 1 − β₂ᵗ loses its figures in Float at the first steps.
    let correction1 = 1 - power(Double(beta1), step)
    let correction2 = 1 - power(Double(beta2), step)
    return Updates.AdamRule(
      rate: Float(Double(rate) / correction1), beta1: beta1, beta2: beta2, epsilon: epsilon,
      rootCorrection: Float(1 / correction2.squareRoot()), shrink: shrink, decay: decay)
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}

/// RMSProp (Tieleman & Hinton 2012): steps scaled by a running mean of the squared gradient, as in PyTorch.
public struct RMSProp: Optimizer, Sendable {
  /// The step size.
  public var learningRate: Float
  /// How long the mean square remembers.
  public var smoothing: Float
  /// Added to its root.
  public var epsilon: Float
  /// Added to the gradient: `weightDecay`·p.
  public var weightDecay: Float
  private var square = Slots()

  /// An optimizer without history.
  public init(learningRate: Float = 0.01, smoothing: Float = 0.99, epsilon: Float = 1e-8, weightDecay: Float = 0) {
    self.learningRate = learningRate
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Nothing to do.
  public mutating func beginStep() {}

  /// Changes one tensor.
  public mutating func change(_ scalars: inout [Float], gradient: Tensor, slot: Int) {
    Updates.rmsProp(
      &scalars, gradient: gradient.scalars, square: &square[slot, scalars.count], rate: learningRate,
      smoothing: smoothing, epsilon: epsilon, decay: weightDecay)
  }
}

/// The root of the sum of the squares of all entries of all tensors.
public func globalNorm(_ gradients: [Tensor]) -> Double {
  var sum = 0.0
  for gradient in gradients { sum += Updates.sumOfSquares(gradient.scalars) }
  return sum.squareRoot()
}

/// The gradients scaled so that their global norm is at most `limit`; a norm that is not finite is left to be seen.
public func clipped(_ gradients: [Tensor], toGlobalNorm limit: Double) -> [Tensor] {
  let norm = globalNorm(gradients)
  guard norm > limit, norm.isFinite else { return gradients }
  return gradients.map { $0 * Float(limit / norm) }
}
