/// The matrix product at the speed of the machine's multiply-add units.
///
/// Both operands are first copied ("packed") into the order in which the innermost loop reads them: A in panels of 12
/// rows (the last rows in panels of 4), B in panels of 32 columns. The innermost loop holds a 12×32 tile of the result
/// in 24 vector registers. Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008).
///
/// Every number of the result is one chain of multiply-adds over the depth, cut only at multiples of `depthBlock`, so
/// its bits do not depend on how the work is split.
enum Kernels {
  typealias Vector = SIMD16<Float>

  /// The depth of one block: a panel of B of this depth (32 KB) stays in the first-level cache.
  static let depthBlock = 256

  /// A matrix in memory, or its transpose: `rows[i, j]` is `start[i * rowStep + j * columnStep]`.
  struct Matrix {
    let start: UnsafePointer<Float>
    let rowStep: Int
    let columnStep: Int

    init(_ start: UnsafePointer<Float>, columns: Int) {
      self.init(start, rowStep: columns, columnStep: 1)
    }

    init(_ start: UnsafePointer<Float>, rowStep: Int, columnStep: Int) {
      self.start = start
      self.rowStep = rowStep
      self.columnStep = columnStep
    }

    var transposed: Matrix { Matrix(start, rowStep: columnStep, columnStep: rowStep) }
  }

  // MARK: Packing

  /// How many numbers the packed left operand takes.
  static func packedRowCount(_ rows: Int) -> Int { rows / 12 * 12 + (rows % 12 + 3) / 4 * 4 }

  /// How many numbers the packed right operand takes.
  static func packedColumnCount(_ columns: Int) -> Int { (columns + 31) / 32 * 32 }

  /// How many panels the left operand has.
  static func rowPanels(_ rows: Int) -> Int { rows / 12 + (rows % 12 + 3) / 4 }

  /// Packs panel number `panel` of the left operand.
  ///
  /// If the matrix is only a part of the operand along the depth, `offset` says where it begins and `whole` how deep the
  /// operand is.
  static func packRows(
    _ a: Matrix, rows: Int, depth: Int, panel: Int, into packed: UnsafeMutablePointer<Float>, at offset: Int = 0,
    of whole: Int? = nil
  ) {
    let tall = rows / 12
    let (first, height) = panel < tall ? (panel * 12, 12) : (tall * 12 + (panel - tall) * 4, 4)
    let destination = packed + first * (whole ?? depth) + offset * height
    if a.rowStep == 1 && first + height <= rows {
      let source = a.start + first
      for k in 0..<depth {
        var row = 0
        while row < height {
          let four = UnsafeRawPointer(source + k * a.columnStep + row).loadUnaligned(as: SIMD4<Float>.self)
          UnsafeMutableRawPointer(destination + k * height + row).storeBytes(of: four, as: SIMD4<Float>.self)
          row += 4
        }
      }
      return
    }
    var row = 0
    while a.columnStep == 1 && row + 4 <= height && first + row + 4 <= rows {
      transposeFour(a.start + (first + row) * a.rowStep, a.rowStep, depth, into: destination + row, height)
      row += 4
    }
    while row < height {
      if first + row < rows {
        let source = a.start + (first + row) * a.rowStep
        let step = a.columnStep
        for k in 0..<depth { destination[k * height + row] = source[k * step] }
      } else {
        for k in 0..<depth { destination[k * height + row] = 0 }
      }
      row += 1
    }
  }

  /// Packs panel number `panel` of the right operand; `offset` and `whole` as for the left one.
  static func packColumns(
    _ b: Matrix, columns: Int, depth: Int, panel: Int, into packed: UnsafeMutablePointer<Float>, at offset: Int = 0,
    of whole: Int? = nil
  ) {
    let first = panel * 32
    let width = min(32, columns - first)
    let destination = packed + first * (whole ?? depth) + offset * 32
    if b.columnStep == 1 && width == 32 {
      for k in 0..<depth {
        let source = b.start + k * b.rowStep + first
        store(load(source), destination + k * 32)
        store(load(source + 16), destination + k * 32 + 16)
      }
      return
    }
    if width < 32 { destination.update(repeating: 0, count: depth * 32) }
    if b.columnStep == 1 {
      for k in 0..<depth {
        let source = b.start + k * b.rowStep + first
        for column in 0..<width { destination[k * 32 + column] = source[column] }
      }
    } else {
      var column = 0
      while b.rowStep == 1 && column + 4 <= width {
        transposeFour(b.start + (first + column) * b.columnStep, b.columnStep, depth, into: destination + column, 32)
        column += 4
      }
      while column < width {
        let source = b.start + (first + column) * b.columnStep
        let step = b.rowStep
        for k in 0..<depth { destination[k * 32 + column] = source[k * step] }
        column += 1
      }
    }
  }

  /// Four rows of `count` numbers, `step` apart, as four columns of a matrix with rows of `width` numbers.
  static func transposeFour(
    _ rows: UnsafePointer<Float>, _ step: Int, _ count: Int, into target: UnsafeMutablePointer<Float>, _ width: Int
  ) {
    typealias Four = SIMD4<Float>
    let (r0, r1, r2, r3) = (rows, rows + step, rows + 2 * step, rows + 3 * step)
    var k = 0
    while k + 4 <= count {
      let a = UnsafeRawPointer(r0 + k).loadUnaligned(as: Four.self)
      let b = UnsafeRawPointer(r1 + k).loadUnaligned(as: Four.self)
      let c = UnsafeRawPointer(r2 + k).loadUnaligned(as: Four.self)
      let d = UnsafeRawPointer(r3 + k).loadUnaligned(as: Four.self)
      let out = UnsafeMutableRawPointer(target + k * width)
      out.storeBytes(of: Four(a[0], b[0], c[0], d[0]), as: Four.self)
      out.storeBytes(of: Four(a[1], b[1], c[1], d[1]), toByteOffset: width * 4, as: Four.self)
      out.storeBytes(of: Four(a[2], b[2], c[2], d[2]), toByteOffset: width * 8, as: Four.self)
      out.storeBytes(of: Four(a[3], b[3], c[3], d[3]), toByteOffset: width * 12, as: Four.self)
      k += 4
    }
    while k < count {
      let out = target + k * width
      (out[0], out[1], out[2], out[3]) = (r0[k], r1[k], r2[k], r3[k])
      k += 1
    }
  }

  // MARK: Multiplying

  /// C = A·B, or C += A·B if `adding`, for packed operands, on the calling thread: those tiles that the row panels
  /// `panels` and the column panels `columnPanels` make.
  static func multiplyPacked(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows: Int, columns: Int, depth: Int, panels: Range<Int>,
    columnPanels: Range<Int>, into c: UnsafeMutablePointer<Float>, stride: Int, adding: Bool
  ) {
    let whole = rows / 12
    withUnsafeTemporaryAllocation(byteCount: 12 * 32 * 4, alignment: 64) { buffer in
      guard let raw = buffer.baseAddress else { return }
      let scratch = raw.bindMemory(to: Float.self, capacity: 12 * 32)
      var from = 0
      while from < depth {
        let length = min(depthBlock, depth - from)
        let adds = adding || from > 0
        for columnPanel in columnPanels {
          let right = b + columnPanel * 32 * depth + from * 32
          let width = min(32, columns - columnPanel * 32)
          for panel in panels {
            let (first, height) = panel < whole ? (panel * 12, 12) : (whole * 12 + (panel - whole) * 4, 4)
            let left = a + first * depth + from * height
            let target = c + first * stride + columnPanel * 32
            let used = min(height, rows - first)
            if width == 32 && used == height {
              if height == 12 {
                tile12(depth: length, left, right, into: target, stride: stride, adding: adds)
              } else {
                tile4(depth: length, left, right, into: target, stride: stride, adding: adds)
              }
            } else {
              if height == 12 && width <= 16 {
                halfTile12(depth: length, left, right, into: scratch)
              } else if height == 12 {
                tile12(depth: length, left, right, into: scratch, stride: 32, adding: false)
              } else {
                tile4(depth: length, left, right, into: scratch, stride: 32, adding: false)
              }
              for row in 0..<used {
                let (source, destination) = (scratch + row * 32, target + row * stride)
                if adds {
                  for column in 0..<width { destination[column] += source[column] }
                } else {
                  for column in 0..<width { destination[column] = source[column] }
                }
              }
            }
          }
        }
        from += length
      }
    }
  }

  /// C = A·B, or C += A·B if `adding`, on the calling thread, with the packing in `workspace` of at least
  /// `workspaceCount(rows:columns:depth:)` numbers.
  static func multiply(
    _ a: Matrix, _ b: Matrix, rows: Int, columns: Int, depth: Int, into c: UnsafeMutablePointer<Float>, stride: Int,
    adding: Bool, workspace: UnsafeMutablePointer<Float>
  ) {
    let packedA = workspace
    let packedB = workspace + packedRowCount(rows) * depth
    for panel in 0..<rowPanels(rows) { packRows(a, rows: rows, depth: depth, panel: panel, into: packedA) }
    for panel in 0..<(columns + 31) / 32 {
      packColumns(b, columns: columns, depth: depth, panel: panel, into: packedB)
    }
    multiplyPacked(
      packedA, packedB, rows: rows, columns: columns, depth: depth, panels: 0..<rowPanels(rows),
      columnPanels: 0..<(columns + 31) / 32, into: c, stride: stride, adding: adding)
  }

  /// How many numbers `multiply` needs for packing.
  static func workspaceCount(rows: Int, columns: Int, depth: Int) -> Int {
    (packedRowCount(rows) + packedColumnCount(columns)) * depth
  }

  /// A product of two dense matrices for each member of a batch: `[batch, rows, columns]` from `a` `[batch, rows, depth]`,
  /// or `[batch, depth, rows]` if `transposedA`, and `b` `[batch, depth, columns]`, or `[batch, columns, depth]` if
  /// `transposedB`.
  static func product(
    _ a: [Float], _ b: [Float], batch: Int = 1, rows: Int, columns: Int, depth: Int, transposedA: Bool = false,
    transposedB: Bool = false
  ) -> [Float] {
    Memory.keepFreed()
    let size = rows * columns
    guard size * batch > 0 else { return [] }
    guard depth > 0 else { return [Float](repeating: 0, count: size * batch) }
    return [Float](unsafeUninitializedCapacity: size * batch) { buffer, initialized in
      initialized = size * batch
      guard let c = buffer.baseAddress else { return }
      a.withUnsafeBufferPointer { aBuffer in
        b.withUnsafeBufferPointer { bBuffer in
          guard let aStart = aBuffer.baseAddress, let bStart = bBuffer.baseAddress else { return }
          func left(_ member: Int) -> Matrix {
            let start = aStart + member * rows * depth
            return transposedA ? Matrix(start, columns: rows).transposed : Matrix(start, columns: depth)
          }
          func right(_ member: Int) -> Matrix {
            let start = bStart + member * depth * columns
            return transposedB ? Matrix(start, columns: depth).transposed : Matrix(start, columns: columns)
          }
          if batch == 1 {
            multiplyOnThreads(left(0), right(0), rows: rows, columns: columns, depth: depth, into: c)
          } else if isNarrow(rows: rows, columns: columns) {
            for member in 0..<batch {
              multiplyNarrow(
                left(member), right(member), rows: rows, columns: columns, depth: depth, into: c + member * size)
            }
          } else {
            let count = workspaceCount(rows: rows, columns: columns, depth: depth)
            Threads.forEach(batch, work: batch * size * depth) { member in
              let workspace = UnsafeMutablePointer<Float>.allocate(capacity: count)
              multiply(
                left(member), right(member), rows: rows, columns: columns, depth: depth, into: c + member * size,
                stride: columns, adding: false, workspace: workspace)
              workspace.deallocate()
            }
          }
        }
      }
    }
  }

  /// C = A·B: by itself if packing would not pay, else with the packing and the tiles split over the threads.
  static func multiplyOnThreads(
    _ a: Matrix, _ b: Matrix, rows: Int, columns: Int, depth: Int, into c: UnsafeMutablePointer<Float>
  ) {
    if isNarrow(rows: rows, columns: columns) {
      return multiplyNarrow(a, b, rows: rows, columns: columns, depth: depth, into: c)
    }
    if isThin(a, rows: rows, columns: columns) {
      return multiplyThin(a, b, rows: rows, columns: columns, depth: depth, into: c)
    }
    let workspace = UnsafeMutableRawPointer.allocate(
      byteCount: workspaceCount(rows: rows, columns: columns, depth: depth) * 4, alignment: 64)
    defer { workspace.deallocate() }
    let packedA = workspace.assumingMemoryBound(to: Float.self)
    let packedB = packedA + packedRowCount(rows) * depth
    let (panelsA, panelsB) = (rowPanels(rows), (columns + 31) / 32)

    // Eight panels a piece.
    let (piecesA, piecesB) = ((panelsA + 7) / 8, (panelsB + 7) / 8)
    Threads.forEach(piecesA + piecesB, work: rows * columns * depth) { piece in
      if piece < piecesA {
        for panel in (piece * 8)..<min(piece * 8 + 8, panelsA) {
          packRows(a, rows: rows, depth: depth, panel: panel, into: packedA)
        }
      } else {
        for panel in ((piece - piecesA) * 8)..<min((piece - piecesA) * 8 + 8, panelsB) {
          packColumns(b, columns: columns, depth: depth, panel: panel, into: packedB)
        }
      }
    }
    multiplyPackedOnThreads(packedA, packedB, rows: rows, columns: columns, depth: depth, into: c)
  }

  /// C = A·B for packed operands, with the tiles split over the threads.
  static func multiplyPackedOnThreads(
    _ packedA: UnsafePointer<Float>, _ packedB: UnsafePointer<Float>, rows: Int, columns: Int, depth: Int,
    into c: UnsafeMutablePointer<Float>
  ) {
    let (panelsA, panelsB) = (rowPanels(rows), (columns + 31) / 32)
    // At most 16 × 8 panels a piece, so that a block of A (192 × 256 numbers) stays in the second-level cache.
    let (tilesA, tilesB) = ((panelsA + 15) / 16, (panelsB + 7) / 8)
    let (heightA, heightB) = ((panelsA + tilesA - 1) / tilesA, (panelsB + tilesB - 1) / tilesB)
    // A product of one tile is cut in two along its longer side.
    let cutsA = tilesA * tilesB == 1 && panelsA >= panelsB ? 2 : 1
    let cutsB = tilesA * tilesB == 1 && panelsA < panelsB ? 2 : 1
    let (stepA, stepB) = ((heightA + cutsA - 1) / cutsA, (heightB + cutsB - 1) / cutsB)
    let (countA, countB) = ((panelsA + stepA - 1) / stepA, (panelsB + stepB - 1) / stepB)
    Threads.forEach(countA * countB, work: rows * columns * depth) { piece in
      let (i, j) = (piece / countB, piece % countB)
      multiplyPacked(
        packedA, packedB, rows: rows, columns: columns, depth: depth,
        panels: i * stepA..<min((i + 1) * stepA, panelsA), columnPanels: j * stepB..<min((j + 1) * stepB, panelsB),
        into: c, stride: columns, adding: false)
    }
  }

  // MARK: The innermost loops

  /// Multiplies 12 packed rows by 32 packed columns.
  @inline(__always)
  private static func tile12(
    depth: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, stride: Int,
    adding: Bool
  ) {
    var (a, b) = (a, b)
    var (l0, r0) = (Vector.zero, Vector.zero)
    var (l1, r1) = (Vector.zero, Vector.zero)
    var (l2, r2) = (Vector.zero, Vector.zero)
    var (l3, r3) = (Vector.zero, Vector.zero)
    var (l4, r4) = (Vector.zero, Vector.zero)
    var (l5, r5) = (Vector.zero, Vector.zero)
    var (l6, r6) = (Vector.zero, Vector.zero)
    var (l7, r7) = (Vector.zero, Vector.zero)
    var (l8, r8) = (Vector.zero, Vector.zero)
    var (l9, r9) = (Vector.zero, Vector.zero)
    var (l10, r10) = (Vector.zero, Vector.zero)
    var (l11, r11) = (Vector.zero, Vector.zero)
    for _ in 0..<depth {
      let left = load(b)
      let right = load(b + 16)
      let a0 = Vector(repeating: a[0])
      l0.addProduct(a0, left)
      r0.addProduct(a0, right)
      let a1 = Vector(repeating: a[1])
      l1.addProduct(a1, left)
      r1.addProduct(a1, right)
      let a2 = Vector(repeating: a[2])
      l2.addProduct(a2, left)
      r2.addProduct(a2, right)
      let a3 = Vector(repeating: a[3])
      l3.addProduct(a3, left)
      r3.addProduct(a3, right)
      let a4 = Vector(repeating: a[4])
      l4.addProduct(a4, left)
      r4.addProduct(a4, right)
      let a5 = Vector(repeating: a[5])
      l5.addProduct(a5, left)
      r5.addProduct(a5, right)
      let a6 = Vector(repeating: a[6])
      l6.addProduct(a6, left)
      r6.addProduct(a6, right)
      let a7 = Vector(repeating: a[7])
      l7.addProduct(a7, left)
      r7.addProduct(a7, right)
      let a8 = Vector(repeating: a[8])
      l8.addProduct(a8, left)
      r8.addProduct(a8, right)
      let a9 = Vector(repeating: a[9])
      l9.addProduct(a9, left)
      r9.addProduct(a9, right)
      let a10 = Vector(repeating: a[10])
      l10.addProduct(a10, left)
      r10.addProduct(a10, right)
      let a11 = Vector(repeating: a[11])
      l11.addProduct(a11, left)
      r11.addProduct(a11, right)
      a += 12
      b += 32
    }
    put(l0, r0, at: c, adding: adding)
    put(l1, r1, at: c + 1 * stride, adding: adding)
    put(l2, r2, at: c + 2 * stride, adding: adding)
    put(l3, r3, at: c + 3 * stride, adding: adding)
    put(l4, r4, at: c + 4 * stride, adding: adding)
    put(l5, r5, at: c + 5 * stride, adding: adding)
    put(l6, r6, at: c + 6 * stride, adding: adding)
    put(l7, r7, at: c + 7 * stride, adding: adding)
    put(l8, r8, at: c + 8 * stride, adding: adding)
    put(l9, r9, at: c + 9 * stride, adding: adding)
    put(l10, r10, at: c + 10 * stride, adding: adding)
    put(l11, r11, at: c + 11 * stride, adding: adding)
  }

  /// Multiplies 12 packed rows by the first 16 of 32 packed columns, into rows of 32.
  @inline(__always)
  private static func halfTile12(
    depth: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
  ) {
    var (a, b) = (a, b)
    var (s0, s1, s2, s3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    var (s4, s5, s6, s7) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    var (s8, s9, s10, s11) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    for _ in 0..<depth {
      let left = load(b)
      s0.addProduct(Vector(repeating: a[0]), left)
      s1.addProduct(Vector(repeating: a[1]), left)
      s2.addProduct(Vector(repeating: a[2]), left)
      s3.addProduct(Vector(repeating: a[3]), left)
      s4.addProduct(Vector(repeating: a[4]), left)
      s5.addProduct(Vector(repeating: a[5]), left)
      s6.addProduct(Vector(repeating: a[6]), left)
      s7.addProduct(Vector(repeating: a[7]), left)
      s8.addProduct(Vector(repeating: a[8]), left)
      s9.addProduct(Vector(repeating: a[9]), left)
      s10.addProduct(Vector(repeating: a[10]), left)
      s11.addProduct(Vector(repeating: a[11]), left)
      a += 12
      b += 32
    }
    store(s0, c)
    store(s1, c + 1 * 32)
    store(s2, c + 2 * 32)
    store(s3, c + 3 * 32)
    store(s4, c + 4 * 32)
    store(s5, c + 5 * 32)
    store(s6, c + 6 * 32)
    store(s7, c + 7 * 32)
    store(s8, c + 8 * 32)
    store(s9, c + 9 * 32)
    store(s10, c + 10 * 32)
    store(s11, c + 11 * 32)
  }

  /// Multiplies 4 packed rows by 32 packed columns.
  @inline(__always)
  private static func tile4(
    depth: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, stride: Int,
    adding: Bool
  ) {
    var (a, b) = (a, b)
    var (l0, r0) = (Vector.zero, Vector.zero)
    var (l1, r1) = (Vector.zero, Vector.zero)
    var (l2, r2) = (Vector.zero, Vector.zero)
    var (l3, r3) = (Vector.zero, Vector.zero)
    for _ in 0..<depth {
      let left = load(b)
      let right = load(b + 16)
      let a0 = Vector(repeating: a[0])
      l0.addProduct(a0, left)
      r0.addProduct(a0, right)
      let a1 = Vector(repeating: a[1])
      l1.addProduct(a1, left)
      r1.addProduct(a1, right)
      let a2 = Vector(repeating: a[2])
      l2.addProduct(a2, left)
      r2.addProduct(a2, right)
      let a3 = Vector(repeating: a[3])
      l3.addProduct(a3, left)
      r3.addProduct(a3, right)
      a += 4
      b += 32
    }
    put(l0, r0, at: c, adding: adding)
    put(l1, r1, at: c + 1 * stride, adding: adding)
    put(l2, r2, at: c + 2 * stride, adding: adding)
    put(l3, r3, at: c + 3 * stride, adding: adding)
  }

  @inline(__always)
  private static func put(_ left: Vector, _ right: Vector, at c: UnsafeMutablePointer<Float>, adding: Bool) {
    if adding {
      store(load(c) + left, c)
      store(load(c + 16) + right, c + 16)
    } else {
      store(left, c)
      store(right, c + 16)
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  private static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }
}
