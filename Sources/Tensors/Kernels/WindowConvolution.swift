/// Convolutions as matrix products whose left operand is never written down (implicit "im2col"): the tiles read the
/// windows where they lie in the image. Bias, activation, and the activation's gradient are applied while the numbers
/// change their order.
extension Kernels {
  /// Whether a convolution has enough filters to fill the columns of a tile.
  static func suitsWindows(_ s: ConvolutionShape) -> Bool { s.groups == 1 && s.filters >= 16 && s.work > 0 }

  /// Whether the gradient of its input has: a row of a window is cut into panels of 32 numbers.
  static func suitsScattering(_ s: ConvolutionShape) -> Bool {
    let run = s.kernelWidth * s.channels
    return suitsWindows(s) && !s.isDilated && run >= 12 && run.rounded(up: 32) * 2 <= run * 3
  }

  /// The depth of a block: 256 rows of a panel stay in the first-level cache.
  private static let blockDepth = 288

  /// How many images are worked on together, so that few rows of tiles are wasted; there are still pieces for threads.
  private static func imagesTogether(_ s: ConvolutionShape) -> Int {
    Swift.max(1, Swift.min((192 + s.places - 1) / s.places, s.batch / 4))
  }

  /// Runs `body` for groups of images, which are pieces for threads.
  private static func forEachImages(_ s: ConvolutionShape, _ body: (Range<Int>) -> Void) {
    let together = imagesTogether(s)
    Threads.forEach((s.batch + together - 1) / together, work: s.work) { piece in
      body(piece * together..<Swift.min((piece + 1) * together, s.batch))
    }
  }

  // MARK: Forward

  /// Each filter's response at each place, or the largest of each 2 × 2 places where `winners` are to be found; `images`
  /// is filled on the way.
  static func windowConvolution(
    _ x: [Float], _ mask: (result: [Float], activation: FusedActivation)?, into images: WindowedImages,
    _ weights: [Float], bias: [Float]?, _ activation: FusedActivation, winners: PoolingWinners? = nil
  ) -> [Float] {
    let s = images.shape
    let area = winners?.windows ?? s.places
    // Where pooling comes first, the bias comes before it.
    let shifts = (bias ?? []) + [Float](repeating: 0, count: (s.filters + 31) / 32 * 32 - (bias?.count ?? 0))
    let panels = (s.filters + 31) / 32
    let packed = packedFilters(weights, s)
    // Long runs are cut, so that a block of a panel stays in the cache.
    let cuts = (images.runLength + 255) / 256
    let parts = images.runLength % cuts == 0 ? cuts : 1
    let length = images.runLength / parts
    let runs = images.runStarts.flatMap { start in (0..<parts).map { start + $0 * length } }
    let blockRuns = Swift.max(1, blockDepth / length)
    let rows = images.windows(images: imagesTogether(s))
    let rowsOfLast = images.windows(images: s.batch % imagesTogether(s))
    let dense = (0..<rows.count).map { $0 * 32 }
    return result(s.batch * s.filters * area, reading: x, mask?.result, shifts) { y, x, masking, shifts in
      forEachImages(s) { members in
        for image in members {
          let place = image * s.imageCount
          images.fill(image, from: x + place, masking.map { ActivationMask(mask, $0 + place) })
        }
        let rows = members.count == imagesTogether(s) ? rows : rowsOfLast
        let count = rows.count
        let answers = scratch(panels * count * 32)
        for block in stride(from: 0, to: runs.count, by: blockRuns) {
          runs.withUnsafeBufferPointer { runs in
            guard let start = runs.baseAddress else { return }
            let depth = Runs(starts: start + block, count: Swift.min(blockRuns, runs.count - block), length: length)
            for panel in 0..<panels {
              multiplyRows(
                images.start + members.lowerBound * images.imageStride, rows, depth,
                packed.start + (panel * s.patch + block * length) * 32, into: answers + panel * count * 32,
                at: dense, adding: block > 0)
            }
          }
        }
        let pooled = winners.map { scratch($0.windows * 32) }
        for (member, image) in members.enumerated() {
          for panel in 0..<panels {
            let first = panel * 32
            var (source, shift) = (answers + (panel * count + member * s.places) * 32, shifts.map { $0 + first })
            if let winners, let pooled, let added = shift {
              halvePanel(
                source, height: s.outHeight, width: s.outWidth, bias: added, into: pooled,
                winners: winners.of(image: image, panel: panel))
              (source, shift) = (pooled, nil)
            }
            channelsFirst(
              source, at: dense, channels: Swift.min(32, s.filters - first), area: area,
              bias: bias == nil ? nil : shift, activation, into: y + (image * s.filters + first) * area)
          }
        }
        pooled?.deallocate()
        answers.deallocate()
      }
    }
  }

  /// All rows, whose number is a multiple of four, times one panel.
  private static func multiplyRows(
    _ a: UnsafePointer<Float>, _ rows: [Int], _ runs: Runs, _ b: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, at targets: [Int], adding: Bool
  ) {
    rows.withUnsafeBufferPointer { rows in
      targets.withUnsafeBufferPointer { targets in
        guard let starts = rows.baseAddress, let targets = targets.baseAddress else { return }
        var row = 0
        while row + 12 <= rows.count {
          windowTile12(a, at: starts + row, runs, b, into: c, at: targets + row, adding: adding)
          row += 12
        }
        while row < rows.count {
          windowTile4(a, at: starts + row, runs, b, into: c, at: targets + row, adding: adding)
          row += 4
        }
      }
    }
  }

  /// The filters in panels of 32 columns, `[panels, kernel height, kernel width, channels, 32]`.
  private static func packedFilters(_ weights: [Float], _ s: ConvolutionShape) -> AlignedNumbers {
    let panels = (s.filters + 31) / 32
    let packed = AlignedNumbers(count: panels * s.patch * 32)
    let order = panelRows(s)
    weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      Threads.forEach(panels, work: panels * s.patch * 64) { panel in
        let (count, target) = (Swift.min(32, s.filters - panel * 32), packed.start + panel * s.patch * 32)
        if count < 32 { target.update(repeating: 0, count: s.patch * 32) }
        channelsLast(weights + panel * 32 * s.patch, nil, channels: count, area: s.patch, into: target, at: order)
      }
    }
    return packed
  }

  /// Where entry `[channel, kernel row, kernel column]` of a patch lies in a panel.
  private static func panelRows(_ s: ConvolutionShape) -> [Int] {
    let area = s.kernelHeight * s.kernelWidth
    return (0..<s.patch).map { ($0 % area * s.channels + $0 / area) * 32 }
  }

  // MARK: The gradient of the input

  /// The gradient of the input from that of the output, or the forward pass of a transposed convolution; `outputs` is
  /// filled on the way.
  static func windowInputGradient(
    _ g: [Float], _ mask: (result: [Float], activation: FusedActivation)?, into outputs: FilterPanels,
    _ weights: [Float], bias: [Float]?, _ activation: FusedActivation
  ) -> [Float] {
    let s = outputs.shape
    let (depth, run) = (outputs.panels * 32, s.kernelWidth * s.channels)
    let columnPanels = (run + 31) / 32
    let packed = packedPatches(weights, s)
    let layout = ImageLayout(s)
    let filterRuns = (0..<outputs.panels).map { $0 * outputs.panelSize }
    let together = imagesTogether(s)
    let (targets, targetsOfLast) = (layout.windows(images: together), layout.windows(images: s.batch % together))
    // A tile's missing rows repeat the last one; their sums go where nobody looks.
    let rows = (0..<targets.count).map { Swift.min($0, together * s.places - 1) * 32 }
    let rowsOfLast = (0..<targetsOfLast.count).map { Swift.min($0, s.batch % together * s.places - 1) * 32 }
    return result(s.batch * s.imageCount, reading: g, mask?.result, bias) { x, g, masking, bias in
      forEachImages(s) { members in
        for image in members {
          outputs.fill(image, from: g, masking, mask?.activation ?? .identity)
        }
        let isWhole = members.count == together
        let (rows, targets) = isWhole ? (rows, targets) : (rowsOfLast, targetsOfLast)
        let sums = scratch(layout.count(images: together))
        sums.update(repeating: 0, count: members.count * layout.imageStride)
        let a = outputs.start + members.lowerBound * s.places * 32
        filterRuns.withUnsafeBufferPointer { filterRuns in
          guard let start = filterRuns.baseAddress else { return }
          let runs = Runs(starts: start, count: outputs.panels, length: 32)
          for ky in 0..<s.kernelHeight {
            for panel in 0..<columnPanels {
              let b = packed.start + (ky * columnPanels + panel) * depth * 32
              let (c, width) = (sums + ky * layout.pitch + panel * 32, Swift.min(32, run - panel * 32))
              if width == 32 {
                multiplyRows(a, rows, runs, b, into: c, at: targets, adding: true)
              } else {
                addRows(a, rows, runs, b, to: c, at: targets, width: width)
              }
            }
          }
        }
        for (member, image) in members.enumerated() {
          channelsFirst(
            sums + member * layout.imageStride, at: layout.pixels, channels: s.channels, area: s.height * s.width,
            bias: bias, activation, into: x + image * s.imageCount)
        }
        sums.deallocate()
      }
    }
  }

  /// All rows times a panel with fewer than 32 columns: what a tile has beyond them must not reach the sums, where
  /// other numbers lie.
  private static func addRows(
    _ a: UnsafePointer<Float>, _ rows: [Int], _ runs: Runs, _ b: UnsafePointer<Float>,
    to c: UnsafeMutablePointer<Float>, at targets: [Int], width: Int
  ) {
    let answers = scratch(rows.count * 32)
    multiplyRows(a, rows, runs, b, into: answers, at: (0..<rows.count).map { $0 * 32 }, adding: false)
    for (row, target) in targets.enumerated() {
      for column in 0..<width { c[target + column] += answers[row * 32 + column] }
    }
    answers.deallocate()
  }

  /// The filters as rows, `[kernel height, panels, filters, 32]`: the rows of a window, channels last, in panels of 32.
  private static func packedPatches(_ weights: [Float], _ s: ConvolutionShape) -> AlignedNumbers {
    let (run, filters) = (s.kernelWidth * s.channels, s.filters.rounded(up: 32))
    let panels = (run + 31) / 32
    let packed = AlignedNumbers(count: s.kernelHeight * panels * filters * 32)
    if filters > s.filters || run % 32 > 0 {
      packed.start.update(repeating: 0, count: s.kernelHeight * panels * filters * 32)
    }
    weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      Threads.forEach(s.filters, work: s.filters * s.patch * 8) { f in
        let row = scratch(s.patch)
        transpose(
          weights + f * s.patch, rows: s.channels, columns: s.kernelHeight * s.kernelWidth, into: row)
        for ky in 0..<s.kernelHeight {
          for panel in 0..<panels {
            (packed.start + ((ky * panels + panel) * filters + f) * 32).update(
              from: row + ky * run + panel * 32, count: Swift.min(32, run - panel * 32))
          }
        }
        row.deallocate()
      }
    }
    return packed
  }

  // MARK: The gradient of the weights

  /// The gradient of the weights from the windows and the gradient of the output.
  static func windowWeightGradient(_ images: WindowedImages, _ outputs: FilterPanels) -> [Float] {
    let s = images.shape
    // Rows of the gradient are pieces for threads; where there are few, the images are summed in a few groups.
    let rowsPerPiece = 48
    let pieces = (images.runLength + rowsPerPiece - 1) / rowsPerPiece
    let rowPieces = pieces * images.runStarts.count
    let groups = rowPieces >= 6 ? 1 : Swift.min(8, s.batch)
    let size = outputs.panels * s.patch * 32
    let sums = AlignedNumbers(count: groups * size)
    // Places of several small images, or a part of a large one's, so that both operands stay in the cache.
    let together = Swift.max(1, 256 / s.places)
    let parts = (s.places * together + 255) / 256
    let places = images.windows(images: together)
    Threads.forEach(groups * rowPieces, work: s.work) { piece in
      let (group, rowPiece) = (piece / rowPieces, piece % rowPieces)
      let (run, first) = (rowPiece / pieces, rowPiece % pieces * rowsPerPiece)
      let height = Swift.min(rowsPerPiece, images.runLength - first)
      let target = sums.start + group * size + (run * images.runLength + first) * 32
      let members = group * s.batch / groups..<(group + 1) * s.batch / groups
      for image in stride(from: members.lowerBound, to: members.upperBound, by: together) {
        let depth = Swift.min(together, members.upperBound - image) * s.places
        for part in 0..<parts {
          let (start, end) = (part * depth / parts, (part + 1) * depth / parts)
          for panel in 0..<outputs.panels {
            addGradient(
              images.start + image * images.imageStride + images.runStarts[run] + first, places, start..<end,
              outputs.start + panel * outputs.panelSize + (image * s.places + start) * 32, height: height,
              to: target + panel * s.patch * 32, adding: image > members.lowerBound || part > 0)
          }
        }
      }
    }
    let order = panelRows(s)
    return [Float](unsafeUninitializedCapacity: s.filters * s.patch) { buffer, initialized in
      initialized = s.filters * s.patch
      guard let result = buffer.baseAddress else { return }
      Threads.forEach(outputs.panels, work: size * (groups + 1)) { panel in
        let total = sums.start + panel * s.patch * 32
        for group in 1..<Swift.max(groups, 1) { addScaled(1, total + group * size, to: total, count: s.patch * 32) }
        channelsFirst(
          total, at: order, channels: Swift.min(32, s.filters - panel * 32), area: s.patch, bias: nil, .identity,
          into: result + panel * 32 * s.patch)
      }
    }
  }

  /// `height` rows of the gradient for one panel of filters, from some places.
  private static func addGradient(
    _ a: UnsafePointer<Float>, _ places: [Int], _ range: Range<Int>, _ b: UnsafePointer<Float>, height: Int,
    to c: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    places.withUnsafeBufferPointer { places in
      guard let start = places.baseAddress else { return }
      let (places, count) = (start + range.lowerBound, range.count)
      var row = 0
      while row + 12 <= height {
        gradientTile12(a + row, at: places, count: count, b, into: c + row * 32, adding: adding)
        row += 12
      }
      while row + 4 <= height && height - row < 9 {
        gradientTile4(a + row, at: places, count: count, b, into: c + row * 32, adding: adding)
        row += 4
      }
      if row == height { return }
      // The last rows: a tile has more of them than there are, so it is put elsewhere first.
      let answers = scratch(12 * 32)
      if height - row > 4 {
        gradientTile12(a + row, at: places, count: count, b, into: answers, adding: false)
      } else {
        gradientTile4(a + row, at: places, count: count, b, into: answers, adding: false)
      }
      let target = c + row * 32
      if adding {
        addScaled(1, answers, to: target, count: (height - row) * 32)
      } else {
        target.update(from: answers, count: (height - row) * 32)
      }
      answers.deallocate()
    }
  }

  // MARK: The gradient of the bias

  /// The sum of each channel of `[batch, channels, area]`, after the activation's gradient.
  static func channelSums(
    _ g: [Float], _ mask: (result: [Float], activation: FusedActivation)?, batch: Int, channels: Int, area: Int
  ) -> [Float] {
    let sums = result(batch * channels, reading: g, mask?.result, nil) { sums, g, masking, _ in
      Threads.forEach(batch, work: batch * channels * area * 2) { image in
        for plane in image * channels..<(image + 1) * channels {
          sums[plane] = planeSum(g + plane * area, masking.map { ActivationMask(mask, $0 + plane * area) }, area)
        }
      }
    }
    return (0..<channels).map { channel in
      Float((0..<batch).reduce(0.0) { $0 + Double(sums[$1 * channels + channel]) })
    }
  }

  private static func planeSum(_ g: UnsafePointer<Float>, _ mask: ActivationMask?, _ count: Int) -> Float {
    var total = Vector.zero
    var i = 0
    while i + 16 <= count {
      var part = UnsafeRawPointer(g + i).loadUnaligned(as: Vector.self)
      if let mask {
        let y = UnsafeRawPointer(mask.result + i).loadUnaligned(as: Vector.self)
        switch mask.activation {
        case .identity: break
        case .relu: part.replace(with: 0, where: y .<= 0)
        case .leakyRelu(let slope): part = (part * slope).replacing(with: part, where: y .> 0)
        }
      }
      total += part
      i += 16
    }
    var sum = total.sum()
    while i < count {
      sum += mask.map { $0.activation.gradient(g[i], at: $0.result[i]) } ?? g[i]
      i += 1
    }
    return sum
  }

  // MARK: Memory

  /// A new array of `count` numbers that `body` writes, all of them.
  @inline(__always)
  private static func result(
    _ count: Int, reading x: [Float], _ masking: [Float]?, _ bias: [Float]?,
    _ body: (
      _ result: UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>?, UnsafePointer<Float>?
    ) -> Void
  ) -> [Float] {
    Memory.keepFreed()
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = count
      x.withUnsafeBufferPointer { x in
        (masking ?? []).withUnsafeBufferPointer { lent in
          (bias ?? []).withUnsafeBufferPointer { added in
            guard let result = buffer.baseAddress, let x = x.baseAddress else { return }
            body(result, x, masking == nil ? nil : lent.baseAddress, bias == nil ? nil : added.baseAddress)
          }
        }
      }
    }
  }
}

extension Kernels.ActivationMask {
  fileprivate init(_ mask: (result: [Float], activation: FusedActivation)?, _ result: UnsafePointer<Float>) {
    self.init(activation: mask?.activation ?? .identity, result: result)
  }
}

/// Where the sums of an input gradient lie: images with their channels last in a frame as wide as the padding.
private struct ImageLayout {
  let shape: ConvolutionShape
  let pitch: Int
  let imageStride: Int
  let pixels: [Int]

  init(_ s: ConvolutionShape) {
    shape = s
    let pitch = (s.width + 2 * s.paddingX) * s.channels
    self.pitch = pitch
    imageStride = (s.height + 2 * s.paddingY) * pitch
    pixels = (0..<s.height * s.width).map {
      ($0 / s.width + s.paddingY) * pitch + ($0 % s.width + s.paddingX) * s.channels
    }
  }

  /// Numbers of `images` images, and of a place behind them for rows that nobody wants.
  func count(images: Int) -> Int { images * imageStride + shape.kernelHeight * pitch + 32 }

  /// Where the windows of the first `images` images begin; what fills up to a multiple of four goes behind the last.
  func windows(images: Int) -> [Int] {
    var starts: [Int] = []
    for image in 0..<images {
      for oy in 0..<shape.outHeight {
        for ox in 0..<shape.outWidth {
          starts.append(image * imageStride + oy * shape.strideY * pitch + ox * shape.strideX * shape.channels)
        }
      }
    }
    while starts.count % 4 > 0 { starts.append(images * imageStride) }
    return starts
  }
}
