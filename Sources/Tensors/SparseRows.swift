/// Numbers for some rows of a tensor, all other rows being 0: the gradient of a table of which few rows were looked up.
///
/// An optimizer that leaves the other rows alone works on `values` and the parameter's rows of the same numbers:
///
///     var few = table.rows(gradient.rows)          // [rows.count, D], and so for each moment
///     few -= rate * gradient.values
///     table.replaceRows(gradient.rows, with: few)
///
/// A rule whose other rows would move too, by weight decay or by momentum, is by this another rule ("lazy" Adam). The
/// optimizers of `Learning` take gradients in rows and do what they do with dense ones.
public struct SparseRows: Sendable, Equatable {
  /// The shape of the whole tensor.
  public let shape: [Int]

  /// The numbers of the rows that are there, ascending, each once.
  public let rows: [Int]

  /// The rows, `[rows.count, …]`, without a history.
  public let values: Tensor

  /// Rows in any order; those of one number are added in the order in which they come.
  ///
  /// - Parameters:
  ///   - shape: of the whole tensor, `[V, …]`.
  ///   - indices: the number of each row, from 0 to V − 1.
  ///   - values: `[indices.count, …]`, its other axes those of `shape`.
  public init(shape: [Int], adding indices: [Int], values: Tensor) {
    requireShape(
      !shape.isEmpty && values.shape == [indices.count] + shape.dropFirst(),
      "SparseRows: \(values.shape) at \(indices.count) indices of \(shape)")
    for index in indices {
      requireShape(index >= 0 && index < shape[0], "SparseRows: row \(index) of \(shape)")
    }
    let (rows, positions) = Kernels.distinct(indices, below: shape[0])
    let width = Tensor.count(of: Array(shape.dropFirst()))
    var sums = [Float](repeating: 0, count: rows.count * width)
    Kernels.addRows(values.scalars, positions, width: width, into: &sums)
    self.shape = shape
    self.rows = rows
    self.values = Tensor(sums, shape: [rows.count] + shape.dropFirst())
  }

  /// How many numbers a row has.
  var width: Int { Tensor.count(of: Array(shape.dropFirst())) }

  /// The whole tensor, with zeros in all other rows.
  public func dense() -> Tensor { Tensor.zeros(shape).addingRows(values, at: rows) }
}

/// A gradient in the form in which it arose.
public enum Gradient: Sendable, Equatable {
  /// Every number.
  case dense(Tensor)

  /// Some rows; the others are 0.
  case rows(SparseRows)

  /// The shape of the whole tensor, in either case.
  public var shape: [Int] {
    switch self {
    case .dense(let tensor): tensor.shape
    case .rows(let rows): rows.shape
    }
  }

  /// Every number, in either case.
  public func dense() -> Tensor {
    switch self {
    case .dense(let tensor): tensor
    case .rows(let rows): rows.dense()
    }
  }
}

extension Tensor {
  /// The gradients of this single number with respect to `leaves`, as rows where a leaf was only looked up.
  ///
  /// A leaf of which nothing but `rows(_:)` was taken has a gradient in rows, whose cost does not grow with the table.
  /// One that was used in another way too, or not at all, has a dense one. The numbers are those of `gradients(of:)`.
  ///
  /// - Precondition: the tensor holds one number, and every leaf is tracked.
  public func sparseGradients(of leaves: [Tensor]) -> [Gradient] {
    requireShape(count == 1, "sparseGradients: only a single number has gradients, found \(shape)")
    let arrived = arrivals(at: leaves, upstream: Tensor(repeating: 1, shape: shape), keepsLookups: true)
    return leaves.map { leaf in
      let history = leaf.leafHistory("sparseGradients")
      let dense = arrived.gradients[ObjectIdentifier(history)]
      guard let lookups = arrived.lookups[ObjectIdentifier(history)] else {
        return .dense(dense ?? Tensor.zeros(leaf.shape))
      }
      // Each look-up by itself first, as they are added without rows: then the sums have the same bits.
      var parts = lookups.map { SparseRows(shape: leaf.shape, adding: $0.indices, values: $0.values) }
      let rows =
        parts.count == 1
        ? parts.removeFirst()
        : SparseRows(
          shape: leaf.shape, adding: parts.flatMap(\.rows), values: Tensor.concatenated(parts.map(\.values)))
      guard let dense else { return .rows(rows) }
      return .dense(dense.addingRows(rows.values, at: rows.rows))
    }
  }

  /// Puts rows in place of some of this tensor's and forgets the history.
  ///
  /// - Parameters:
  ///   - indices: the numbers of the rows that are replaced; of one that comes twice, the last counts.
  ///   - rows: `[indices.count, …]`, its other axes those of this tensor.
  public mutating func replaceRows(_ indices: [Int], with rows: Tensor) {
    requireShape(
      rank >= 1 && rows.shape == [indices.count] + shape.dropFirst(),
      "replaceRows: \(shape) and \(rows.shape) at \(indices.count) indices")
    for index in indices {
      requireShape(index >= 0 && index < shape[0], "replaceRows: row \(index) of a tensor of shape \(shape)")
    }
    Kernels.replaceRows(rows.scalars, indices, width: Tensor.count(of: Array(shape.dropFirst())), in: &scalars)
  }
}
