/// A dense array of Float32 numbers in row-major order.
///
/// A tensor is a value: assigning copies it, and changing a copy leaves the original alone. Where its history was
/// recorded (see `tracked()`), operations on it can be differentiated with `gradients(of:)`.
///
///     let x = Tensor([1, 2, 3, 4], shape: [2, 2])
///     x[0, 1]            // 2
///     x.matmul(x).scalars  // [7, 10, 15, 22]
public struct Tensor: Sendable {
  /// The length of each axis; `[]` for a single number.
  public private(set) var shape: [Int]

  /// The numbers in row-major order, the last axis fastest. Writing them forgets the history.
  public var scalars: [Float] {
    get { storage }
    _modify {
      let count = storage.count
      history = nil
      yield &storage
      requireShape(
        storage.count == count, "scalars: a tensor of shape \(shape) holds \(count) numbers, found \(storage.count)")
    }
  }

  private var storage: [Float]

  /// How this tensor was computed, or nil for a plain value.
  var history: History?

  /// A tensor of the given shape.
  ///
  /// - Precondition: `scalars.count` is the product of `shape`.
  public init(_ scalars: [Float], shape: [Int]) {
    requireShape(
      scalars.count == Tensor.count(of: shape),
      "Tensor: shape \(shape) holds \(Tensor.count(of: shape)) numbers, found \(scalars.count)")
    self.shape = shape
    self.storage = scalars
  }

  /// A tensor with one axis.
  public init(_ scalars: [Float]) {
    self.shape = [scalars.count]
    self.storage = scalars
  }

  /// A tensor that holds one number and has no axes.
  public init(_ scalar: Float) {
    self.shape = []
    self.storage = [scalar]
  }

  /// A matrix from its rows.
  ///
  /// - Precondition: the rows have one length.
  public init(rows: [[Float]]) {
    let columns = rows.first?.count ?? 0
    requireShape(
      rows.allSatisfy { $0.count == columns }, "Tensor(rows:): rows of different lengths \(rows.map(\.count))")
    self.shape = [rows.count, columns]
    self.storage = rows.flatMap { $0 }
  }

  /// A tensor filled with one number.
  public init(repeating scalar: Float, shape: [Int]) {
    self.shape = shape
    self.storage = [Float](repeating: scalar, count: Tensor.count(of: shape))
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: [Int]) -> Tensor { Tensor(repeating: 0, shape: shape) }

  /// A tensor of ones.
  public static func ones(_ shape: [Int]) -> Tensor { Tensor(repeating: 1, shape: shape) }

  /// Standard normal numbers.
  public static func normal(_ shape: [Int], using random: inout SeededRandom) -> Tensor {
    Tensor((0..<count(of: shape)).map { _ in Float(random.normal()) }, shape: shape)
  }

  /// Numbers uniform in `range`.
  public static func uniform(
    _ shape: [Int], in range: Range<Double> = 0..<1, using random: inout SeededRandom
  ) -> Tensor {
    Tensor((0..<count(of: shape)).map { _ in Float(random.uniform(in: range)) }, shape: shape)
  }

  /// How many numbers a shape holds.
  public static func count(of shape: [Int]) -> Int {
    var product = 1
    for axis in shape { product *= axis }
    return product
  }

  /// How many numbers this tensor holds.
  public var count: Int { storage.count }

  /// How many axes this tensor has.
  public var rank: Int { shape.count }

  /// The one number of a tensor that holds one.
  public var scalar: Float {
    requireShape(storage.count == 1, "scalar: expected one number, found shape \(shape)")
    return storage[0]
  }

  /// Reads or writes one entry of a vector.
  public subscript(i: Int) -> Float {
    get { storage[offset(i)] }
    set {
      history = nil
      storage[offset(i)] = newValue
    }
  }

  /// Reads or writes one entry of a matrix.
  public subscript(i: Int, j: Int) -> Float {
    get { storage[offset(i, j)] }
    set {
      history = nil
      storage[offset(i, j)] = newValue
    }
  }

  /// Reads or writes one entry of a tensor with three axes.
  public subscript(i: Int, j: Int, k: Int) -> Float {
    get { storage[offset(i, j, k)] }
    set {
      history = nil
      storage[offset(i, j, k)] = newValue
    }
  }

  /// Reads or writes one entry of a tensor with four axes.
  public subscript(i: Int, j: Int, k: Int, l: Int) -> Float {
    get { storage[offset(i, j, k, l)] }
    set {
      history = nil
      storage[offset(i, j, k, l)] = newValue
    }
  }
}

extension Tensor {
  private func offset(_ i: Int) -> Int {
    requireShape(rank == 1 && inside(i, 0), "subscript [\(i)] of a tensor of shape \(shape)")
    return i
  }

  private func offset(_ i: Int, _ j: Int) -> Int {
    requireShape(rank == 2 && inside(i, 0) && inside(j, 1), "subscript [\(i), \(j)] of a tensor of shape \(shape)")
    return i * shape[1] + j
  }

  private func offset(_ i: Int, _ j: Int, _ k: Int) -> Int {
    requireShape(
      rank == 3 && inside(i, 0) && inside(j, 1) && inside(k, 2),
      "subscript [\(i), \(j), \(k)] of a tensor of shape \(shape)")
    return (i * shape[1] + j) * shape[2] + k
  }

  private func offset(_ i: Int, _ j: Int, _ k: Int, _ l: Int) -> Int {
    requireShape(
      rank == 4 && inside(i, 0) && inside(j, 1) && inside(k, 2) && inside(l, 3),
      "subscript [\(i), \(j), \(k), \(l)] of a tensor of shape \(shape)")
    return ((i * shape[1] + j) * shape[2] + k) * shape[3] + l
  }

  private func inside(_ index: Int, _ axis: Int) -> Bool { index >= 0 && index < shape[axis] }
}

extension Tensor {
  /// self += share, for two plain values of one shape.
  mutating func add(_ share: Tensor) {
    requireShape(shape == share.shape, "a sum of gradients: \(shape) and \(share.shape)")
    Kernels.accumulate(share.storage, into: &storage)
  }
}

extension Tensor: Equatable {
  /// Whether shape and numbers are equal; the history does not count.
  public static func == (a: Tensor, b: Tensor) -> Bool { a.shape == b.shape && a.storage == b.storage }
}

extension Tensor: CustomStringConvertible {
  /// The shape and at most the first eight numbers.
  public var description: String {
    let shown = storage.prefix(8).map { "\($0)" }.joined(separator: ", ")
    return "Tensor\(shape)[\(shown)\(storage.count > 8 ? ", …" : "")]"
  }
}
