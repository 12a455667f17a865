/// A recurrent layer over whole sequences: N sequences, L steps, D inputs, H hidden units.
///
/// Sixteen sequences go through the steps together, each in one lane of the vectors, and share nothing with the others:
/// the threads meet once, not once a step. A unit or gate is a row of sixteen numbers, so no number of units wastes
/// lanes, and what one step leaves is what the next one's product reads, without packing. For a few sequences, which
/// would leave most lanes idle, see `UnitLanes.swift`.
struct RecurrentShape {
  let (sequences, steps, inputs, hidden): (Int, Int, Int, Int)
  /// How many gates a unit has: 1 for Elman's network, 3 for the GRU, 4 for the LSTM.
  let gates: Int
  /// How many steps of each sequence count; nil for all. Afterwards the state stays as it is.
  let lengths: [Int]?

  /// How many numbers one step of one sequence has before its activations.
  var width: Int { gates * hidden }

  var groups: Int { (sequences + LaneGroup.size - 1) / LaneGroup.size }

  /// Runs `body` for each group of sequences.
  func forEachGroup(_ body: (LaneGroup) -> Void) {
    Threads.forEach(groups, work: sequences * steps * (inputs + hidden) * width) { body(LaneGroup($0, self)) }
  }
}

/// Up to sixteen sequences that go through the steps together.
struct LaneGroup {
  typealias Mask = SIMDMask<SIMD16<Int32>>

  static let size = 16

  let number: Int
  /// The first sequence, and how many there are.
  let (first, count): (Int, Int)
  private let lengths: SIMD16<Int32>

  init(_ number: Int, _ shape: RecurrentShape) {
    self.number = number
    first = number * Self.size
    count = Swift.min(Self.size, shape.sequences - first)
    var lengths = SIMD16(repeating: Int32(shape.steps))
    if let known = shape.lengths { for lane in 0..<count { lengths[lane] = Int32(known[first + lane]) } }
    self.lengths = lengths
  }

  /// The sequences of which step `t` counts.
  func counts(_ t: Int) -> Mask { SIMD16(repeating: Int32(t)) .< lengths }
}

/// For every group and step a block of rows of sixteen numbers, one of each sequence.
final class LaneBlocks: @unchecked Sendable {
  let (groups, steps): (Int, Int)
  private let size: Int
  private let numbers: UnsafeMutablePointer<Float>

  init(groups: Int, steps: Int, rows: Int) {
    (self.groups, self.steps, size) = (groups, steps, Self.count(rows))
    numbers = Kernels.scratch(groups * steps * size)
  }

  /// Blocks of `size` numbers, one behind the other, for each step of each sequence by itself.
  init(sequences: Int, steps: Int, size: Int) {
    (groups, self.steps, self.size) = (sequences, steps, size)
    numbers = Kernels.scratch(sequences * steps * size)
  }

  deinit { numbers.deallocate() }

  /// How many numbers a block takes: a product writes rows by the eight.
  static func count(_ rows: Int) -> Int { (rows + 7) / 8 * 8 * LaneGroup.size }

  /// One block; the object must outlive the use of it.
  subscript(_ group: Int, _ step: Int) -> UnsafeMutablePointer<Float> {
    numbers + (group * steps + step) * size
  }
}

/// The gradients of what the gates see, packed step by step, while they are in the cache, as the left operand of one
/// product over all sequences and steps: that gives the gradients of the weights.
final class LaneGradients: @unchecked Sendable {
  private let (groups, steps, rows): (Int, Int, Int)
  private let packed: UnsafeMutablePointer<Float>
  private let sums: LaneBlocks
  private var depth: Int { groups * steps * LaneGroup.size }

  init(groups: Int, steps: Int, rows: Int) {
    (self.groups, self.steps, self.rows) = (groups, steps, rows)
    packed = Kernels.scratch(Kernels.packedRowCount(rows) * groups * steps * LaneGroup.size)
    sums = LaneBlocks(groups: groups, steps: 1, rows: rows)
    for group in 0..<groups { sums[group, 0].update(repeating: 0, count: LaneBlocks.count(rows)) }
  }

  deinit { packed.deallocate() }

  /// Takes the gradients of one step.
  func append(_ block: UnsafePointer<Float>, _ group: LaneGroup, _ step: Int) {
    for panel in 0..<Kernels.rowPanels(rows) {
      Kernels.packRows(
        Kernels.Matrix(block, columns: LaneGroup.size), rows: rows, depth: LaneGroup.size, panel: panel, into: packed,
        at: (group.number * steps + step) * LaneGroup.size, of: depth)
    }
    let sums = sums[group.number, 0]
    for k in stride(from: 0, to: rows * LaneGroup.size, by: LaneGroup.size) {
      store(load(sums + k) + load(block + k), sums + k)
    }
  }

  /// The gradient of the bias.
  func total() -> [Float] {
    (0..<rows).map { row in
      (0..<groups).reduce(SIMD16<Float>.zero) { $0 + load(sums[$1, 0] + row * LaneGroup.size) }.sum()
    }
  }

  /// Σ gradients · seenᵀ, `[rows, columns]`, for the rows of `seen` from `first` on.
  func product(_ seen: LaneBlocks, from first: Int = 0, columns: Int) -> [Float] {
    guard rows * columns > 0, depth > 0 else { return [Float](repeating: 0, count: rows * columns) }
    let right = Kernels.scratch(Kernels.packedColumnCount(columns) * depth)
    defer { right.deallocate() }
    let panels = (columns + 31) / 32
    Threads.forEach(panels, work: rows * columns * depth) { panel in
      for block in 0..<groups * steps {
        Kernels.packColumns(
          Kernels.Matrix(seen[block / steps, block % steps] + first * LaneGroup.size, columns: LaneGroup.size)
            .transposed,
          columns: columns, depth: LaneGroup.size, panel: panel, into: right, at: block * LaneGroup.size, of: depth)
      }
    }
    return [Float](unsafeUninitializedCapacity: rows * columns) { buffer, initialized in
      initialized = rows * columns
      guard let result = buffer.baseAddress else { return }
      Kernels.multiplyPackedOnThreads(packed, right, rows: rows, columns: columns, depth: depth, into: result)
    }
  }
}

/// Weights that each step multiplies with a block, packed once: panels of 24 rows, the last ones of 8.
final class LaneWeights: @unchecked Sendable {
  private let (rows, depth): (Int, Int)
  private let numbers: UnsafeMutablePointer<Float>

  /// The matrices side by side, all of `rows` rows.
  init(_ parts: [(matrix: Kernels.Matrix, columns: Int)], rows: Int) {
    let depth = parts.reduce(0) { $0 + $1.columns }
    let numbers = Kernels.scratch((rows + 7) / 8 * 8 * depth)
    (self.rows, self.depth, self.numbers) = (rows, depth, numbers)
    Threads.forEach(Self.panels(rows), work: rows * depth * 8) { panel in
      let (first, height) = Self.panel(panel, of: rows)
      var target = numbers + first * depth
      for part in parts {
        Self.pack(part.matrix, part.columns, first, Swift.min(height, rows - first), into: target, height)
        target += height * part.columns
      }
    }
  }

  deinit { numbers.deallocate() }

  private static func panels(_ rows: Int) -> Int { rows / 24 + (rows % 24 + 7) / 8 }

  private static func panel(_ number: Int, of rows: Int) -> (first: Int, height: Int) {
    let tall = rows / 24
    return number < tall ? (number * 24, 24) : (tall * 24 + (number - tall) * 8, 8)
  }

  /// `used` rows of a matrix from `first` on as a panel of height `height`.
  private static func pack(
    _ matrix: Kernels.Matrix, _ columns: Int, _ first: Int, _ used: Int, into target: UnsafeMutablePointer<Float>,
    _ height: Int
  ) {
    let source = matrix.start + first * matrix.rowStep
    if matrix.rowStep == 1 && used == height {
      for k in 0..<columns { (target + k * height).update(from: source + k * matrix.columnStep, count: height) }
      return
    }
    var row = 0
    while matrix.columnStep == 1 && row + 4 <= used {
      Kernels.transposeFour(source + row * matrix.rowStep, matrix.rowStep, columns, into: target + row, height)
      row += 4
    }
    while row < height {
      for k in 0..<columns {
        target[k * height + row] = row < used ? source[row * matrix.rowStep + k * matrix.columnStep] : 0
      }
      row += 1
    }
  }

  /// weights · block, into or onto `result`, which has room for whole panels.
  func multiply(
    _ block: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    for panel in 0..<Self.panels(rows) {
      let (first, height) = Self.panel(panel, of: rows)
      let (left, target) = (numbers + first * depth, result + first * LaneGroup.size)
      if height == 24 {
        tile24(left, block, into: target, adding: adding)
      } else {
        tile8(left, block, into: target, adding: adding)
      }
    }
  }

  @inline(__always)
  private func tile24(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    var (a, b) = (a, b)
    var (upper, middle, lower) = (EightRows(), EightRows(), EightRows())
    for _ in 0..<depth {
      let lanes = load(b)
      upper.addProducts(a, lanes)
      middle.addProducts(a + 8, lanes)
      lower.addProducts(a + 16, lanes)
      a += 24
      b += 16
    }
    upper.put(at: c, adding: adding)
    middle.put(at: c + 128, adding: adding)
    lower.put(at: c + 256, adding: adding)
  }

  @inline(__always)
  private func tile8(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    var (a, b) = (a, b)
    var sums = EightRows()
    for _ in 0..<depth {
      sums.addProducts(a, load(b))
      a += 8
      b += 16
    }
    sums.put(at: c, adding: adding)
  }
}

/// Eight rows of a result while they grow, in registers.
private struct EightRows {
  private var (s0, s1, s2, s3) = (SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero)
  private var (s4, s5, s6, s7) = (SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero)

  @inline(__always)
  init() {}

  @inline(__always)
  mutating func addProducts(_ a: UnsafePointer<Float>, _ lanes: SIMD16<Float>) {
    s0.addProduct(SIMD16(repeating: a[0]), lanes)
    s1.addProduct(SIMD16(repeating: a[1]), lanes)
    s2.addProduct(SIMD16(repeating: a[2]), lanes)
    s3.addProduct(SIMD16(repeating: a[3]), lanes)
    s4.addProduct(SIMD16(repeating: a[4]), lanes)
    s5.addProduct(SIMD16(repeating: a[5]), lanes)
    s6.addProduct(SIMD16(repeating: a[6]), lanes)
    s7.addProduct(SIMD16(repeating: a[7]), lanes)
  }

  @inline(__always)
  func put(at c: UnsafeMutablePointer<Float>, adding: Bool) {
    if adding {
      store(load(c) + s0, c)
      store(load(c + 16) + s1, c + 16)
      store(load(c + 32) + s2, c + 32)
      store(load(c + 48) + s3, c + 48)
      store(load(c + 64) + s4, c + 64)
      store(load(c + 80) + s5, c + 80)
      store(load(c + 96) + s6, c + 96)
      store(load(c + 112) + s7, c + 112)
    } else {
      store(s0, c)
      store(s1, c + 16)
      store(s2, c + 32)
      store(s3, c + 48)
      store(s4, c + 64)
      store(s5, c + 80)
      store(s6, c + 96)
      store(s7, c + 112)
    }
  }
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Float>) -> SIMD16<Float> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<Float>.self)
}

@inline(__always)
private func store(_ vector: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: SIMD16<Float>.self)
}

extension Kernels {
  // MARK: In and out of the lanes

  /// `rows` numbers of each sequence of a group, `step` apart, as the rows of a block; zeros in the lanes left over.
  static func gather(
    _ source: UnsafePointer<Float>, step: Int, rows: Int, _ group: LaneGroup, into block: UnsafeMutablePointer<Float>
  ) {
    var lane = 0
    while lane + 4 <= group.count {
      transposeFour(source + lane * step, step, rows, into: block + lane, LaneGroup.size)
      lane += 4
    }
    while lane < LaneGroup.size {
      for row in 0..<rows { block[row * LaneGroup.size + lane] = lane < group.count ? source[lane * step + row] : 0 }
      lane += 1
    }
  }

  /// The way back.
  static func scatter(
    _ block: UnsafePointer<Float>, rows: Int, _ group: LaneGroup, into target: UnsafeMutablePointer<Float>, step: Int
  ) {
    var row = 0
    while row + 4 <= rows {
      transposeFour(block + row * LaneGroup.size, LaneGroup.size, group.count, into: target + row, step)
      row += 4
    }
    while row < rows {
      for lane in 0..<group.count { target[lane * step + row] = block[row * LaneGroup.size + lane] }
      row += 1
    }
  }

  // MARK: Gradients of weights

  /// A matrix cut between two columns.
  static func split(_ x: [Float], at column: Int, of columns: Int) -> ([Float], [Float]) {
    let rows = columns == 0 ? 0 : x.count / columns
    let parts = [0..<column, column..<columns].map { part in
      [Float](unsafeUninitializedCapacity: rows * part.count) { buffer, initialized in
        initialized = rows * part.count
        x.withUnsafeBufferPointer { x in
          guard let source = x.baseAddress, let target = buffer.baseAddress else { return }
          for row in 0..<rows {
            (target + row * part.count).update(from: source + row * columns + part.lowerBound, count: part.count)
          }
        }
      }
    }
    return (parts[0], parts[1])
  }
}
