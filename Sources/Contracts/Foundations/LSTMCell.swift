import Tensors

/// One cell of a long short-term memory, forward and backward, and how long it remembers.
///
/// Legend: B sequences side by side, D inputs, H memory cells, T steps. Everything is Float64.
public protocol LSTMCellExercise: ExerciseContract {
  /// One step forward.
  ///
  ///     z  = x·Wihᵀ + bih + h·Whhᵀ + bhh                    [B, 4H], four blocks of H columns: i, f, g, o
  ///     i, f, o = σ(zi), σ(zf), σ(zo)      g = tanh(zg)     [B, H] each
  ///     c' = f ⊙ c + i ⊙ g                                  the memory: what is kept plus what is new
  ///     h' = o ⊙ tanh(c')                                   what the cell shows of it
  ///
  /// Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997); the forget gate f is from Gers,
  /// Schmidhuber & Cummins, "Learning to Forget", Neural Computation 12 (2000).
  ///
  /// - Parameters:
  ///   - x: the input, `[B, D]`.
  ///   - h: the state shown after the step before, `[B, H]`.
  ///   - c: the memory after the step before, `[B, H]`.
  ///   - weights: the parameters, with the gates in the order i, f, g, o.
  /// - Returns: h' and c', and what `backward` will need.
  /// - Throws: if a shape does not fit, or a number of `x` is not finite.
  func step(_ x: Matrix, h: Matrix, c: Matrix, weights: LSTMCellWeights) throws -> LSTMCellStep

  /// The same step backward: the chain rule by hand.
  ///
  /// c' reaches the loss on two ways, through h' and through all later steps, and both shares add up.
  ///
  /// - Parameters:
  ///   - dh: the gradient of the loss with respect to h', `[B, H]`.
  ///   - dc: the gradient that reaches c' from the later steps, `[B, H]`; not through h'.
  ///   - cache: what the step forward left.
  ///   - weights: the parameters of that step.
  /// - Returns: the gradients with respect to x, h, c and every parameter, summed over the B sequences.
  /// - Throws: if a shape does not fit.
  func backward(dh: Matrix, dc: Matrix, cache: LSTMCellCache, weights: LSTMCellWeights) throws -> LSTMCellGradients

  /// How much of a memory, and so of the gradient along it, is left: log₁₀ of the product of a cell's forget gates.
  ///
  /// - Parameter forget: the gates' values, `[T, H]`.
  /// - Returns: one number a cell; −∞ where a gate was shut.
  /// - Throws: if there is no step, or a value lies outside [0, 1].
  func cellMemoryLog10(forget: Matrix) throws -> [Double]

  /// The chrono initialisation: a forget bias for each cell, such that the cells' memories span the horizon.
  ///
  /// b = log u with u uniform in [1, T − 1], so that a cell forgets over about u steps. Whoever uses it sets the input
  /// gate's bias to −b. Tallec & Ollivier, "Can recurrent neural networks warp time?", ICLR 2018.
  ///
  /// - Parameters:
  ///   - hidden: H, how many cells.
  ///   - horizon: T, how long the longest dependency may be, at least 3.
  ///   - random: where every random number comes from.
  /// - Returns: H biases in [0, log(T − 1)].
  /// - Throws: if H is not positive or T is below 3.
  func chronoForgetBias(hidden: Int, horizon: Int, using random: inout SeededRandom) throws -> [Double]
}

/// The parameters of a cell, or a gradient for each; four blocks of H rows in the order i, f, g, o.
public struct LSTMCellWeights: Codable, Sendable, Equatable {
  /// Wih, from the input, `[4H, D]`.
  public var input: Matrix
  /// Whh, from the state, `[4H, H]`.
  public var hidden: Matrix
  /// bih, `[4H]`.
  public var inputBias: [Double]
  /// bhh, `[4H]`: PyTorch and cuDNN keep two biases, which are only ever used as a sum.
  public var hiddenBias: [Double]

  /// The parameters of a cell.
  public init(input: Matrix, hidden: Matrix, inputBias: [Double], hiddenBias: [Double]) {
    self.input = input
    self.hidden = hidden
    self.inputBias = inputBias
    self.hiddenBias = hiddenBias
  }

  /// Zeros.
  public init(inputs: Int, hidden size: Int) {
    self.init(
      input: Matrix(rows: 4 * size, columns: inputs), hidden: Matrix(rows: 4 * size, columns: size),
      inputBias: [Double](repeating: 0, count: 4 * size), hiddenBias: [Double](repeating: 0, count: 4 * size))
  }
}

/// What `backward` needs of a step: the state before, the gates, and the memory after. All `[B, H]` but `x`.
public struct LSTMCellCache: Sendable, Equatable {
  /// The input, `[B, D]`.
  public var x: Matrix
  /// The state before the step.
  public var h: Matrix
  /// The memory before the step.
  public var c: Matrix
  /// The input gate σ(zi).
  public var i: Matrix
  /// The forget gate σ(zf).
  public var f: Matrix
  /// The candidate tanh(zg).
  public var g: Matrix
  /// The output gate σ(zo).
  public var o: Matrix
  /// The memory after the step, c'.
  public var next: Matrix

  /// What a step leaves.
  public init(x: Matrix, h: Matrix, c: Matrix, i: Matrix, f: Matrix, g: Matrix, o: Matrix, next: Matrix) {
    self.x = x
    self.h = h
    self.c = c
    self.i = i
    self.f = f
    self.g = g
    self.o = o
    self.next = next
  }
}

/// What a step forward returns.
public struct LSTMCellStep: Sendable, Equatable {
  /// h', `[B, H]`.
  public var h: Matrix
  /// c', `[B, H]`.
  public var c: Matrix
  /// What `backward` needs.
  public var cache: LSTMCellCache

  /// A step.
  public init(h: Matrix, c: Matrix, cache: LSTMCellCache) {
    self.h = h
    self.c = c
    self.cache = cache
  }
}

/// What a step backward returns.
public struct LSTMCellGradients: Codable, Sendable, Equatable {
  /// With respect to the input, `[B, D]`.
  public var x: Matrix
  /// With respect to the state before, `[B, H]`.
  public var h: Matrix
  /// With respect to the memory before, `[B, H]`.
  public var c: Matrix
  /// With respect to the parameters.
  public var weights: LSTMCellWeights

  /// The gradients of a step.
  public init(x: Matrix, h: Matrix, c: Matrix, weights: LSTMCellWeights) {
    self.x = x
    self.h = h
    self.c = c
    self.weights = weights
  }
}
