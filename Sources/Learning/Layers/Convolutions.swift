import Tensors

/// A convolution over images `[N, C, H, W]`.
public struct Conv2D: ActivatedLayer {
  /// `[filters, channels / groups, kernel height, kernel width]`.
  public let weight: Parameter
  /// `[filters]`, or nil for none.
  public let bias: Parameter?
  /// How far apart the windows lie.
  public let stride: (height: Int, width: Int)
  /// How many zeros are put around each image.
  public let padding: (height: Int, width: Int)
  /// How far apart the entries of one window lie.
  public let dilation: (height: Int, width: Int)
  /// Into how many parts channels and filters are cut; as many as channels make the convolution depthwise.
  public let groups: Int

  /// A layer with random weights and a bias of zeros, the same in both directions.
  public init(
    _ channels: Int, _ filters: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    hasBias: Bool = true, initializer: Initializer = .glorotUniform, using random: inout SeededRandom
  ) {
    self.init(
      channels, filters, kernel: (kernel, kernel), stride: (stride, stride), padding: (padding, padding),
      dilation: (dilation, dilation), groups: groups, hasBias: hasBias, initializer: initializer, using: &random)
  }

  /// A layer whose windows are not square.
  public init(
    _ channels: Int, _ filters: Int, kernel: (height: Int, width: Int), stride: (height: Int, width: Int) = (1, 1),
    padding: (height: Int, width: Int) = (0, 0), dilation: (height: Int, width: Int) = (1, 1), groups: Int = 1,
    hasBias: Bool = true, initializer: Initializer = .glorotUniform, using random: inout SeededRandom
  ) {
    requireShape(
      groups > 0 && channels % groups == 0 && filters % groups == 0,
      "Conv2D: \(channels) channels and \(filters) filters in \(groups) groups")
    let area = kernel.height * kernel.width
    let shape = [filters, channels / groups, kernel.height, kernel.width]
    weight = Parameter(
      "weight", initializer(shape, fanIn: channels / groups * area, fanOut: filters / groups * area, using: &random))
    bias = hasBias ? Parameter("bias", Tensor.zeros([filters])) : nil
    (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
  }

  /// W, then b.
  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

  /// `[N, channels, H, W]` to `[N, filters, H', W']`.
  public func callAsFunction(_ input: Tensor, training: Bool, activation: FusedActivation) -> Tensor {
    self(input, activation: activation, maxPooling: 1)
  }

  /// Applies the layer, the activation, and max pooling over windows side by side.
  ///
  /// - Parameters:
  ///   - input: `[N, channels, H, W]`.
  ///   - activation: what is applied to each number.
  ///   - maxPooling: the size of the windows.
  /// - Returns: `[N, filters, H' / maxPooling, W' / maxPooling]`.
  public func callAsFunction(_ input: Tensor, activation: FusedActivation, maxPooling: Int) -> Tensor {
    input.conv2d(
      weight.value, bias: bias?.value, activation: activation, maxPooling: maxPooling, stride: stride,
      padding: padding, dilation: dilation, groups: groups)
  }
}

/// A transposed convolution over images `[N, C, H, W]`, which makes them larger.
public struct ConvTranspose2D: ActivatedLayer {
  /// `[channels, filters, kernel, kernel]`.
  public let weight: Parameter
  /// `[filters]`, or nil for none.
  public let bias: Parameter?
  /// How far apart the windows lie in the result.
  public let stride: Int
  /// How much is cut off around the result.
  public let padding: Int
  /// How many rows and columns more the result has at its end.
  public let outputPadding: Int

  /// A layer with random weights and a bias of zeros.
  public init(
    _ channels: Int, _ filters: Int, kernel: Int, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    hasBias: Bool = true, initializer: Initializer = .glorotUniform, using random: inout SeededRandom
  ) {
    let area = kernel * kernel
    let shape = [channels, filters, kernel, kernel]
    weight = Parameter("weight", initializer(shape, fanIn: channels * area, fanOut: filters * area, using: &random))
    bias = hasBias ? Parameter("bias", Tensor.zeros([filters])) : nil
    (self.stride, self.padding, self.outputPadding) = (stride, padding, outputPadding)
  }

  /// W, then b.
  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

  /// `[N, channels, H, W]` to `[N, filters, (H − 1)·stride − 2·padding + kernel + outputPadding, …]`.
  public func callAsFunction(_ input: Tensor, training: Bool, activation: FusedActivation) -> Tensor {
    input.convTranspose2d(
      weight.value, bias: bias?.value, activation: activation, stride: stride, padding: padding,
      outputPadding: outputPadding)
  }
}

/// Batch normalisation of each channel of images `[N, C, H, W]` (Ioffe & Szegedy 2015).
///
/// In training by the mean and the biased variance of the batch; otherwise by running estimates of the mean and the
/// unbiased variance, as PyTorch keeps them.
public struct BatchNorm2D: ActivatedLayer {
  /// `[C]`, first ones.
  public let scale: Parameter
  /// `[C]`, first zeros.
  public let shift: Parameter
  /// `[C]`, never trained.
  public let runningMean: Parameter
  /// `[C]`, never trained.
  public let runningVariance: Parameter
  /// How much of the running estimates each batch replaces.
  public let momentum: Float
  /// Added to the variance.
  public let epsilon: Float

  /// A layer that changes nothing before it is trained, but the scale of its input.
  public init(_ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5) {
    scale = Parameter("weight", Tensor.ones([channels]))
    shift = Parameter("bias", Tensor.zeros([channels]))
    runningMean = Parameter("running_mean", Tensor.zeros([channels]), isFrozen: true)
    runningVariance = Parameter("running_var", Tensor.ones([channels]), isFrozen: true)
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// Scale, shift, running mean, running variance.
  public var parameters: [Parameter] { [scale, shift, runningMean, runningVariance] }

  /// Normalises; in training also updates the running estimates.
  public func callAsFunction(_ input: Tensor, training: Bool, activation: FusedActivation) -> Tensor {
    if !training {
      let spread = (runningVariance.value + epsilon).sqrt()
      let factor = scale.value / spread
      let offset = shift.value - runningMean.value * factor
      let result = input * perChannel(factor) + perChannel(offset)
      return result.applying(activation)
    }
    let (result, mean, variance) = input.batchNormalized(
      scale: scale.value, shift: shift.value, epsilon: epsilon, activation: activation)
    let count = Float(input.count) / Float(mean.count)
    runningMean.value = runningMean.value * (1 - momentum) + mean * momentum
    let unbiased = variance * (count / max(count - 1, 1))
    runningVariance.value = runningVariance.value * (1 - momentum) + unbiased * momentum
    return result
  }

  private func perChannel(_ x: Tensor) -> Tensor { x.reshaped([x.count, 1, 1]) }
}
