import Tensors

// Blocks of convolutions that cost little: each channel by itself over places, then all channels at each place.

/// A depthwise convolution and then a pointwise one, as Keras' `SeparableConv2D` (Chollet, "Xception", CVPR 2017).
///
/// A 3×3 convolution of C channels to F filters takes 9·C + C·F multiply-adds a place instead of 9·C·F. Between the two
/// stands nothing; the bias comes at the end.
///
///     SeparableConv2D(32, 64, kernel: 3, padding: 1, using: &random)  // [N, 32, H, W] to [N, 64, H, W]
public struct SeparableConv2D: TensorLayer {
  /// A filter or more for each channel: `[channels · multiplier, 1, kernel, kernel]`.
  public let depthwise: Conv2D
  /// `[filters, channels · multiplier, 1, 1]` and the bias.
  public let pointwise: Conv2D

  /// A layer with random weights and a bias of zeros.
  ///
  /// - Parameters:
  ///   - channels: of the input.
  ///   - filters: of the result.
  ///   - kernel: height and width of the depthwise windows.
  ///   - stride: how far apart they lie.
  ///   - padding: how many zeros are put around each image.
  ///   - dilation: how far apart the entries of one window lie.
  ///   - multiplier: how many depthwise filters each channel has.
  ///   - hasBias: whether the result has a bias.
  ///   - initializer: how both weights are drawn.
  ///   - random: the source of the weights.
  public init(
    _ channels: Int, _ filters: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    multiplier: Int = 1, hasBias: Bool = true, initializer: Initializer = .glorotUniform,
    using random: inout SeededRandom
  ) {
    depthwise = Conv2D(
      channels, channels * multiplier, kernel: kernel, stride: stride, padding: padding, dilation: dilation,
      groups: channels, hasBias: false, initializer: initializer, using: &random)
    pointwise = Conv2D(
      channels * multiplier, filters, kernel: 1, hasBias: hasBias, initializer: initializer, using: &random)
    depthwise.prefixNames("depthwise")
    pointwise.prefixNames("pointwise")
  }

  /// The depthwise weights, the pointwise ones, the bias.
  public var parameters: [Parameter] { depthwise.parameters + pointwise.parameters }

  /// `[N, channels, H, W]` to `[N, filters, H', W']`.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    pointwise(depthwise(input, training: training), training: training)
  }
}

/// MobileNetV2's block (Sandler et al., CVPR 2018, table 1): a 1×1 convolution to `expansion` times as many channels, a
/// 3×3 depthwise one, each with batch normalisation and ReLU6, and a 1×1 convolution to few channels with batch
/// normalisation alone, because a ReLU there would lose what few channels hold.
///
/// Where the stride is 1 and the channels are as many as before, the input is added to the result. An expansion of 1
/// has no first convolution.
public struct InvertedResidual: TensorLayer {
  /// What the input passes; parameters have the names of torchvision's block.
  public let body: Sequential
  /// Whether the input is added to the result.
  public let addsInput: Bool

  /// A block with random weights, and no biases but those of the normalisations.
  ///
  /// - Parameters:
  ///   - channels: of the input.
  ///   - filters: of the result.
  ///   - stride: of the depthwise convolution: 1, or 2 to halve height and width.
  ///   - expansion: how many times as many channels there are in between.
  ///   - initializer: how the weights are drawn.
  ///   - random: the source of the weights.
  public init(
    _ channels: Int, _ filters: Int, stride: Int = 1, expansion: Int = 6, initializer: Initializer = .heNormal,
    using random: inout SeededRandom
  ) {
    let wide = channels * expansion
    func block(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int, groups: Int) -> Sequential {
      let convolution = Conv2D(
        inputs, outputs, kernel: kernel, stride: stride, padding: kernel / 2, groups: groups, hasBias: false,
        initializer: initializer, using: &random)
      return Sequential(convolution, BatchNorm2D(outputs), Activation.relu6)
    }
    var layers: [any TensorLayer] = []
    if expansion != 1 { layers.append(block(channels, wide, kernel: 1, stride: 1, groups: 1)) }
    layers.append(block(wide, wide, kernel: 3, stride: stride, groups: wide))
    layers.append(Conv2D(wide, filters, kernel: 1, hasBias: false, initializer: initializer, using: &random))
    layers.append(BatchNorm2D(filters))
    body = Sequential(layers)
    body.prefixNames("conv")
    addsInput = stride == 1 && channels == filters
  }

  /// For each convolution its weights, then its normalisation's parameters.
  public var parameters: [Parameter] { body.parameters }

  /// `[N, channels, H, W]` to `[N, filters, H', W']` with H' = (H − 1) / stride + 1, rounded down.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    let result = body(input, training: training)
    return addsInput ? input + result : result
  }
}
