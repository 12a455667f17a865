/// The innermost loops of convolutions whose left operand is read where it lies: in an image with its channels last a
/// row of a window is one run of numbers, so that twelve windows need twelve places to start from and no copy.
///
/// The tiles are those of the matrix product: 12 × 32 numbers in 24 vector registers.
extension Kernels {
  /// A list of runs of numbers, one after the other along the depth of a product.
  struct Runs {
    /// Where each run begins, from the beginning of its row.
    let starts: UnsafePointer<Int>
    let count: Int
    /// The length of each.
    let length: Int
  }

  /// Rows times columns: `c[targets[i] + j] = Σ a[rows[i] + run + k] · b[…, j]` for 12 rows and 32 columns, or added to
  /// what is there. Targets may overlap: one row is put down after the other.
  @inline(never)
  static func windowTile12(
    _ a: UnsafePointer<Float>, at rows: UnsafePointer<Int>, _ runs: Runs, _ b: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, at targets: UnsafePointer<Int>, adding: Bool
  ) {
    var b = b
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
    for run in 0..<runs.count {
      let start = a + runs.starts[run]
      let (a0, a1, a2, a3) = (start + rows[0], start + rows[1], start + rows[2], start + rows[3])
      let (a4, a5, a6, a7) = (start + rows[4], start + rows[5], start + rows[6], start + rows[7])
      let (a8, a9, a10, a11) = (start + rows[8], start + rows[9], start + rows[10], start + rows[11])
      for k in 0..<runs.length {
        let (left, right) = (load(b), load(b + 16))
        multiplyAdd(a0[k], left, right, &l0, &r0)
        multiplyAdd(a1[k], left, right, &l1, &r1)
        multiplyAdd(a2[k], left, right, &l2, &r2)
        multiplyAdd(a3[k], left, right, &l3, &r3)
        multiplyAdd(a4[k], left, right, &l4, &r4)
        multiplyAdd(a5[k], left, right, &l5, &r5)
        multiplyAdd(a6[k], left, right, &l6, &r6)
        multiplyAdd(a7[k], left, right, &l7, &r7)
        multiplyAdd(a8[k], left, right, &l8, &r8)
        multiplyAdd(a9[k], left, right, &l9, &r9)
        multiplyAdd(a10[k], left, right, &l10, &r10)
        multiplyAdd(a11[k], left, right, &l11, &r11)
        b += 32
      }
    }
    put(l0, r0, at: c + targets[0], adding: adding)
    put(l1, r1, at: c + targets[1], adding: adding)
    put(l2, r2, at: c + targets[2], adding: adding)
    put(l3, r3, at: c + targets[3], adding: adding)
    put(l4, r4, at: c + targets[4], adding: adding)
    put(l5, r5, at: c + targets[5], adding: adding)
    put(l6, r6, at: c + targets[6], adding: adding)
    put(l7, r7, at: c + targets[7], adding: adding)
    put(l8, r8, at: c + targets[8], adding: adding)
    put(l9, r9, at: c + targets[9], adding: adding)
    put(l10, r10, at: c + targets[10], adding: adding)
    put(l11, r11, at: c + targets[11], adding: adding)
  }

  /// The same for the last rows, four at a time.
  @inline(never)
  static func windowTile4(
    _ a: UnsafePointer<Float>, at rows: UnsafePointer<Int>, _ runs: Runs, _ b: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, at targets: UnsafePointer<Int>, adding: Bool
  ) {
    var b = b
    var (l0, r0) = (Vector.zero, Vector.zero)
    var (l1, r1) = (Vector.zero, Vector.zero)
    var (l2, r2) = (Vector.zero, Vector.zero)
    var (l3, r3) = (Vector.zero, Vector.zero)
    for run in 0..<runs.count {
      let start = a + runs.starts[run]
      let (a0, a1, a2, a3) = (start + rows[0], start + rows[1], start + rows[2], start + rows[3])
      for k in 0..<runs.length {
        let (left, right) = (load(b), load(b + 16))
        multiplyAdd(a0[k], left, right, &l0, &r0)
        multiplyAdd(a1[k], left, right, &l1, &r1)
        multiplyAdd(a2[k], left, right, &l2, &r2)
        multiplyAdd(a3[k], left, right, &l3, &r3)
        b += 32
      }
    }
    put(l0, r0, at: c + targets[0], adding: adding)
    put(l1, r1, at: c + targets[1], adding: adding)
    put(l2, r2, at: c + targets[2], adding: adding)
    put(l3, r3, at: c + targets[3], adding: adding)
  }

  /// Transposed rows times columns: `c[32·i + j] = Σ a[places[p] + i] · b[32·p + j]` for 12 rows and 32 columns, or added
  /// to what is there.
  @inline(never)
  static func gradientTile12(
    _ a: UnsafePointer<Float>, at places: UnsafePointer<Int>, count: Int, _ b: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    var b = b
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
    for place in 0..<count {
      let row = a + places[place]
      let (left, right) = (load(b), load(b + 16))
      multiplyAdd(row[0], left, right, &l0, &r0)
      multiplyAdd(row[1], left, right, &l1, &r1)
      multiplyAdd(row[2], left, right, &l2, &r2)
      multiplyAdd(row[3], left, right, &l3, &r3)
      multiplyAdd(row[4], left, right, &l4, &r4)
      multiplyAdd(row[5], left, right, &l5, &r5)
      multiplyAdd(row[6], left, right, &l6, &r6)
      multiplyAdd(row[7], left, right, &l7, &r7)
      multiplyAdd(row[8], left, right, &l8, &r8)
      multiplyAdd(row[9], left, right, &l9, &r9)
      multiplyAdd(row[10], left, right, &l10, &r10)
      multiplyAdd(row[11], left, right, &l11, &r11)
      b += 32
    }
    put(l0, r0, at: c, adding: adding)
    put(l1, r1, at: c + 32, adding: adding)
    put(l2, r2, at: c + 64, adding: adding)
    put(l3, r3, at: c + 96, adding: adding)
    put(l4, r4, at: c + 128, adding: adding)
    put(l5, r5, at: c + 160, adding: adding)
    put(l6, r6, at: c + 192, adding: adding)
    put(l7, r7, at: c + 224, adding: adding)
    put(l8, r8, at: c + 256, adding: adding)
    put(l9, r9, at: c + 288, adding: adding)
    put(l10, r10, at: c + 320, adding: adding)
    put(l11, r11, at: c + 352, adding: adding)
  }

  /// The same for four rows.
  @inline(never)
  static func gradientTile4(
    _ a: UnsafePointer<Float>, at places: UnsafePointer<Int>, count: Int, _ b: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, adding: Bool
  ) {
    var b = b
    var (l0, r0) = (Vector.zero, Vector.zero)
    var (l1, r1) = (Vector.zero, Vector.zero)
    var (l2, r2) = (Vector.zero, Vector.zero)
    var (l3, r3) = (Vector.zero, Vector.zero)
    for place in 0..<count {
      let row = a + places[place]
      let (left, right) = (load(b), load(b + 16))
      multiplyAdd(row[0], left, right, &l0, &r0)
      multiplyAdd(row[1], left, right, &l1, &r1)
      multiplyAdd(row[2], left, right, &l2, &r2)
      multiplyAdd(row[3], left, right, &l3, &r3)
      b += 32
    }
    put(l0, r0, at: c, adding: adding)
    put(l1, r1, at: c + 32, adding: adding)
    put(l2, r2, at: c + 64, adding: adding)
    put(l3, r3, at: c + 96, adding: adding)
  }

  @inline(__always)
  private static func multiplyAdd(
    _ factor: Float, _ left: Vector, _ right: Vector, _ l: inout Vector, _ r: inout Vector
  ) {
    let factors = Vector(repeating: factor)
    l.addProduct(factors, left)
    r.addProduct(factors, right)
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
