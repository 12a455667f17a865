/// Products that are too thin for packing to pay, and sums along rows and columns.
extension Kernels {
  // MARK: Thin products

  /// Whether a long left operand meets at most 16 columns: packing it would cost as much as the product.
  static func isThin(_ a: Matrix, rows: Int, columns: Int) -> Bool {
    columns >= 2 && columns <= 16 && rows >= 64 && (a.columnStep == 1 || a.rowStep == 1)
  }

  /// C = A·B for at most 16 columns, with A read where it lies.
  static func multiplyThin(
    _ a: Matrix, _ b: Matrix, rows: Int, columns: Int, depth: Int, into c: UnsafeMutablePointer<Float>
  ) {
    let packed = scratch(depth * 16)
    defer { packed.deallocate() }
    packed.update(repeating: 0, count: depth * 16)
    for k in 0..<depth {
      for column in 0..<columns { packed[k * 16 + column] = b.start[k * b.rowStep + column * b.columnStep] }
    }
    // A piece has 96 rows; it reads as much of a transposed operand's rows at once.
    Threads.forEach((rows + 95) / 96, work: rows * depth * 16) { piece in
      let (first, end) = (piece * 96, min(piece * 96 + 96, rows))
      withUnsafeTemporaryAllocation(byteCount: 96 * 16 * 4, alignment: 64) { buffer in
        guard let raw = buffer.baseAddress else { return }
        let sums = raw.bindMemory(to: Float.self, capacity: 96 * 16)
        sums.update(repeating: 0, count: 96 * 16)
        // Rows that lie one behind the other need no blocks: their sums stay in registers to the end.
        let block = a.columnStep == 1 ? depth : 64
        var from = 0
        while from < depth {
          let length = min(block, depth - from)
          var row = first
          while row < end {
            let start = a.start + row * a.rowStep + from * a.columnStep
            let (right, target) = (packed + from * 16, sums + (row - first) * 16)
            if row + 8 <= end {
              eightRows(start, a.rowStep, a.columnStep, right, length, target)
              row += 8
            } else {
              oneRow(start, a.columnStep, right, length, target)
              row += 1
            }
          }
          from += length
        }
        for row in first..<end {
          for column in 0..<columns { c[row * columns + column] = sums[(row - first) * 16 + column] }
        }
      }
    }
  }

  @inline(__always)
  private static func eightRows(
    _ a: UnsafePointer<Float>, _ rowStep: Int, _ columnStep: Int, _ b: UnsafePointer<Float>, _ depth: Int,
    _ sums: UnsafeMutablePointer<Float>
  ) {
    var (s0, s1, s2, s3) = (load(sums), load(sums + 16), load(sums + 32), load(sums + 48))
    var (s4, s5, s6, s7) = (load(sums + 64), load(sums + 80), load(sums + 96), load(sums + 112))
    var (upper, lower, right) = (a, a + 4 * rowStep, b)
    for _ in 0..<depth {
      let numbers = load(right)
      s0.addProduct(Vector(repeating: upper[0]), numbers)
      s1.addProduct(Vector(repeating: upper[rowStep]), numbers)
      s2.addProduct(Vector(repeating: upper[2 * rowStep]), numbers)
      s3.addProduct(Vector(repeating: upper[3 * rowStep]), numbers)
      s4.addProduct(Vector(repeating: lower[0]), numbers)
      s5.addProduct(Vector(repeating: lower[rowStep]), numbers)
      s6.addProduct(Vector(repeating: lower[2 * rowStep]), numbers)
      s7.addProduct(Vector(repeating: lower[3 * rowStep]), numbers)
      upper += columnStep
      lower += columnStep
      right += 16
    }
    store(s0, sums)
    store(s1, sums + 16)
    store(s2, sums + 32)
    store(s3, sums + 48)
    store(s4, sums + 64)
    store(s5, sums + 80)
    store(s6, sums + 96)
    store(s7, sums + 112)
  }

  @inline(__always)
  private static func oneRow(
    _ a: UnsafePointer<Float>, _ columnStep: Int, _ b: UnsafePointer<Float>, _ depth: Int,
    _ sums: UnsafeMutablePointer<Float>
  ) {
    var sum = load(sums)
    for k in 0..<depth { sum.addProduct(Vector(repeating: a[k * columnStep]), load(b + k * 16)) }
    store(sum, sums)
  }

  // MARK: Narrow products

  /// Whether packing would cost more than the product itself.
  static func isNarrow(rows: Int, columns: Int) -> Bool { rows < 3 || columns < 2 }

  /// C = A·B where one side is a vector or nearly so, without packing.
  static func multiplyNarrow(
    _ a: Matrix, _ b: Matrix, rows: Int, columns: Int, depth: Int, into c: UnsafeMutablePointer<Float>
  ) {
    if a.columnStep == 1 && b.rowStep == 1 {
      for row in 0..<rows {
        for column in 0..<columns {
          c[row * columns + column] = dot(a.start + row * a.rowStep, b.start + column * b.columnStep, depth)
        }
      }
    } else if b.columnStep == 1 && columns >= 16 {
      for row in 0..<rows {
        let target = c + row * columns
        target.update(repeating: 0, count: columns)
        for k in 0..<depth {
          addScaled(a.start[row * a.rowStep + k * a.columnStep], b.start + k * b.rowStep, to: target, count: columns)
        }
      }
    } else {
      c.update(repeating: 0, count: rows * columns)
      for k in 0..<depth {
        for row in 0..<rows {
          let factor = a.start[row * a.rowStep + k * a.columnStep]
          for column in 0..<columns {
            c[row * columns + column] += factor * b.start[k * b.rowStep + column * b.columnStep]
          }
        }
      }
    }
  }

  /// Σ a·b.
  static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var (s0, s1) = (Vector.zero, Vector.zero)
    var i = 0
    while i + 32 <= count {
      s0.addProduct(load(a + i), load(b + i))
      s1.addProduct(load(a + i + 16), load(b + i + 16))
      i += 32
    }
    if i + 16 <= count {
      s0.addProduct(load(a + i), load(b + i))
      i += 16
    }
    var sum = (s0 + s1).sum()
    // Number by number, each would wait for the one before it.
    if i + 8 <= count {
      let left = UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<Float>.self)
      sum += (left * UnsafeRawPointer(b + i).loadUnaligned(as: SIMD8<Float>.self)).sum()
      i += 8
    }
    while i < count {
      sum += a[i] * b[i]
      i += 1
    }
    return sum
  }

  /// The sums of the columns of a matrix of `width` columns.
  static func columnSums(_ x: [Float], width: Int) -> [Float] {
    var sums = [Float](repeating: 0, count: width)
    guard width > 0 else { return sums }
    let rows = x.count / width
    x.withUnsafeBufferPointer { x in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let x = x.baseAddress, let sums = sums.baseAddress else { return }
        for row in 0..<rows { addScaled(1, x + row * width, to: sums, count: width) }
      }
    }
    return sums
  }

  /// target += factor · source.
  static func addScaled(
    _ factor: Float, _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    let factors = Vector(repeating: factor)
    var i = 0
    while i + 16 <= count {
      store(load(target + i).addingProduct(factors, load(source + i)), target + i)
      i += 16
    }
    while i < count {
      target[i] += factor * source[i]
      i += 1
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
