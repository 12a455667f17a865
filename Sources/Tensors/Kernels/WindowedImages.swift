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
    Kernels.forEachMember(shape.batch, x, mask, size: count, written: imageStride) { image, x, mask in
      fill(image, from: x, mask)
    }
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

/// Which number of each 2 × 2 window of a convolution's result was the largest: `[panels, batch · windows, 32]`.
final class PoolingWinners: AlignedNumbers {
  let shape: ConvolutionShape
  /// Windows of one image.
  let windows: Int

  init(_ s: ConvolutionShape) {
    shape = s
    windows = (s.outHeight / 2) * (s.outWidth / 2)
    super.init(count: (s.filters + 31) / 32 * s.batch * windows * 32)
  }

  /// Those of one image's panel of filters.
  func of(image: Int, panel: Int) -> UnsafeMutablePointer<Float> {
    start + (panel * shape.batch + image) * windows * 32
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
  private let winners: PoolingWinners?

  /// - Parameters:
  ///   - s: the convolution.
  ///   - winners: where given, what is filled in is the gradient of the largest number of each window.
  init(_ s: ConvolutionShape, _ winners: PoolingWinners? = nil) {
    shape = s
    self.winners = winners
    panels = (s.filters + 31) / 32
    panelSize = s.batch * s.places * 32
    places = (0..<s.places).map { $0 * 32 }
    super.init(count: panels * panelSize)
  }

  /// Numbers of one image as it is filled in.
  private var imageCount: Int { shape.filters * (winners?.windows ?? shape.places) }

  /// Writes image number `image`, from its filters' planes.
  func fill(_ image: Int, from y: UnsafePointer<Float>, _ mask: Kernels.ActivationMask? = nil) {
    let area = winners?.windows ?? shape.places
    let pooled = winners.map { Kernels.scratch($0.windows * 32) }
    for panel in 0..<panels {
      let answers = start + panel * panelSize + image * shape.places * 32
      let target = pooled ?? answers
      let (first, count) = (panel * 32, Swift.min(32, shape.filters - panel * 32))
      if count < 32 { target.update(repeating: 0, count: area * 32) }
      Kernels.channelsLast(
        y + first * area, mask?.advanced(by: first * area), channels: count, area: area, into: target, at: places)
      if let pooled, let winners {
        Kernels.spreadPanel(
          pooled, winners: winners.of(image: image, panel: panel), height: shape.outHeight, width: shape.outWidth,
          into: answers)
      }
    }
    pooled?.deallocate()
  }

  /// Writes image number `image`, from all images' planes.
  func fill(
    _ image: Int, from y: UnsafePointer<Float>, _ result: UnsafePointer<Float>?, _ activation: FusedActivation
  ) {
    let place = image * imageCount
    fill(image, from: y + place, result.map { Kernels.ActivationMask(activation: activation, result: $0 + place) })
  }

  /// The numbers in the order of a tensor, `[batch, filters, places]`.
  func channelsFirst() -> [Float] {
    let s = shape
    return [Float](unsafeUninitializedCapacity: s.batch * s.filters * s.places) { buffer, initialized in
      initialized = s.batch * s.filters * s.places
      guard let result = buffer.baseAddress else { return }
      Threads.forEach(s.batch, work: initialized * 4) { image in
        for panel in 0..<panels {
          Kernels.channelsFirst(
            start + panel * panelSize + image * s.places * 32, at: places,
            channels: Swift.min(32, s.filters - panel * 32), area: s.places, bias: nil, .identity,
            into: result + (image * s.filters + panel * 32) * s.places)
        }
      }
    }
  }

  /// Writes all images.
  func fill(from y: [Float], _ mask: (result: [Float], activation: FusedActivation)?) {
    Kernels.forEachMember(shape.batch, y, mask, size: imageCount, written: shape.filters * shape.places) {
      image, y, mask in fill(image, from: y, mask)
    }
  }
}

extension Kernels {
  /// Calls `body` for each member of a batch of `size` numbers each, on several threads; it writes `written` numbers.
  fileprivate static func forEachMember(
    _ batch: Int, _ x: [Float], _ mask: (result: [Float], activation: FusedActivation)?, size: Int,
    written: Int, _ body: (Int, UnsafePointer<Float>, ActivationMask?) -> Void
  ) {
    x.withUnsafeBufferPointer { x in
      (mask?.result ?? []).withUnsafeBufferPointer { result in
        guard let x = x.baseAddress else { return }
        Threads.forEach(batch, work: batch * (size + written) * 2) { member in
          var masking: ActivationMask?
          if let mask, let result = result.baseAddress {
            masking = ActivationMask(activation: mask.activation, result: result + member * size)
          }
          body(member, x + member * size, masking)
        }
      }
    }
  }
}
