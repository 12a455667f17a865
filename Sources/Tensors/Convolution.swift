// Convolutions over images `[N, C, H, W]`: N images, C channels, H rows, W columns.

extension Tensor {
  /// The cross-correlation that deep learning calls convolution.
  ///
  /// `result[n, o, y, x] = bias[o] + Σ weights[o, c, i, j] · self[n, c, y·stride + i·dilation − padding, x·stride + …]`
  ///
  /// With groups, the channels and the filters are cut into as many equal parts, and a part of the filters sees only
  /// its part of the channels; with as many groups as channels the convolution is depthwise.
  ///
  /// - Parameters:
  ///   - weights: `[O, C / groups, kernel height, kernel width]`.
  ///   - bias: `[O]`, or nil for none.
  ///   - activation: what is applied to the result, at hardly any cost.
  ///   - maxPooling: the size of the windows, side by side, of which only the largest number is kept, as by `maxPool2d`
  ///     after the activation; windows of 2 × 2 are taken before the result is written.
  ///   - stride: how far apart the windows lie.
  ///   - padding: how many zeros are put around each image.
  ///   - dilation: how far apart the entries of one window lie.
  ///   - groups: into how many parts channels and filters are cut; it divides both.
  /// - Returns: `[N, O, H', W']` with H' = (H + 2·padding − dilation·(kernel height − 1) − 1) / stride + 1, rounded down.
  public func conv2d(
    _ weights: Tensor, bias: Tensor? = nil, activation: FusedActivation = .identity, maxPooling: Int = 1,
    stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1
  ) -> Tensor {
    conv2d(
      weights, bias: bias, activation: activation, maxPooling: maxPooling, stride: (stride, stride),
      padding: (padding, padding), dilation: (dilation, dilation), groups: groups)
  }

  /// A convolution whose stride, padding or dilation differs between rows and columns; see
  /// `conv2d(_:bias:activation:maxPooling:stride:padding:dilation:groups:)`.
  ///
  /// - Returns: `[N, O, H', W']`.
  public func conv2d(
    _ weights: Tensor, bias: Tensor? = nil, activation: FusedActivation = .identity, maxPooling: Int = 1,
    stride: (height: Int, width: Int), padding: (height: Int, width: Int) = (0, 0),
    dilation: (height: Int, width: Int) = (1, 1), groups: Int = 1
  ) -> Tensor {
    let s = convolution(weights, stride, padding, dilation, groups)
    weights.requireBias(bias, s.filters, "conv2d")
    requireFusible(activation, "conv2d")
    if maxPooling != 1 && !(maxPooling == 2 && Kernels.suitsWindows(s) && s.outHeight > 1 && s.outWidth > 1) {
      return conv2d(
        weights, bias: bias, activation: activation, stride: stride, padding: padding, dilation: dilation,
        groups: groups
      ).maxPool2d(maxPooling)
    }
    guard Kernels.suitsWindows(s) else {
      return plainConvolution(weights, s).addingChannelBias(bias).applying(activation)
    }
    let images = WindowedImages(s)
    let winners = maxPooling == 2 ? PoolingWinners(s) : nil
    let result = Tensor(
      Kernels.windowConvolution(
        scalars, nil, into: images, weights.scalars, bias: bias?.scalars, activation, winners: winners),
      shape: [s.batch, s.filters, s.outHeight / maxPooling, s.outWidth / maxPooling])
    let y = activation == .identity ? nil : result
    return result.recording([self, weights, bias].compactMap { $0 }) {
      [shape, weights = weights.detached()] g, wanted in
      let mask = y.map { ($0.scalars, activation) }
      let outputs = FilterPanels(s, winners)
      var toInput: [Float]?
      if wanted[0] && Kernels.suitsScattering(s) {
        toInput = Kernels.windowInputGradient(g.scalars, mask, into: outputs, weights.scalars, bias: nil, .identity)
      } else {
        outputs.fill(from: g.scalars, mask)
        if wanted[0] { toInput = Kernels.convolutionInputGradient(outputs.channelsFirst(), weights.scalars, s) }
      }
      var gradients = [
        toInput.map { Tensor($0, shape: shape) },
        wanted[1] ? weights.with(Kernels.windowWeightGradient(images, outputs)) : nil,
      ]
      if wanted.count > 2 {
        let area = winners?.windows ?? s.places
        let sums = Kernels.channelSums(g.scalars, mask, batch: s.batch, channels: s.filters, area: area)
        gradients.append(Tensor(sums))
      }
      return gradients
    }
  }

  /// The transposed convolution: the gradient of `conv2d` with respect to its input, as a layer of its own.
  ///
  /// - Parameters:
  ///   - weights: `[C, O, kernel height, kernel width]`, input channels first, as PyTorch has them.
  ///   - bias: `[O]`, or nil for none.
  ///   - activation: what is applied to the result, at hardly any cost.
  ///   - stride: how far apart the windows lie in the result.
  ///   - padding: how much is cut off around the result.
  ///   - outputPadding: how many rows and columns more the result has at its end, below `stride`: of the sizes that a
  ///     convolution with this stride maps to one, which is meant.
  /// - Returns: `[N, O, H', W']` with H' = (H − 1)·stride − 2·padding + kernel height + outputPadding.
  public func convTranspose2d(
    _ weights: Tensor, bias: Tensor? = nil, activation: FusedActivation = .identity, stride: Int = 1,
    padding: Int = 0, outputPadding: Int = 0
  ) -> Tensor {
    convTranspose2d(
      weights, bias: bias, activation: activation, stride: (stride, stride), padding: (padding, padding),
      outputPadding: (outputPadding, outputPadding))
  }

  /// A transposed convolution whose stride or padding differs between rows and columns; see
  /// `convTranspose2d(_:bias:activation:stride:padding:outputPadding:)`.
  ///
  /// - Returns: `[N, O, H', W']`.
  public func convTranspose2d(
    _ weights: Tensor, bias: Tensor? = nil, activation: FusedActivation = .identity,
    stride: (height: Int, width: Int), padding: (height: Int, width: Int) = (0, 0),
    outputPadding: (height: Int, width: Int) = (0, 0)
  ) -> Tensor {
    let (more, fewer) = (outputPadding, padding)
    requireShape(
      rank == 4 && weights.rank == 4 && shape[1] == weights.shape[0] && stride.height > 0 && stride.width > 0
        && fewer.height >= 0 && fewer.width >= 0 && (0..<stride.height).contains(more.height)
        && (0..<stride.width).contains(more.width),
      "convTranspose2d: \(shape) and \(weights.shape)"
        + Tensor.details([("stride", stride, 1), ("padding", padding, 0), ("output padding", outputPadding, 0)]))
    // Seen from the convolution whose gradient this is, self is the output.
    var s = ConvolutionShape()
    (s.batch, s.filters, s.outHeight, s.outWidth) = (shape[0], shape[1], shape[2], shape[3])
    (s.channels, s.kernelHeight, s.kernelWidth) = (weights.shape[1], weights.shape[2], weights.shape[3])
    (s.strideY, s.strideX, s.paddingY, s.paddingX) = (stride.height, stride.width, fewer.height, fewer.width)
    s.height = (s.outHeight - 1) * s.strideY - 2 * s.paddingY + s.kernelHeight + more.height
    s.width = (s.outWidth - 1) * s.strideX - 2 * s.paddingX + s.kernelWidth + more.width
    requireShape(
      s.height > 0 && s.width > 0,
      "convTranspose2d: \(shape) and \(weights.shape)" + Tensor.details([("padding", padding, -1)]))
    weights.requireBias(bias, s.channels, "convTranspose2d")
    requireFusible(activation, "convTranspose2d")
    guard Kernels.suitsWindows(s) else {
      return plainTransposed(weights, s).addingChannelBias(bias).applying(activation)
    }
    guard Kernels.suitsScattering(s) else {
      return Tensor(Kernels.convolutionInputGradient(scalars, weights.scalars, s), shape: resultShape(s))
        .recording([self, weights]) { [x = detached(), weights = weights.detached()] g, wanted in
          x.transposedGradients(g, nil, weights, outputs: nil, s, wanted)
        }
        .addingChannelBias(bias).applying(activation)
    }
    let outputs = FilterPanels(s)
    let result = Tensor(
      Kernels.windowInputGradient(scalars, nil, into: outputs, weights.scalars, bias: bias?.scalars, activation),
      shape: resultShape(s))
    let y = activation == .identity ? nil : result
    return result.recording([self, weights, bias].compactMap { $0 }) {
      [x = detached(), weights = weights.detached()] g, wanted in
      let mask = y.map { ($0.scalars, activation) }
      var gradients = x.transposedGradients(g, mask, weights, outputs: outputs, s, wanted)
      if wanted.count > 2 {
        let area = s.height * s.width
        let sums = Kernels.channelSums(g.scalars, mask, batch: s.batch, channels: s.channels, area: area)
        gradients.append(Tensor(sums))
      }
      return gradients
    }
  }

  /// A convolution along sequences `[N, C, L]`.
  ///
  /// - Parameters:
  ///   - weights: `[O, C / groups, kernel]`.
  ///   - bias: `[O]`, or nil for none.
  ///   - activation: what is applied to the result, at hardly any cost.
  ///   - stride: how far apart the windows lie.
  ///   - padding: how many zeros are put before and after each sequence.
  ///   - dilation: how far apart the entries of one window lie.
  ///   - groups: into how many parts channels and filters are cut, as in `conv2d`.
  /// - Returns: `[N, O, L']` with L' = (L + 2·padding − dilation·(kernel − 1) − 1) / stride + 1, rounded down.
  public func conv1d(
    _ weights: Tensor, bias: Tensor? = nil, activation: FusedActivation = .identity, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1
  ) -> Tensor {
    let fits =
      rank == 3 && weights.rank == 3 && stride > 0 && padding >= 0 && dilation > 0
      && groups > 0 && shape[1] == weights.shape[1] * groups && weights.shape[0] % groups == 0
      && shape[2] + 2 * padding > dilation * (weights.shape[2] - 1)
    requireShape(
      fits,
      "conv1d: \(shape) and \(weights.shape)"
        + Tensor.details([
          ("stride", (stride, stride), 1), ("padding", (padding, padding), 0), ("dilation", (dilation, dilation), 1),
          ("groups", (groups, groups), 1),
        ]))
    // As an image of one row: the vertical stride has nothing to step over.
    let x = padding == 0 ? self : padded(before: padding, after: padding, axis: 2)
    return x.insertingAxis(at: 2)
      .conv2d(
        weights.insertingAxis(at: 2), bias: bias, activation: activation, stride: (1, stride), dilation: (1, dilation),
        groups: groups
      )
      .removingAxis(2)
  }

  private func convolution(
    _ weights: Tensor, _ stride: (height: Int, width: Int), _ padding: (height: Int, width: Int),
    _ dilation: (height: Int, width: Int), _ groups: Int
  ) -> ConvolutionShape {
    let isImage = rank == 4 && weights.rank == 4
    let isPositive =
      stride.height > 0 && stride.width > 0 && padding.height >= 0 && padding.width >= 0 && dilation.height > 0
      && dilation.width > 0 && groups > 0
    let fits =
      isImage && isPositive && shape[1] == weights.shape[1] * groups && weights.shape[0] % groups == 0
      && shape[2] + 2 * padding.height > dilation.height * (weights.shape[2] - 1)
      && shape[3] + 2 * padding.width > dilation.width * (weights.shape[3] - 1)
    requireShape(
      fits,
      "conv2d: \(shape) and \(weights.shape)"
        + Tensor.details([
          ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1), ("groups", (groups, groups), 1),
        ]))
    var s = ConvolutionShape()
    (s.batch, s.channels, s.height, s.width) = (shape[0], shape[1], shape[2], shape[3])
    (s.filters, s.kernelHeight, s.kernelWidth) = (weights.shape[0], weights.shape[2], weights.shape[3])
    (s.strideY, s.strideX, s.paddingY, s.paddingX) = (stride.height, stride.width, padding.height, padding.width)
    (s.dilationY, s.dilationX, s.groups) = (dilation.height, dilation.width, groups)
    s.outHeight = (s.height + 2 * s.paddingY - s.dilationY * (s.kernelHeight - 1) - 1) / s.strideY + 1
    s.outWidth = (s.width + 2 * s.paddingX - s.dilationX * (s.kernelWidth - 1) - 1) / s.strideX + 1
    return s
  }

  /// What differs from the usual convolution, for a message.
  private static func details(_ options: [(name: String, found: (height: Int, width: Int), usual: Int)]) -> String {
    var words = ""
    for (name, found, usual) in options where found != (usual, usual) {
      words += ", \(name) \(found.height)" + (found.height == found.width ? "" : "×\(found.width)")
    }
    return words
  }
}

// MARK: Without fusion, and what both ways share

extension Tensor {
  /// By products over copied patches: for few filters, and for groups.
  private func plainConvolution(_ weights: Tensor, _ s: ConvolutionShape) -> Tensor {
    Tensor(Kernels.convolution(scalars, weights.scalars, s), shape: [s.batch, s.filters, s.outHeight, s.outWidth])
      .recording([self, weights]) { [x = detached(), weights = weights.detached()] g, wanted in
        [
          wanted[0] ? x.with(Kernels.convolutionInputGradient(g.scalars, weights.scalars, s)) : nil,
          wanted[1] ? weights.with(Kernels.convolutionWeightGradient(x.scalars, g.scalars, s)) : nil,
        ]
      }
  }

  /// The same transposed: seen from `s`, self is the output.
  private func plainTransposed(_ weights: Tensor, _ s: ConvolutionShape) -> Tensor {
    Tensor(Kernels.convolutionInputGradient(scalars, weights.scalars, s), shape: resultShape(s))
      .recording([self, weights]) { [x = detached(), weights = weights.detached()] g, wanted in
        [
          wanted[0] ? x.with(Kernels.convolution(g.scalars, weights.scalars, s)) : nil,
          wanted[1] ? weights.with(Kernels.convolutionWeightGradient(g.scalars, x.scalars, s)) : nil,
        ]
      }
  }

  /// The gradients of a transposed convolution's input (self) and weights.
  ///
  /// - Parameters:
  ///   - g: the gradient of the result.
  ///   - mask: the activated result and its activation, or nil.
  ///   - weights: as they were.
  ///   - outputs: self in panels, if the forward pass made them.
  ///   - s: the convolution whose gradient the forward pass is.
  ///   - wanted: which gradients are.
  /// - Returns: both gradients, nil where not wanted.
  private func transposedGradients(
    _ g: Tensor, _ mask: (result: [Float], activation: FusedActivation)?, _ weights: Tensor, outputs: FilterPanels?,
    _ s: ConvolutionShape, _ wanted: [Bool]
  ) -> [Tensor?] {
    let images = WindowedImages(s)
    var toInput: Tensor?
    if wanted[0] {
      toInput = with(
        Kernels.windowConvolution(g.scalars, mask, into: images, weights.scalars, bias: nil, .identity))
    } else if wanted[1] {
      images.fill(from: g.scalars, mask)
    }
    guard wanted[1] else { return [toInput, nil] }
    let panels = outputs ?? FilterPanels(s)
    if outputs == nil { panels.fill(from: scalars, nil) }
    return [toInput, weights.with(Kernels.windowWeightGradient(images, panels))]
  }

  private func resultShape(_ s: ConvolutionShape) -> [Int] { [s.batch, s.channels, s.height, s.width] }

  private func requireBias(_ bias: Tensor?, _ channels: Int, _ name: String) {
    guard let bias else { return }
    requireShape(bias.shape == [channels], "\(name): \(shape) and the bias \(bias.shape)")
  }

  private func addingChannelBias(_ bias: Tensor?) -> Tensor {
    guard let bias else { return self }
    return self + bias.reshaped([bias.count, 1, 1])
  }
}
