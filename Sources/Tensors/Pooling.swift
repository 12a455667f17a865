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
