/// The eigenvalues and eigenvectors of a symmetric matrix: A = Σᵢ λᵢ·vᵢ·vᵢᵀ.
///
///     let eigen = try SymmetricEigen(of: Matrix([[2, 1], [1, 2]]))
///     eigen.values                 // [1, 3]
///     eigen.vectors.row(1)         // ±[0.7071, 0.7071]
///
/// Householder reflections make the matrix tridiagonal, the QL method with implicit shifts makes it diagonal. Eigenvectors
/// are kept as rows, so that every inner loop runs over neighbours in memory. O(n³) time, O(n²) space.
///
/// Source: Bowdler, Martin, Reinsch & Wilkinson, "The QR and QL algorithms for symmetric matrices", Numerische
/// Mathematik 11 (1968); Golub & Van Loan, "Matrix Computations", §8.3.
public struct SymmetricEigen: Sendable {
  /// The eigenvalues in ascending order, `[n]`.
  public let values: [Double]

  /// Row i is the eigenvector of length 1 that belongs to eigenvalue i, `[n, n]`. Its sign has no meaning.
  public let vectors: Matrix

  /// Decomposes a matrix; only its lower triangle is read.
  ///
  /// - Parameter matrix: `[n, n]`, symmetric.
  /// - Throws: `LinearAlgebraError` where a number is not finite or the iteration does not end.
  /// - Precondition: the matrix is square.
  public init(of matrix: Matrix) throws {
    let n = matrix.rows
    requireShape(n == matrix.columns, "SymmetricEigen(of:) of a \(matrix.rows)×\(matrix.columns) matrix")
    try requireFinite(matrix)
    var basis = matrix.values
    var diagonal = [Double](repeating: 0, count: n)
    var below = [Double](repeating: 0, count: n)
    let converged = basis.withUnsafeMutableBufferPointer { basis in
      diagonal.withUnsafeMutableBufferPointer { diagonal in
        below.withUnsafeMutableBufferPointer { below in
          Self.tridiagonalize(basis, diagonal, below, n)
          return Self.diagonalize(basis, diagonal, below, n)
        }
      }
    }
    if !converged { throw LinearAlgebraError.noConvergence }
    let order = (0..<n).sorted { (diagonal[$0], $0) < (diagonal[$1], $1) }
    values = order.map { diagonal[$0] }
    vectors = Matrix(rows: n, columns: n, values: order.flatMap { basis[$0 * n..<($0 + 1) * n] })
  }

  private typealias Buffer = UnsafeMutableBufferPointer<Double>

  /// Replaces A by the rows of Qᵀ where QᵀAQ is tridiagonal; `below[i]` is the entry between i − 1 and i.
  private static func tridiagonalize(_ a: Buffer, _ diagonal: Buffer, _ below: Buffer, _ n: Int) {
    // From the last row up: a reflection clears row i left of its neighbour. Row i keeps the reflection's vector u, and
    // `diagonal[i]` the number h = |u|²/2, until Q is put together.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: n) { work in
      for i in stride(from: n - 1, to: 0, by: -1) {
        let u = Buffer(rebasing: a[i * n..<i * n + i])
        let scale = largest(u, i - 1)
        if i == 1 || scale == 0 {
          below[i] = u[i - 1]
          diagonal[i] = 0
          continue
        }
        let whole = max(scale, abs(u[i - 1]))
        for k in 0..<i { u[k] /= whole }
        var h = dot(u, u, i)
        let f = u[i - 1]
        let g = f > 0 ? -h.squareRoot() : h.squareRoot()
        below[i] = whole * g
        h -= f * g
        u[i - 1] = f - g
        diagonal[i] = h
        // p = A·u/h from the lower triangle alone: row j gives its own sum, and its share to the rows before it.
        for j in 0..<i { work[j] = 0 }
        for j in 0..<i {
          let row = Buffer(rebasing: a[j * n..<j * n + j + 1])
          work[j] += dot(row, u, j) + row[j] * u[j]
          add(u[j], row, to: work, j)
        }
        for j in 0..<i { work[j] /= h }
        let half = dot(u, work, i) / (2 * h)
        // A ← A − u·qᵀ − q·uᵀ with q = p − half·u.
        for j in 0..<i { work[j] -= half * u[j] }
        for j in 0..<i { subtract(u[j], work, work[j], u, from: Buffer(rebasing: a[j * n..<j * n + j + 1]), j + 1) }
      }
      // Put Q together from the first reflection on; row j of `a` becomes row j of Qᵀ.
      for i in 0..<n {
        let h = diagonal[i]
        let u = Buffer(rebasing: a[i * n..<i * n + i])
        if i > 0 && h != 0 {
          for j in 0..<i {
            let row = Buffer(rebasing: a[j * n..<j * n + i])
            add(-dot(u, row, i) / h, u, to: row, i)
          }
        }
        diagonal[i] = a[i * n + i]
        a[i * n + i] = 1
        for j in 0..<i {
          a[i * n + j] = 0
          a[j * n + i] = 0
        }
      }
    }
  }

  /// Rotates the tridiagonal matrix, and the rows of Qᵀ with it, until it is diagonal.
  private static func diagonalize(_ basis: Buffer, _ diagonal: Buffer, _ below: Buffer, _ n: Int) -> Bool {
    for i in 0..<max(0, n - 1) { below[i] = below[i + 1] }
    if n > 0 { below[n - 1] = 0 }
    for l in 0..<n {
      var rounds = 0
      while true {
        var m = l
        while m < n - 1 {
          let size = abs(diagonal[m]) + abs(diagonal[m + 1])
          if abs(below[m]) <= Double.ulpOfOne * size { break }
          m += 1
        }
        if m == l { break }
        if rounds == 60 { return false }
        rounds += 1
        // Wilkinson's shift: the eigenvalue of the leading 2×2 block that is nearer to its corner.
        var g = (diagonal[l + 1] - diagonal[l]) / (2 * below[l])
        var r = hypotenuse(g, 1)
        g = diagonal[m] - diagonal[l] + below[l] / (g + (g >= 0 ? r : -r))
        var (sine, cosine, p) = (1.0, 1.0, 0.0)
        var ended = false
        for i in stride(from: m - 1, through: l, by: -1) {
          let f = sine * below[i]
          let b = cosine * below[i]
          r = hypotenuse(f, g)
          below[i + 1] = r
          if r == 0 {  // the matrix has fallen apart by itself
            diagonal[i + 1] -= p
            below[m] = 0
            ended = true
            break
          }
          sine = f / r
          cosine = g / r
          g = diagonal[i + 1] - p
          r = (diagonal[i] - g) * sine + 2 * cosine * b
          p = sine * r
          diagonal[i + 1] = g + p
          g = cosine * r - b
          rotate(
            Buffer(rebasing: basis[i * n..<(i + 1) * n]), Buffer(rebasing: basis[(i + 1) * n..<(i + 2) * n]), cosine,
            sine, n)
        }
        if ended { continue }
        diagonal[l] -= p
        below[l] = g
        below[m] = 0
      }
    }
    return true
  }

  // MARK: Loops over neighbours, eight at a time

  private static func dot(_ a: Buffer, _ b: Buffer, _ count: Int) -> Double {
    var sum = SIMD8<Double>.zero
    var k = 0
    while k + 8 <= count {
      sum.addProduct(load(a, k), load(b, k))
      k += 8
    }
    var total = sum.sum()
    while k < count {
      total += a[k] * b[k]
      k += 1
    }
    return total
  }

  private static func add(_ factor: Double, _ x: Buffer, to y: Buffer, _ count: Int) {
    var k = 0
    while k + 8 <= count {
      store(load(y, k).addingProduct(load(x, k), SIMD8(repeating: factor)), y, k)
      k += 8
    }
    while k < count {
      y[k] += factor * x[k]
      k += 1
    }
  }

  /// y ← y − a·x − b·z.
  private static func subtract(_ a: Double, _ x: Buffer, _ b: Double, _ z: Buffer, from y: Buffer, _ count: Int) {
    var k = 0
    while k + 8 <= count {
      let first = load(y, k).addingProduct(load(x, k), SIMD8(repeating: -a))
      store(first.addingProduct(load(z, k), SIMD8(repeating: -b)), y, k)
      k += 8
    }
    while k < count {
      y[k] -= a * x[k] + b * z[k]
      k += 1
    }
  }

  private static func rotate(_ x: Buffer, _ y: Buffer, _ cosine: Double, _ sine: Double, _ count: Int) {
    var k = 0
    while k + 8 <= count {
      let (a, b) = (load(x, k), load(y, k))
      store(sine * a + cosine * b, y, k)
      store(cosine * a - sine * b, x, k)
      k += 8
    }
    while k < count {
      let (a, b) = (x[k], y[k])
      y[k] = sine * a + cosine * b
      x[k] = cosine * a - sine * b
      k += 1
    }
  }

  @inline(__always)
  private static func load(_ x: Buffer, _ index: Int) -> SIMD8<Double> {
    UnsafeRawPointer(x.baseAddress.unsafelyUnwrapped + index).loadUnaligned(as: SIMD8<Double>.self)
  }

  @inline(__always)
  private static func store(_ value: SIMD8<Double>, _ x: Buffer, _ index: Int) {
    UnsafeMutableRawPointer(x.baseAddress.unsafelyUnwrapped + index).storeBytes(of: value, as: SIMD8<Double>.self)
  }

  private static func largest(_ x: Buffer, _ count: Int) -> Double {
    var largest = 0.0
    for k in 0..<count { largest = max(largest, abs(x[k])) }
    return largest
  }

  private static func hypotenuse(_ a: Double, _ b: Double) -> Double {
    let (a, b) = (abs(a), abs(b))
    let large = max(a, b)
    if large == 0 { return 0 }
    let ratio = min(a, b) / large
    return large * (1 + ratio * ratio).squareRoot()
  }
}
