/// An activation that a convolution, an affine map or a normalisation applies to its result while it is at hand, which saves a pass
/// over memory forwards and one backwards.
public enum FusedActivation: Sendable, Equatable {
  /// None.
  case identity
  /// max(x, 0), as `Tensor.relu()`.
  case relu
  /// x where positive, `slope` · x elsewhere, as `Tensor.leakyRelu(slope:)`; the slope must be positive.
  case leakyRelu(slope: Float)

  /// Of one number.
  func value(_ x: Float) -> Float {
    switch self {
    case .identity: x
    case .relu: x < 0 ? 0 : x
    case .leakyRelu(let slope): x < 0 ? x * slope : x
    }
  }

  /// The gradient of the input from that of the result, `y`.
  func gradient(_ g: Float, at y: Float) -> Float {
    switch self {
    case .identity: g
    case .relu: y <= 0 ? 0 : g
    case .leakyRelu(let slope): y > 0 ? g : g * slope
    }
  }

  /// The gradient of the input from that of the result, `y`; the latter is not looked at without an activation.
  func gradient(_ g: [Float], at y: [Float]) -> [Float] {
    switch self {
    case .identity: g
    case .relu: Kernels.reluGradient(g, at: y)
    case .leakyRelu(let slope): Kernels.leakyReluGradient(g, at: y, slope: slope)
    }
  }
}

/// A slope that is not positive would hide from the result's sign on which side its input lay.
func requireFusible(_ activation: FusedActivation, _ operation: String) {
  if case .leakyRelu(let slope) = activation {
    precondition(slope > 0, "\(operation): the slope of a fused leaky ReLU must be positive, found \(slope)")
  }
}

extension Tensor {
  /// The activation as an operation of its own.
  package func applying(_ activation: FusedActivation) -> Tensor {
    switch activation {
    case .identity: self
    case .relu: relu()
    case .leakyRelu(let slope): leakyRelu(slope: slope)
    }
  }
}
