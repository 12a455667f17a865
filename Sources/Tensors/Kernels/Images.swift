/// The lengths of a convolution: from `[batch, channels, height, width]` to `[batch, filters, outHeight, outWidth]`
/// with weights `[filters, channels / groups, kernelHeight, kernelWidth]`.
struct ConvolutionShape {
  var (batch, channels, height, width) = (0, 0, 0, 0)
  var (filters, kernelHeight, kernelWidth) = (0, 0, 0)
  var (outHeight, outWidth) = (0, 0)
  var (strideY, strideX, paddingY, paddingX) = (1, 1, 0, 0)
  var (dilationY, dilationX, groups) = (1, 1, 1)
  var isDilated: Bool { dilationY > 1 || dilationX > 1 }

  /// Numbers under one filter's window.
  var patch: Int { channels / groups * kernelHeight * kernelWidth }
  /// Places of one output image.
  var places: Int { outHeight * outWidth }
  /// Numbers of one input image.
  var imageCount: Int { channels * height * width }
  /// Multiply-adds of one pass.
  var work: Int { batch * filters * patch * places }

  /// The output columns whose window covers input column 0..<width at kernel column `kx`.
  func columns(_ kx: Int) -> Range<Int> {
    let offset = kx * dilationX - paddingX
    if width - 1 < offset { return 0..<0 }
    let first = Swift.max(0, (strideX - 1 - offset) / strideX)
    let end = Swift.min(outWidth, (width - 1 - offset) / strideX + 1)
    return Swift.min(first, end)..<end
  }
}

extension Int {
  /// The next multiple of `step`.
  func rounded(up step: Int) -> Int { (self + step - 1) / step * step }
}

/// Convolutions as matrix products over the patches of one image at a time (implicit "im2col": the patches are written
/// straight into the packed order of the product; Chellapilla, Puri & Simard, 2006).
extension Kernels {

  // MARK: Forward

  /// Each filter's response at each place.
  static func convolution(_ x: [Float], _ weights: [Float], _ s: ConvolutionShape) -> [Float] {
    let count = s.batch * s.filters * s.places
    guard count > 0 else { return [] }
    guard s.patch > 0 else { return [Float](repeating: 0, count: count) }
    if s.groups > 1 { return groupedConvolution(x, weights, s) }
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = count
      x.withUnsafeBufferPointer { x in
        weights.withUnsafeBufferPointer { weights in
          guard let x = x.baseAddress, let weights = weights.baseAddress, let y = buffer.baseAddress else { return }
          let packedWeights = scratch(packedRowCount(s.filters) * s.patch)
          for panel in 0..<rowPanels(s.filters) {
            packRows(
              Matrix(weights, columns: s.patch), rows: s.filters, depth: s.patch, panel: panel, into: packedWeights)
          }
          let panels = (s.places + 31) / 32
          Threads.forEach(s.batch, work: s.work) { image in
            let patches = scratch(panels * 32 * s.patch)
            packPatches(x + image * s.imageCount, s, into: patches)
            multiplyPacked(
              packedWeights, patches, rows: s.filters, columns: s.places, depth: s.patch,
              panels: 0..<rowPanels(s.filters), columnPanels: 0..<panels, into: y + image * s.filters * s.places,
              stride: s.places, adding: false)
            patches.deallocate()
          }
          packedWeights.deallocate()
        }
      }
    }
  }

  // MARK: Backward

  /// The gradient of the input from the gradient of the output; also the forward pass of a transposed convolution.
  static func convolutionInputGradient(_ g: [Float], _ weights: [Float], _ s: ConvolutionShape) -> [Float] {
    let count = s.batch * s.imageCount
    guard count > 0 else { return [] }
    guard s.filters * s.places * s.patch > 0 else { return [Float](repeating: 0, count: count) }
    if s.groups > 1 { return groupedConvolutionInputGradient(g, weights, s) }
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = count
      g.withUnsafeBufferPointer { g in
        weights.withUnsafeBufferPointer { weights in
          guard let g = g.baseAddress, let weights = weights.baseAddress, let x = buffer.baseAddress else { return }
          let packedWeights = scratch(packedRowCount(s.patch) * s.filters)
          for panel in 0..<rowPanels(s.patch) {
            packRows(
              Matrix(weights, columns: s.patch).transposed, rows: s.patch, depth: s.filters, panel: panel,
              into: packedWeights)
          }
          let panels = (s.places + 31) / 32
          Threads.forEach(s.batch, work: s.work) { image in
            let packed = scratch(panels * 32 * s.filters)
            let patches = scratch(s.patch * s.places)
            let upstream = Matrix(g + image * s.filters * s.places, columns: s.places)
            for panel in 0..<panels {
              packColumns(upstream, columns: s.places, depth: s.filters, panel: panel, into: packed)
            }
            multiplyPacked(
              packedWeights, packed, rows: s.patch, columns: s.places, depth: s.filters,
              panels: 0..<rowPanels(s.patch), columnPanels: 0..<panels, into: patches, stride: s.places, adding: false)
            addPatches(patches, s, into: x + image * s.imageCount)
            patches.deallocate()
            packed.deallocate()
          }
          packedWeights.deallocate()
        }
      }
    }
  }

  /// The gradient of the weights from the input and the gradient of the output.
  static func convolutionWeightGradient(_ x: [Float], _ g: [Float], _ s: ConvolutionShape) -> [Float] {
    var result = [Float](repeating: 0, count: s.filters * s.patch)
    guard s.work > 0 else { return result }
    if s.groups > 1 { return groupedConvolutionWeightGradient(x, g, s) }
    let size = s.patch * s.filters
    // The images are summed in a few groups, whatever the number of threads; large sums are kept few times.
    let groups = Swift.min(s.batch, size > 1 << 17 ? 4 : 8)
    // Several images make one product, so that the sums are read and written once for many multiply-adds.
    let together = Swift.max(1, depthBlock / s.places)
    let sums = scratch(groups * size)
    x.withUnsafeBufferPointer { x in
      g.withUnsafeBufferPointer { g in
        guard let x = x.baseAddress, let g = g.baseAddress else { return }
        Threads.forEach(groups, work: s.work) { group in
          let channelsLast = scratch(s.imageCount)
          let upstream = scratch(packedRowCount(s.filters) * s.places * together)
          let patches = scratch(packedColumnCount(s.patch) * s.places * together)
          let (first, end) = (group * s.batch / groups, (group + 1) * s.batch / groups)
          var image = first
          while image < end {
            let count = Swift.min(together, end - image)
            let depth = count * s.places
            if s.paddingX > 0 || s.paddingY > 0 || s.patch % 32 > 0 {
              patches.update(repeating: 0, count: packedColumnCount(s.patch) * depth)
            }
            for member in 0..<count {
              let rows = Matrix(g + (image + member) * s.filters * s.places, columns: s.places)
              for panel in 0..<rowPanels(s.filters) {
                packRows(
                  rows, rows: s.filters, depth: s.places, panel: panel, into: upstream, at: member * s.places, of: depth
                )
              }
              packPatchColumns(
                x + (image + member) * s.imageCount, s, channelsLast: channelsLast,
                into: patches + member * s.places * 32,
                depth: depth)
            }
            multiplyPacked(
              upstream, patches, rows: s.filters, columns: s.patch, depth: depth, panels: 0..<rowPanels(s.filters),
              columnPanels: 0..<(s.patch + 31) / 32, into: sums + group * size, stride: s.patch, adding: image > first)
            image += count
          }
          patches.deallocate()
          upstream.deallocate()
          channelsLast.deallocate()
        }
      }
    }
    result.withUnsafeMutableBufferPointer { result in
      guard let result = result.baseAddress else { return }
      let area = s.kernelHeight * s.kernelWidth
      Threads.forEach(s.filters, work: size * groups * 4) { f in
        let total = sums + f * s.patch
        for group in 1..<Swift.max(groups, 1) { addScaled(1, total + group * size, to: total, count: s.patch) }
        // From [kernel height, kernel width, channels] to [channels, kernel height, kernel width].
        transpose(total, rows: area, columns: s.channels, into: result + f * s.patch)
      }
    }
    sums.deallocate()
    return result
  }

  /// The transpose of a matrix of `rows` rows, `columns` × `rows`.
  static func transpose(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, into target: UnsafeMutablePointer<Float>
  ) {
    var row = 0
    while row + 4 <= rows {
      transposeFour(x + row * columns, columns, columns, into: target + row, rows)
      row += 4
    }
    while row < rows {
      for column in 0..<columns { target[column * rows + row] = x[row * columns + column] }
      row += 1
    }
  }

  // MARK: Patches

  /// The patches of one image as the right operand of a product, `[patch, places]`, packed in panels of 32 places.
  private static func packPatches(
    _ image: UnsafePointer<Float>, _ s: ConvolutionShape, into packed: UnsafeMutablePointer<Float>
  ) {
    let depth = s.patch
    let panelSize = 32 * depth
    if s.paddingX > 0 || s.paddingY > 0 || s.places % 32 > 0 {
      packed.update(repeating: 0, count: (s.places + 31) / 32 * panelSize)
    }
    var k = 0
    for channel in 0..<s.channels {
      for ky in 0..<s.kernelHeight {
        for kx in 0..<s.kernelWidth {
          let columns = s.columns(kx)
          for oy in 0..<s.outHeight {
            let y = oy * s.strideY + ky * s.dilationY - s.paddingY
            if y < 0 || y >= s.height || columns.isEmpty { continue }
            let x = columns.lowerBound * s.strideX + kx * s.dilationX - s.paddingX
            var source = image + (channel * s.height + y) * s.width + x
            var place = oy * s.outWidth + columns.lowerBound
            var left = columns.count
            while left > 0 {
              let lane = place & 31
              let run = Swift.min(left, 32 - lane)
              let target = packed + (place >> 5) * panelSize + k * 32 + lane
              if s.strideX == 1 {
                for i in 0..<run { target[i] = source[i] }
              } else {
                for i in 0..<run { target[i] = source[i * s.strideX] }
              }
              source += run * s.strideX
              place += run
              left -= run
            }
          }
          k += 1
        }
      }
    }
  }

  /// The patches of one image as the right operand of a product, `[places, patch]`, packed in panels of 32 columns.
  ///
  /// The channels come last in a patch here, and the image is first brought into that order: then a row of the window
  /// is one run of `kernelWidth · channels` numbers, unless it is dilated. The image's places are part of a product of
  /// the given depth; what lies outside the image is left as it is.
  private static func packPatchColumns(
    _ image: UnsafePointer<Float>, _ s: ConvolutionShape, channelsLast: UnsafeMutablePointer<Float>,
    into packed: UnsafeMutablePointer<Float>, depth: Int
  ) {
    transpose(image, rows: s.channels, columns: s.height * s.width, into: channelsLast)
    let panelSize = 32 * depth
    for oy in 0..<s.outHeight {
      for ky in 0..<s.kernelHeight {
        let y = oy * s.strideY + ky * s.dilationY - s.paddingY
        if y < 0 || y >= s.height { continue }
        for ox in 0..<s.outWidth {
          let x = ox * s.strideX - s.paddingX
          let row = packed + (oy * s.outWidth + ox) * 32
          if s.dilationX == 1 {
            let (start, end) = (Swift.max(0, -x), Swift.min(s.kernelWidth, s.width - x))
            if start >= end { continue }
            copyRun(
              channelsLast + (y * s.width + x + start) * s.channels, into: row, panelSize: panelSize,
              at: (ky * s.kernelWidth + start) * s.channels, count: (end - start) * s.channels)
          } else {
            for kx in 0..<s.kernelWidth {
              let column = x + kx * s.dilationX
              if column < 0 || column >= s.width { continue }
              copyRun(
                channelsLast + (y * s.width + column) * s.channels, into: row, panelSize: panelSize,
                at: (ky * s.kernelWidth + kx) * s.channels, count: s.channels)
            }
          }
        }
      }
    }
  }

  /// `count` numbers to place `start` and on of one row that is cut into panels of 32 columns.
  @inline(__always)
  private static func copyRun(
    _ source: UnsafePointer<Float>, into row: UnsafeMutablePointer<Float>, panelSize: Int, at start: Int, count: Int
  ) {
    var (source, k, left) = (source, start, count)
    while left > 0 {
      let lane = k & 31
      let run = Swift.min(left, 32 - lane)
      let target = row + (k >> 5) * panelSize + lane
      if run == 32 {
        copy32(source, target)
      } else {
        for i in 0..<run { target[i] = source[i] }
      }
      source += run
      k += run
      left -= run
    }
  }

  @inline(__always)
  private static func copy32(_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
    let numbers = UnsafeRawPointer(source).loadUnaligned(as: SIMD32<Float>.self)
    UnsafeMutableRawPointer(target).storeBytes(of: numbers, as: SIMD32<Float>.self)
  }

  /// The image whose entries are the sums of the patch entries that were read from them.
  private static func addPatches(
    _ patches: UnsafePointer<Float>, _ s: ConvolutionShape, into image: UnsafeMutablePointer<Float>
  ) {
    image.update(repeating: 0, count: s.imageCount)
    var source = patches
    for channel in 0..<s.channels {
      for ky in 0..<s.kernelHeight {
        for kx in 0..<s.kernelWidth {
          let columns = s.columns(kx)
          for oy in 0..<s.outHeight {
            let y = oy * s.strideY + ky * s.dilationY - s.paddingY
            if y < 0 || y >= s.height { continue }
            let target = image + (channel * s.height + y) * s.width + kx * s.dilationX - s.paddingX
            let row = source + oy * s.outWidth
            if s.strideX == 1 {
              for ox in columns { target[ox] += row[ox] }
            } else {
              for ox in columns { target[ox * s.strideX] += row[ox] }
            }
          }
          source += s.places
        }
      }
    }
  }

  /// Memory for a while, aligned to a cache line; the caller gives it back.
  static func scratch(_ count: Int) -> UnsafeMutablePointer<Float> {
    let raw = UnsafeMutableRawPointer.allocate(byteCount: Swift.max(count, 1) * 4, alignment: 64)
    return raw.bindMemory(to: Float.self, capacity: Swift.max(count, 1))
  }
}
