/// A matrix of Float64 numbers in row-major order, for what needs more digits than a `Tensor` holds.
///
/// It is plain data without a history: gradients are written by hand, or checked by finite differences, which
/// Float32 is too coarse for.
///
///     let a = Matrix([[1, 2], [3, 4]])
///     a[0, 1]                      // 2
///     a.times(a).values            // [7, 10, 15, 22]
///     a.transposed()[0, 1]         // 3
public struct Matrix: Codable, Sendable, Equatable {
  /// How many rows there are.
  public let rows: Int

  /// How many columns there are.
  public let columns: Int

  /// The numbers, row by row.
  public var values: [Double] {
    get { storage }
    _modify {
      yield &storage
      requireShape(storage.count == rows * columns, Self.misfit(rows, columns, storage.count))
    }
  }

  // The subscript is inlined into code that is optimised in another module, where it would otherwise be a call.
  @usableFromInline var storage: [Double]

  /// A matrix of the given numbers.
  ///
  /// - Precondition: there are `rows · columns` numbers.
  public init(rows: Int, columns: Int, values: [Double]) {
    requireShape(
      rows >= 0 && columns >= 0 && values.count == rows * columns, Self.misfit(rows, columns, values.count))
    self.rows = rows
    self.columns = columns
    storage = values
  }

  /// A matrix filled with one number.
  public init(repeating value: Double, rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, values: [Double](repeating: value, count: rows * columns))
  }

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.init(repeating: 0, rows: rows, columns: columns)
  }

  /// A matrix from its rows.
  ///
  /// - Precondition: the rows have one length.
  public init(_ rows: [[Double]]) {
    let columns = rows.first?.count ?? 0
    requireShape(rows.allSatisfy { $0.count == columns }, "Matrix: rows of different lengths \(rows.map(\.count))")
    self.init(rows: rows.count, columns: columns, values: rows.flatMap { $0 })
  }

  /// Standard normal numbers times `scale`.
  public static func normal(
    rows: Int, columns: Int, scale: Double = 1, using random: inout SeededRandom
  ) -> Matrix {
    Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in scale * random.normal() })
  }

  /// Reads or writes one number.
  @inlinable public subscript(row: Int, column: Int) -> Double {
    get { storage[offset(row, column)] }
    _modify { yield &storage[offset(row, column)] }
  }

  /// One row's numbers.
  public func row(_ index: Int) -> [Double] {
    requireShape(index >= 0 && index < rows, "row(\(index)) of a \(rows)×\(columns) matrix")
    return Array(values[index * columns..<(index + 1) * columns])
  }

  /// Rows become columns.
  public func transposed() -> Matrix {
    var result = [Double](repeating: 0, count: values.count)
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
    }
    return Matrix(rows: columns, columns: rows, values: result)
  }

  /// The matrix product: `[n, k]` times `[k, m]` is `[n, m]`.
  ///
  /// Each number is summed in the order of k, in Float64: the same bits on every machine.
  public func times(_ other: Matrix) -> Matrix {
    requireShape(columns == other.rows, "times: \(rows)×\(columns) and \(other.rows)×\(other.columns)")
    let (height, depth, width) = (rows, columns, other.columns)
    let blocks = width / 4 * 4
    let product = [Double](unsafeUninitializedCapacity: height * width) { result, initialized in
      storage.withUnsafeBufferPointer { a in
        other.storage.withUnsafeBytes { b in
          for row in 0..<height {
            // Four columns at a time, so that their sums stay in a register; then the rest one by one.
            var column = 0
            while column < blocks {
              var sum = SIMD4<Double>.zero
              for inner in 0..<depth {
                let four = b.loadUnaligned(fromByteOffset: (inner &* width &+ column) &* 8, as: SIMD4<Double>.self)
                sum += a[row &* depth &+ inner] * four
              }
              for lane in 0..<4 { result[row &* width &+ column &+ lane] = sum[lane] }
              column += 4
            }
            while column < width {
              var sum = 0.0
              for inner in 0..<depth {
                let number = b.loadUnaligned(fromByteOffset: (inner &* width &+ column) &* 8, as: Double.self)
                sum += a[row &* depth &+ inner] * number
              }
              result[row &* width &+ column] = sum
              column += 1
            }
          }
        }
      }
      initialized = height * width
    }
    return Matrix(rows: height, columns: width, values: product)
  }

  /// Decodes a matrix. The data may come from a process that is not trusted: a count that does not fit throws.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rows = try container.decode(Int.self, forKey: .rows)
    let columns = try container.decode(Int.self, forKey: .columns)
    let values = try container.decode([Double].self, forKey: .values)
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard rows >= 0, columns >= 0, !overflow, values.count == count else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container, debugDescription: Self.misfit(rows, columns, values.count))
    }
    self.init(rows: rows, columns: columns, values: values)
  }

  /// Encodes the size and the numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rows, forKey: .rows)
    try container.encode(columns, forKey: .columns)
    try container.encode(values, forKey: .values)
  }

  private enum CodingKeys: String, CodingKey { case rows, columns, values }

  @inlinable func offset(_ row: Int, _ column: Int) -> Int {
    if row < 0 || row >= rows || column < 0 || column >= columns { outside(row, column) }
    return row * columns + column
  }

  @usableFromInline func outside(_ row: Int, _ column: Int) -> Never {
    shapeFailure("subscript [\(row), \(column)] of a \(rows)×\(columns) matrix")
  }

  private static func misfit(_ rows: Int, _ columns: Int, _ count: Int) -> String {
    "Matrix: \(rows)×\(columns) with \(count) numbers"
  }
}
