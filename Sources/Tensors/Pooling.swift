extension Tensor {
  /// The largest number in each window of images `[N, C, H, W]`.
  ///
  /// On a tie the first, in row-major order, takes the gradient, as in PyTorch.
  ///
  /// - Parameters:
  ///   - size: height and width of the windows.
  ///   - stride: how far apart the windows lie; as far as they are large by default.
  ///   - padding: how much is put around each image that is smaller than any number, at most half of `size`.
  /// - Returns: `[N, C, H', W']` with H' = (H + 2·padding − size) / stride + 1, rounded down.
  public func maxPool2d(_ size: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
    let stride = stride ?? size
    return maxPooled((size, size), (stride, stride), (padding, padding), "maxPool2d")
  }

  /// The largest number in each window of sequences `[N, C, L]`; see `maxPool2d`.
  ///
  /// - Returns: `[N, C, L']` with L' = (L + 2·padding − size) / stride + 1, rounded down.
  public func maxPool1d(_ size: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
    requireShape(rank == 3, "maxPool1d: a tensor of shape \(shape) is not [N, C, L]")
    return insertingAxis(at: 2).maxPooled((1, size), (1, stride ?? size), (0, padding), "maxPool1d").removingAxis(2)
  }

  /// The mean of each window of images `[N, C, H, W]`.
  ///
  /// - Parameters:
  ///   - size: height and width of the windows.
  ///   - stride: how far apart the windows lie; as far as they are large by default.
  ///   - padding: how many zeros are put around each image, at most half of `size`; they count, as in PyTorch.
  /// - Returns: `[N, C, H', W']` with H' = (H + 2·padding − size) / stride + 1, rounded down.
  public func averagePool2d(_ size: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
    let stride = stride ?? size
    let s = pooling((size, size), (stride, stride), (padding, padding), "averagePool2d")
    if padding == 0 && stride == size && s.height % size == 0 && s.width % size == 0 {
      return reshaped([s.batch, s.channels, s.outHeight, size, s.outWidth, size]).mean(axes: [3, 5])
    }
    return averaged(s)
  }

  /// The mean of each window of sequences `[N, C, L]`; see `averagePool2d`.
  ///
  /// - Returns: `[N, C, L']` with L' = (L + 2·padding − size) / stride + 1, rounded down.
  public func averagePool1d(_ size: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
    requireShape(rank == 3, "averagePool1d: a tensor of shape \(shape) is not [N, C, L]")
    let image = insertingAxis(at: 2)
    return image.averaged(image.pooling((1, size), (1, stride ?? size), (0, padding), "averagePool1d")).removingAxis(2)
  }

  /// The largest number in each of `height` × `width` windows that together cover the images `[N, C, H, W]`.
  ///
  /// Window i of n over a length L is the entries from ⌊i·L/n⌋ up to ⌈(i+1)·L/n⌉: windows may overlap by one entry, and
  /// may be shorter than n. One window is global pooling: `adaptiveMaxPool2d(height: 1, width: 1)`. NaN wins; on a tie
  /// the first, in row-major order, takes the gradient, as in PyTorch.
  ///
  /// - Returns: `[N, C, height, width]`.
  /// - Precondition: the images are not empty.
  public func adaptiveMaxPool2d(height: Int, width: Int) -> Tensor {
    let s = adaptive(height, width, "adaptiveMaxPool2d")
    let (values, places) = Kernels.adaptiveMaxPool(scalars, s)
    return Tensor(values, shape: [s.batch, s.channels, height, width]).recording([self]) { [shape] g, _ in
      [Tensor(Kernels.maxPoolGradient(g.scalars, places: places, s), shape: shape)]
    }
  }

  /// The mean of each of `height` × `width` windows that together cover the images `[N, C, H, W]`.
  ///
  /// The windows are those of `adaptiveMaxPool2d`; `adaptiveAveragePool2d(height: 1, width: 1)` is global pooling.
  ///
  /// - Returns: `[N, C, height, width]`.
  /// - Precondition: the images are not empty.
  public func adaptiveAveragePool2d(height: Int, width: Int) -> Tensor {
    let s = adaptive(height, width, "adaptiveAveragePool2d")
    let result = Tensor(Kernels.adaptiveAveragePool(scalars, s), shape: [s.batch, s.channels, height, width])
    return result.recording([self]) { [shape] g, _ in
      [Tensor(Kernels.adaptiveAveragePoolGradient(g.scalars, s), shape: shape)]
    }
  }

  /// The largest number of each feature over the valid steps of sequences `[N, L, D]`.
  ///
  /// Steps behind a sequence's end change nothing, whatever stands there. NaN at a valid step wins; on a tie the first
  /// step takes the gradient. A sequence without valid steps gives 0 and passes no gradient.
  ///
  /// - Parameter lengths: how many steps of each sequence are valid, N numbers from 0 to L; nil for all of them.
  /// - Returns: `[N, D]`.
  public func maxOverSteps(lengths: [Int]? = nil) -> Tensor {
    let lengths = validSteps(lengths, "maxOverSteps")
    let (steps, width) = (shape[1], shape[2])
    let (values, places) = Kernels.maxOverSteps(scalars, lengths: lengths, steps: steps, width: width)
    return Tensor(values, shape: [shape[0], width]).recording([self]) { [shape] g, _ in
      var gradient = Tensor.zeros(shape)
      Kernels.addAtSteps(g.scalars, places: places, steps: steps, width: width, into: &gradient.scalars)
      return [gradient]
    }
  }

  /// The mean of each feature over the valid steps of sequences `[N, L, D]`.
  ///
  /// Steps behind a sequence's end change nothing, whatever stands there. A sequence without valid steps gives 0 and
  /// passes no gradient.
  ///
  /// - Parameter lengths: how many steps of each sequence are valid, N numbers from 0 to L; nil for all of them.
  /// - Returns: `[N, D]`.
  public func meanOverSteps(lengths: [Int]? = nil) -> Tensor {
    let lengths = validSteps(lengths, "meanOverSteps")
    let (steps, width) = (shape[1], shape[2])
    let means = Kernels.meanOverSteps(scalars, lengths: lengths, steps: steps, width: width)
    return Tensor(means, shape: [shape[0], width]).recording([self]) { [shape] g, _ in
      [Tensor(Kernels.meanOverStepsGradient(g.scalars, lengths: lengths, steps: steps, width: width), shape: shape)]
    }
  }

  private func validSteps(_ lengths: [Int]?, _ name: String) -> [Int] {
    requireShape(rank == 3, "\(name): a tensor of shape \(shape) is not [N, L, D]")
    let lengths = lengths ?? [Int](repeating: shape[1], count: shape[0])
    requireShape(
      lengths.count == shape[0] && lengths.allSatisfy { $0 >= 0 && $0 <= shape[1] },
      "\(name): \(shape) and the lengths \(lengths)")
    return lengths
  }

  private func adaptive(_ height: Int, _ width: Int, _ name: String) -> ConvolutionShape {
    requireShape(
      rank == 4 && height > 0 && width > 0 && shape[2] > 0 && shape[3] > 0,
      "\(name): \(shape) and [\(height), \(width)] windows")
    var s = ConvolutionShape()
    (s.batch, s.channels, s.height, s.width) = (shape[0], shape[1], shape[2], shape[3])
    (s.outHeight, s.outWidth) = (height, width)
    return s
  }

  /// The largest of each window, which is height and width as `size`.
  private func maxPooled(
    _ size: (Int, Int), _ stride: (Int, Int), _ padding: (Int, Int), _ name: String
  ) -> Tensor {
    let s = pooling(size, stride, padding, name)
    if padding != (0, 0) {
      return padded(before: padding.0, after: padding.0, axis: 2, with: -.infinity)
        .padded(before: padding.1, after: padding.1, axis: 3, with: -.infinity)
        .maxPooled(size, stride, (0, 0), name)
    }
    let (values, places) = Kernels.maxPool(scalars, s)
    return Tensor(values, shape: [s.batch, s.channels, s.outHeight, s.outWidth])
      .recording([self]) { [shape] g, _ in [Tensor(Kernels.maxPoolGradient(g.scalars, places: places, s), shape: shape)]
      }
  }

  /// The mean of each window: a depthwise convolution whose weights are all 1 / window.
  private func averaged(_ s: ConvolutionShape) -> Tensor {
    if s.channels == 0 { return Tensor.zeros([s.batch, 0, s.outHeight, s.outWidth]) }
    let share = 1 / Float(s.kernelHeight * s.kernelWidth)
    return conv2d(
      Tensor(repeating: share, shape: [s.channels, 1, s.kernelHeight, s.kernelWidth]), stride: (s.strideY, s.strideX),
      padding: (s.paddingY, s.paddingX), groups: s.channels)
  }

  private func pooling(
    _ size: (Int, Int), _ stride: (Int, Int), _ padding: (Int, Int), _ name: String
  ) -> ConvolutionShape {
    let fits =
      rank == 4 && size.0 > 0 && size.1 > 0 && stride.0 > 0 && stride.1 > 0 && padding.0 >= 0 && padding.1 >= 0
      && 2 * padding.0 <= size.0 && 2 * padding.1 <= size.1 && shape[2] + 2 * padding.0 >= size.0
      && shape[3] + 2 * padding.1 >= size.1
    requireShape(
      fits,
      "\(name): \(shape) and the window [\(size.0), \(size.1)]"
        + (padding == (0, 0) ? "" : ", padding \(padding.1)"))
    var s = ConvolutionShape()
    (s.batch, s.channels, s.height, s.width) = (shape[0], shape[1], shape[2], shape[3])
    (s.kernelHeight, s.kernelWidth, s.strideY, s.strideX) = (size.0, size.1, stride.0, stride.1)
    (s.paddingY, s.paddingX) = padding
    s.outHeight = (s.height + 2 * padding.0 - size.0) / stride.0 + 1
    s.outWidth = (s.width + 2 * padding.1 - size.1) / stride.1 + 1
    return s
  }
}
