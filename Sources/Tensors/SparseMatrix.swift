/// A sparse matrix by compressed rows: row `i` has the numbers `values[rowStarts[i]..<rowStarts[i + 1]]` in the columns
/// `columnIndices[rowStarts[i]..<rowStarts[i + 1]]`, which increase within a row.
public struct CSRMatrix: Sendable, Codable, Hashable {
  /// How many rows there are.
  public let rows: Int

  /// How many columns there are.
  public let columns: Int

  /// Where each row starts, and one more: where the last one ends.
  public let rowStarts: [Int]

  /// The column of each number.
  public let columnIndices: [Int]

  /// The numbers.
  public let values: [Float]

  /// A matrix from its parts.
  ///
  /// - Throws: `CSRError` if they contradict each other.
  public init(rows: Int, columns: Int, rowStarts: [Int], columnIndices: [Int], values: [Float]) throws {
    guard rows >= 0, columns >= 0 else { throw CSRError.negativeSize(rows: rows, columns: columns) }
    guard rowStarts.count == rows + 1, rowStarts.first == 0, rowStarts.last == values.count else {
      throw CSRError.rowStarts(count: rowStarts.count, last: rowStarts.last, rows: rows, values: values.count)
    }
    guard columnIndices.count == values.count else {
      throw CSRError.lengths(columnIndices: columnIndices.count, values: values.count)
    }
    for row in 0..<rows {
      guard rowStarts[row] <= rowStarts[row + 1] else { throw CSRError.decreasingRowStart(row: row) }
    }
    for row in 0..<rows {
      var previous = -1
      for index in rowStarts[row]..<rowStarts[row + 1] {
        let column = columnIndices[index]
        guard column > previous, column < columns else {
          throw CSRError.column(column, row: row, previous: previous, columns: columns)
        }
        previous = column
      }
    }
    self.rows = rows
    self.columns = columns
    self.rowStarts = rowStarts
    self.columnIndices = columnIndices
    self.values = values
  }

  /// A matrix from its entries in any order; entries of one place are added.
  ///
  /// - Throws: `CSRError.entry` if one lies outside.
  public init(rows: Int, columns: Int, entries: [(row: Int, column: Int, value: Float)]) throws {
    for entry in entries {
      guard entry.row >= 0, entry.row < rows, entry.column >= 0, entry.column < columns else {
        throw CSRError.entry(row: entry.row, column: entry.column, rows: rows, columns: columns)
      }
    }
    // Sorted by row, then column, then by their order here: the sums come out the same each time.
    let order = entries.indices.sorted { i, j in
      let (a, b) = (entries[i], entries[j])
      return (a.row, a.column, i) < (b.row, b.column, j)
    }
    var (columnIndices, values): ([Int], [Float]) = ([], [])
    var counts = [Int](repeating: 0, count: rows + 1)
    var last = (row: -1, column: -1)
    for index in order {
      let entry = entries[index]
      if last == (entry.row, entry.column) {
        values[values.count - 1] += entry.value
        continue
      }
      last = (entry.row, entry.column)
      columnIndices.append(entry.column)
      values.append(entry.value)
      counts[entry.row + 1] += 1
    }
    for row in 0..<rows { counts[row + 1] += counts[row] }
    try self.init(rows: rows, columns: columns, rowStarts: counts, columnIndices: columnIndices, values: values)
  }

  /// The entries of a matrix that are not 0.
  ///
  /// - Precondition: `dense` has two axes.
  public init(_ dense: Tensor) {
    requireShape(dense.rank == 2, "CSRMatrix: expected two axes, found \(dense.shape)")
    (rows, columns) = (dense.shape[0], dense.shape[1])
    var (starts, indices, values): ([Int], [Int], [Float]) = ([0], [], [])
    let scalars = dense.scalars
    for row in 0..<rows {
      for column in 0..<columns where scalars[row * columns + column] != 0 {
        indices.append(column)
        values.append(scalars[row * columns + column])
      }
      starts.append(values.count)
    }
    (rowStarts, columnIndices, self.values) = (starts, indices, values)
  }

  private init(trusted rows: Int, _ columns: Int, _ rowStarts: [Int], _ columnIndices: [Int], _ values: [Float]) {
    (self.rows, self.columns) = (rows, columns)
    (self.rowStarts, self.columnIndices, self.values) = (rowStarts, columnIndices, values)
  }

  /// Decodes a matrix; data from elsewhere is not trusted.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      rows: container.decode(Int.self, forKey: .rows), columns: container.decode(Int.self, forKey: .columns),
      rowStarts: container.decode([Int].self, forKey: .rowStarts),
      columnIndices: container.decode([Int].self, forKey: .columnIndices),
      values: container.decode([Float].self, forKey: .values))
  }

  private enum CodingKeys: String, CodingKey {
    case rows, columns, rowStarts, columnIndices, values
  }

  /// Rows and columns exchanged.
  public func transposed() -> CSRMatrix {
    var starts = [Int](repeating: 0, count: columns + 1)
    for column in columnIndices { starts[column + 1] += 1 }
    for column in 0..<columns { starts[column + 1] += starts[column] }
    var next = starts
    var indices = [Int](repeating: 0, count: values.count)
    var numbers = [Float](repeating: 0, count: values.count)
    for row in 0..<rows {
      for index in rowStarts[row]..<rowStarts[row + 1] {
        let place = next[columnIndices[index]]
        next[columnIndices[index]] += 1
        indices[place] = row
        numbers[place] = values[index]
      }
    }
    return CSRMatrix(trusted: columns, rows, starts, indices, numbers)
  }

  /// The product with a dense matrix `[columns, N]`; the result is `[rows, N]`. Differentiable in the dense matrix.
  public func matmul(_ dense: Tensor) -> Tensor {
    requireShape(
      dense.rank == 2 && dense.shape[0] == columns, "CSRMatrix.matmul: [\(rows), \(columns)] and \(dense.shape)")
    let width = dense.shape[1]
    let product = Kernels.sparseProduct(self, dense.scalars, width: width)
    return Tensor(product, shape: [rows, width]).recording([dense]) { g, _ in [transposed().matmul(g)] }
  }

  /// The same matrix with all its zeros, `[rows, columns]`.
  public func dense() -> Tensor {
    var result = [Float](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for index in rowStarts[row]..<rowStarts[row + 1] { result[row * columns + columnIndices[index]] = values[index] }
    }
    return Tensor(result, shape: [rows, columns])
  }
}

/// Why the parts of a sparse matrix do not make one.
public enum CSRError: Error, Hashable, CustomStringConvertible {
  /// A size below 0.
  case negativeSize(rows: Int, columns: Int)
  /// The row starts do not run from 0 to the number of values, one for each row and one more.
  case rowStarts(count: Int, last: Int?, rows: Int, values: Int)
  /// Not as many columns as values.
  case lengths(columnIndices: Int, values: Int)
  /// A row ends before it starts.
  case decreasingRowStart(row: Int)
  /// A column outside the matrix, or not above the one before it.
  case column(Int, row: Int, previous: Int, columns: Int)
  /// An entry outside the matrix.
  case entry(row: Int, column: Int, rows: Int, columns: Int)

  /// What was found and what was expected.
  public var description: String {
    switch self {
    case .negativeSize(let rows, let columns): "sparse matrix: the size \(rows) × \(columns) is negative"
    case .rowStarts(let count, let last, let rows, let values):
      "sparse matrix: expected \(rows + 1) row starts from 0 to \(values), found \(count), the last \(last ?? -1)"
    case .lengths(let columnIndices, let values): "sparse matrix: \(columnIndices) column indices for \(values) values"
    case .decreasingRowStart(let row): "sparse matrix: row \(row) ends before it starts"
    case .column(let column, let row, let previous, let columns):
      "sparse matrix: row \(row) has column \(column) after column \(previous); expected an increasing column below \(columns)"
    case .entry(let row, let column, let rows, let columns):
      "sparse matrix: entry (\(row), \(column)) lies outside \(rows) × \(columns)"
    }
  }
}
