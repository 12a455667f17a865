/// The two operands of a convolution in the order in which `windowTile12` and its siblings read them. They are made once
/// and serve the forward pass and both gradients.

/// Numbers aligned to a cache line.
class AlignedNumbers {
  let start: UnsafeMutablePointer<Float>

  init(count: Int) { start = Kernels.scratch(count) }

  deinit { start.deallocate() }
}

/// A batch of images with their channels last, in a frame of zeros as wide as the padding: a row of a window is one run
/// of numbers.
///
/// Where such a run would be shorter than a tile is high, the windows themselves are laid one below the other, each one
/// run.
final class WindowedImages: AlignedNumbers {
  let shape: ConvolutionShape
  let isGathered: Bool
  /// The runs of a window.
  let runStarts: [Int]
  let runLength: Int
  let imageStride: Int
  /// Where each pixel of an image lies, unless the windows are gathered.
  let pixels: [Int]
  private let (rowStep, columnStep): (Int, Int)

  init(_ s: ConvolutionShape) {
    shape = s
    let longest = s.dilationX == 1 ? s.kernelWidth * s.channels : s.channels
    isGathered = longest < 12
    if isGathered {
      (runStarts, runLength) = ([0], s.patch)
      columnStep = s.patch.rounded(up: 4)
      rowStep = columnStep * s.outWidth
      imageStride = rowStep * s.outHeight
      pixels = []
    } else {
      let (width, height) = (s.width + 2 * s.paddingX, s.height + 2 * s.paddingY)
      let (c, pitch) = (s.channels, width * s.channels)
      runLength = longest
      runStarts = (0..<s.kernelHeight).flatMap { ky in
        s.dilationX == 1
          ? [ky * s.dilationY * pitch]
          : (0..<s.kernelWidth).map { ky * s.dilationY * pitch + $0 * s.dilationX * c }
      }
      (rowStep, columnStep) = (s.strideY * pitch, s.strideX * c)
      imageStride = height * pitch
      pixels = (0..<s.height * s.width).map {
        ($0 / s.width + s.paddingY) * pitch + ($0 % s.width + s.paddingX) * c
      }
    }
    // A tile may read, but does not use, what lies behind the last run.
    super.init(count: s.batch * imageStride + 16)
  }

  /// Where the windows of the first `images` images begin; the last one is repeated to a multiple of four.
  func windows(images: Int) -> [Int] {
    var starts: [Int] = []
    starts.reserveCapacity(images * shape.places + 3)
    for image in 0..<images {
      for oy in 0..<shape.outHeight {
        for ox in 0..<shape.outWidth { starts.append(image * imageStride + oy * rowStep + ox * columnStep) }
      }
    }
    while starts.count % 4 > 0, let last = starts.last { starts.append(last) }
    return starts
  }

  /// Writes image number `image`, from its channels `x`.
  func fill(_ image: Int, from x: UnsafePointer<Float>, _ mask: Kernels.ActivationMask? = nil) {
    let target = start + image * imageStride
    if isGathered {
      gather(x, mask, into: target)
    } else {
      if shape.paddingX + shape.paddingY > 0 { target.update(repeating: 0, count: imageStride) }
      Kernels.channelsLast(
        x, mask, channels: shape.channels, area: shape.height * shape.width, into: target, at: pixels)
    }
  }

  /// Writes all images.
  func fill(from x: [Float], _ mask: (result: [Float], activation: FusedActivation)?) {
    let count = shape.imageCount
    Kernels.forEachMember(shape.batch, x, mask, size: count) { image, x, mask in fill(image, from: x, mask) }
  }

  private func gather(
    _ x: UnsafePointer<Float>, _ mask: Kernels.ActivationMask?, into target: UnsafeMutablePointer<Float>
  ) {
    let s = shape
    target.update(repeating: 0, count: imageStride)
    for c in 0..<s.channels {
      for ky in 0..<s.kernelHeight {
        for kx in 0..<s.kernelWidth {
          let columns = s.columns(kx)
          let k = (ky * s.kernelWidth + kx) * s.channels + c
          for oy in 0..<s.outHeight {
            let y = oy * s.strideY + ky * s.dilationY - s.paddingY
            if y < 0 || y >= s.height { continue }
            let from = (c * s.height + y) * s.width + kx * s.dilationX - s.paddingX
            let to = target + oy * rowStep + k
            if let mask {
              for ox in columns {
                let i = from + ox * s.strideX
                to[ox * columnStep] = mask.activation.gradient(x[i], at: mask.result[i])
              }
            } else {
              for ox in columns { to[ox * columnStep] = x[from + ox * s.strideX] }
            }
          }
        }
      }
    }
  }
}

/// The filters' responses, or their gradients, in panels of 32 filters: `[panels, batch · places, 32]`, with zeros for the
/// filters that are missing in the last.
final class FilterPanels: AlignedNumbers {
  let shape: ConvolutionShape
  let panels: Int
  /// Numbers of one panel.
  let panelSize: Int
  private let places: [Int]

  init(_ s: ConvolutionShape) {
    shape = s
    panels = (s.filters + 31) / 32
    panelSize = s.batch * s.places * 32
    places = (0..<s.places).map { $0 * 32 }
    super.init(count: panels * panelSize)
  }

  /// Writes image number `image`, from its filters' planes `y`.
  func fill(_ image: Int, from y: UnsafePointer<Float>, _ mask: Kernels.ActivationMask? = nil) {
    for panel in 0..<panels {
      let target = start + panel * panelSize + image * shape.places * 32
      let (first, count) = (panel * 32, Swift.min(32, shape.filters - panel * 32))
      if count < 32 { target.update(repeating: 0, count: shape.places * 32) }
      Kernels.channelsLast(
        y + first * shape.places, mask?.advanced(by: first * shape.places), channels: count, area: shape.places,
        into: target, at: places)
    }
  }

  /// Writes all images.
  func fill(from y: [Float], _ mask: (result: [Float], activation: FusedActivation)?) {
    let count = shape.filters * shape.places
    Kernels.forEachMember(shape.batch, y, mask, size: count) { image, y, mask in fill(image, from: y, mask) }
  }
}

extension Kernels {
  /// Calls `body` for each member of a batch of `size` numbers each, on several threads.
  fileprivate static func forEachMember(
    _ batch: Int, _ x: [Float], _ mask: (result: [Float], activation: FusedActivation)?, size: Int,
    _ body: (Int, UnsafePointer<Float>, ActivationMask?) -> Void
  ) {
    x.withUnsafeBufferPointer { x in
      (mask?.result ?? []).withUnsafeBufferPointer { result in
        guard let x = x.baseAddress else { return }
        Threads.forEach(batch, work: batch * size * 4) { member in
          var masking: ActivationMask?
          if let mask, let result = result.baseAddress {
            masking = ActivationMask(activation: mask.activation, result: result + member * size)
          }
          body(member, x + member * size, masking)
        }
      }
    }
  }

  /// The activation's gradient as a pass of its own.
  static func masked(_ g: [Float], _ mask: (result: [Float], activation: FusedActivation)?) -> [Float] {
    switch mask?.activation {
    case nil, .identity: g
    case .relu: reluGradient(g, at: mask?.result ?? [])
    case .leakyRelu(let slope): leakyReluGradient(g, at: mask?.result ?? [], slope: slope)
    }
  }
}
