import Tensors

/// Layer normalisation of the last axis (Ba, Kiros & Hinton 2016).
public struct LayerNorm: TensorLayer {
  /// `[D]`, first ones.
  public let scale: Parameter
  /// `[D]`, first zeros.
  public let shift: Parameter
  /// Added to the variance.
  public let epsilon: Float

  /// A layer for inputs whose last axis has the length `width`.
  public init(_ width: Int, epsilon: Float = 1e-5) {
    scale = Parameter("weight", Tensor.ones([width]))
    shift = Parameter("bias", Tensor.zeros([width]))
    self.epsilon = epsilon
  }

  /// Scale, shift.
  public var parameters: [Parameter] { [scale, shift] }

  /// `[…, D]` to the same shape.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    input.layerNormalized(scale: scale.value, shift: shift.value, epsilon: epsilon)
  }
}

/// Batch normalisation of each channel of `[N, C]` or `[N, C, L]` (Ioffe & Szegedy 2015); see `BatchNorm2D`.
public struct BatchNorm1D: ActivatedLayer {
  private let images: BatchNorm2D

  /// `[C]`, first ones.
  public var scale: Parameter { images.scale }
  /// `[C]`, first zeros.
  public var shift: Parameter { images.shift }
  /// `[C]`, never trained.
  public var runningMean: Parameter { images.runningMean }
  /// `[C]`, never trained.
  public var runningVariance: Parameter { images.runningVariance }

  /// A layer that changes nothing before it is trained, but the scale of its input.
  public init(_ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5) {
    images = BatchNorm2D(channels, momentum: momentum, epsilon: epsilon)
  }

  /// Scale, shift, running mean, running variance.
  public var parameters: [Parameter] { images.parameters }

  /// Normalises; in training also updates the running estimates.
  public func callAsFunction(_ input: Tensor, training: Bool, activation: FusedActivation) -> Tensor {
    requireShape(
      (input.rank == 2 || input.rank == 3) && input.shape[1] == scale.value.count,
      "BatchNorm1D: \(input.shape) and \(scale.value.count) channels")
    let image = input.reshaped([input.shape[0], input.shape[1], input.rank == 3 ? input.shape[2] : 1, 1])
    return images(image, training: training, activation: activation).reshaped(input.shape)
  }
}
