import Tensors

/// How a weight's first numbers are drawn.
public struct Initializer: Sendable {
  private let draw: @Sendable (_ shape: [Int], _ fanIn: Int, _ fanOut: Int, _ random: inout SeededRandom) -> Tensor

  /// An initialiser of one's own.
  ///
  /// - Parameter draw: receives the shape, and how many inputs and outputs a unit is connected to.
  public init(_ draw: @escaping @Sendable (_ shape: [Int], _ fanIn: Int, _ fanOut: Int, inout SeededRandom) -> Tensor) {
    self.draw = draw
  }

  /// Draws a weight.
  public func callAsFunction(_ shape: [Int], fanIn: Int, fanOut: Int, using random: inout SeededRandom) -> Tensor {
    draw(shape, fanIn, fanOut, &random)
  }

  /// Zeros.
  public static let zeros = Initializer { shape, _, _, _ in Tensor.zeros(shape) }

  /// Uniform in ±`bound`.
  public static func uniform(_ bound: Double) -> Initializer {
    Initializer { shape, _, _, random in symmetric(shape, bound, &random) }
  }

  /// Normal with the given standard deviation.
  public static func normal(_ deviation: Float) -> Initializer {
    Initializer { shape, _, _, random in Tensor.normal(shape, using: &random) * deviation }
  }

  /// Uniform in ±√(6 / (fan in + fan out)) (Glorot & Bengio 2010; Keras' default).
  public static let glorotUniform = Initializer { shape, fanIn, fanOut, random in
    symmetric(shape, (6 / Double(fanIn + fanOut)).squareRoot(), &random)
  }

  /// Normal with deviation √(2 / fan in) (He et al. 2015).
  public static let heNormal = Initializer { shape, fanIn, _, random in
    Tensor.normal(shape, using: &random) * Float((2 / Double(fanIn)).squareRoot())
  }

  /// Uniform in ±√(6 / fan in) (He et al. 2015).
  public static let heUniform = Initializer { shape, fanIn, _, random in
    symmetric(shape, (6 / Double(fanIn)).squareRoot(), &random)
  }

  /// Uniform in ±1/√(fan in): PyTorch's default for linear and convolution layers (`kaiming_uniform_` with a = √5).
  public static let kaimingUniform = Initializer { shape, fanIn, _, random in
    symmetric(shape, 1 / Double(fanIn).squareRoot(), &random)
  }

  /// Orthonormal rows, or columns if there are more rows (Saxe et al. 2014); the axes after the first count as one.
  public static let orthogonal = Initializer { shape, _, _, random in
    let rows = shape.first ?? 1
    let columns = rows == 0 ? 0 : Tensor.count(of: shape) / rows
    let (long, short) = (max(rows, columns), min(rows, columns))
    // Gram–Schmidt, twice for accuracy, on `short` random vectors of length `long`.
    var vectors = (0..<short).map { _ in (0..<long).map { _ in random.normal() } }
    for i in 0..<short {
      for _ in 0..<2 {
        for j in 0..<i {
          var dot = 0.0
          for k in 0..<long { dot += vectors[i][k] * vectors[j][k] }
          for k in 0..<long { vectors[i][k] -= dot * vectors[j][k] }
        }
      }
      var square = 0.0
      for k in 0..<long { square += vectors[i][k] * vectors[i][k] }
      let norm = square.squareRoot()
      for k in 0..<long { vectors[i][k] /= norm }
    }
    let byShort = Tensor(vectors.flatMap { $0.map { Float($0) } }, shape: [short, long])
    return (rows <= columns ? byShort : byShort.transposed()).reshaped(shape)
  }

  /// Ones.
  public static let ones = Initializer { shape, _, _, _ in Tensor.ones(shape) }

  /// One number everywhere.
  public static func constant(_ number: Float) -> Initializer {
    Initializer { shape, _, _, _ in Tensor(repeating: number, shape: shape) }
  }

  /// Normal with the given standard deviation before everything beyond two deviations is drawn anew.
  public static func truncatedNormal(_ deviation: Float) -> Initializer {
    Initializer { shape, _, _, random in truncated(shape, Double(deviation), &random) }
  }

  /// Normal with deviation √(2 / (fan in + fan out)) (Glorot & Bengio 2010).
  public static let glorotNormal = Initializer { shape, fanIn, fanOut, random in
    Tensor.normal(shape, using: &random) * Float((2 / Double(fanIn + fanOut)).squareRoot())
  }

  /// Normal with deviation √(1 / fan in) (LeCun et al. 1998).
  public static let lecunNormal = Initializer { shape, fanIn, _, random in
    Tensor.normal(shape, using: &random) * Float((1 / Double(fanIn)).squareRoot())
  }

  /// Uniform in ±√(3 / fan in) (LeCun et al. 1998).
  public static let lecunUniform = Initializer { shape, fanIn, _, random in
    symmetric(shape, (3 / Double(fanIn)).squareRoot(), &random)
  }

  /// The initialiser that Keras (`"he_normal"`) or PyTorch (`"kaiming_normal_"`) calls by this name, with that library's
  /// defaults; nil if neither has it.
  ///
  /// Keras draws its scaled normal numbers truncated at two deviations, and corrects the deviation for it; PyTorch does
  /// not truncate. PyTorch's `kaiming_…_` have a = 0 by default; its layers call them with a = √5, which is
  /// `Initializer.kaimingUniform`.
  public static func named(_ name: String) -> Initializer? {
    switch name {
    case "zeros", "zeros_": .zeros
    case "ones", "ones_": .ones
    case "glorot_uniform", "xavier_uniform_": .glorotUniform
    case "xavier_normal_": .glorotNormal
    case "glorot_normal": scaledTruncated { fanIn, fanOut in 2 / (fanIn + fanOut) }
    case "he_uniform", "kaiming_uniform_": .heUniform
    case "kaiming_normal_": .heNormal
    case "he_normal": scaledTruncated { fanIn, _ in 2 / fanIn }
    case "lecun_uniform": .lecunUniform
    case "lecun_normal": scaledTruncated { fanIn, _ in 1 / fanIn }
    case "random_normal": .normal(0.05)
    case "normal_": .normal(1)
    case "random_uniform": .uniform(0.05)
    case "uniform_": Initializer { shape, _, _, random in Tensor.uniform(shape, using: &random) }
    case "truncated_normal": .truncatedNormal(0.05)
    case "trunc_normal_": .truncatedNormal(1)
    case "orthogonal", "orthogonal_": .orthogonal
    default: nil
    }
  }

  /// Truncated at two deviations, with the given variance afterwards, as Keras draws.
  private static func scaledTruncated(_ variance: @escaping @Sendable (Double, Double) -> Double) -> Initializer {
    Initializer { shape, fanIn, fanOut, random in
      // 0.8796… is the deviation of a standard normal number truncated at ±2.
      truncated(shape, variance(Double(fanIn), Double(fanOut)).squareRoot() / 0.879_625_661_034_239_78, &random)
    }
  }

  private static func truncated(_ shape: [Int], _ deviation: Double, _ random: inout SeededRandom) -> Tensor {
    let numbers = (0..<Tensor.count(of: shape)).map { _ in
      var x = random.normal()
      while abs(x) > 2 { x = random.normal() }
      return Float(x * deviation)
    }
    return Tensor(numbers, shape: shape)
  }

  private static func symmetric(_ shape: [Int], _ bound: Double, _ random: inout SeededRandom) -> Tensor {
    bound > 0 ? Tensor.uniform(shape, in: -bound..<bound, using: &random) : Tensor.zeros(shape)
  }
}
