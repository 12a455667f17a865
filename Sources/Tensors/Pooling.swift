extension Tensor {
  /// The largest number in each window of images `[N, C, H, W]`.
  ///
  /// On a tie the first, in row-major order, takes the gradient, as in PyTorch.
  ///
  /// - Parameters:
  ///   - size: height and width of the windows.
  ///   - stride: how far apart the windows lie; as far as they are large by default.
  /// - Returns: `[N, C, H', W']` with H' = (H − size) / stride + 1, rounded down.
  public func maxPool2d(_ size: Int, stride: Int? = nil) -> Tensor {
    let s = pooling(size, stride ?? size, "maxPool2d")
    let (values, places) = Kernels.maxPool(scalars, s)
    return Tensor(values, shape: [s.batch, s.channels, s.outHeight, s.outWidth])
      .recording([self]) { [shape] g, _ in [Tensor(Kernels.maxPoolGradient(g.scalars, places: places, s), shape: shape)]
      }
  }

  /// The mean of each window of images `[N, C, H, W]`, windows side by side; the result is `[N, C, H / size, W / size]`.
  ///
  /// - Precondition: `size` divides H and W.
  public func averagePool2d(_ size: Int) -> Tensor {
    requireShape(
      rank == 4 && size > 0 && shape[2] % size == 0 && shape[3] % size == 0, "averagePool2d: \(shape) and \(size)")
    return reshaped([shape[0], shape[1], shape[2] / size, size, shape[3] / size, size]).mean(axes: [3, 5])
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

  private func pooling(_ size: Int, _ stride: Int, _ name: String) -> ConvolutionShape {
    requireShape(
      rank == 4 && size > 0 && stride > 0 && shape[2] >= size && shape[3] >= size,
      "\(name): \(shape) and the window [\(size), \(size)]")
    var s = ConvolutionShape()
    (s.batch, s.channels, s.height, s.width) = (shape[0], shape[1], shape[2], shape[3])
    (s.kernelHeight, s.kernelWidth, s.strideY, s.strideX) = (size, size, stride, stride)
    s.outHeight = (s.height - size) / stride + 1
    s.outWidth = (s.width - size) / stride + 1
    return s
  }
}
