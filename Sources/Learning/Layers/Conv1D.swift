import Tensors

/// A convolution along sequences `[N, C, L]`: N sequences, C channels, L steps.
public struct Conv1D: ActivatedLayer {
  /// `[filters, channels / groups, kernel]`.
  public let weight: Parameter
  /// `[filters]`, or nil for none.
  public let bias: Parameter?
  /// How far apart the windows lie.
  public let stride: Int
  /// How many zeros are put before and after each sequence.
  public let padding: Int
  /// How far apart the entries of one window lie.
  public let dilation: Int
  /// Into how many parts channels and filters are cut.
  public let groups: Int

  /// A layer with random weights and a bias of zeros.
  public init(
    _ channels: Int, _ filters: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    hasBias: Bool = true, initializer: Initializer = .glorotUniform, using random: inout SeededRandom
  ) {
    requireShape(
      groups > 0 && channels % groups == 0 && filters % groups == 0,
      "Conv1D: \(channels) channels and \(filters) filters in \(groups) groups")
    let (fanIn, fanOut) = (channels / groups * kernel, filters / groups * kernel)
    weight = Parameter(
      "weight", initializer([filters, channels / groups, kernel], fanIn: fanIn, fanOut: fanOut, using: &random))
    bias = hasBias ? Parameter("bias", Tensor.zeros([filters])) : nil
    (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
  }

  /// W, then b.
  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

  /// `[N, channels, L]` to `[N, filters, L']`.
  public func callAsFunction(_ input: Tensor, training: Bool, activation: FusedActivation) -> Tensor {
    input.conv1d(
      weight.value, bias: bias?.value, activation: activation, stride: stride, padding: padding, dilation: dilation,
      groups: groups)
  }
}

extension Activation {
  /// The largest number of each channel over all steps: `[N, C, L]` to `[N, C]`.
  public static var globalMaxPool1d: Activation {
    Activation { x in
      requireShape(x.rank == 3, "globalMaxPool1d: a tensor of shape \(x.shape) is not [N, C, L]")
      return x.max(axis: 2)
    }
  }
}
