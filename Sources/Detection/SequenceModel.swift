import Learning
import Tensors

/// An LSTM over a session that foretells the next action and pause, and, where it was taught with labels, names the
/// type of the current event.
///
/// V actions (and a mark for the beginning), P bins of pauses, K types and the honest one, H hidden units.
public struct SequenceModel {
  /// The sizes.
  public struct Shape: Codable, Sendable, Hashable {
    /// V: the actions, the unknown one included.
    public var actions: Int
    /// K + 1 with labels, 0 without.
    public var types: Int
    /// The width of an action's vector.
    public var embedding = 12
    /// H.
    public var hidden = 32

    /// The logits: V, then P, then the types.
    public var outputs: Int { actions + EventEncoder.pauseBins + types }

    /// Sizes.
    public init(actions: Int, types: Int, embedding: Int = 12, hidden: Int = 32) {
      self.actions = actions
      self.types = types
      self.embedding = embedding
      self.hidden = hidden
    }
  }

  /// The sizes.
  public let shape: Shape
  let embedding: Embedding
  let lstm: LSTM
  let head: Dense

  /// A model with random weights.
  public init(_ shape: Shape, using random: inout SeededRandom) {
    self.shape = shape
    embedding = Embedding(shape.actions + 1, shape.embedding, initializer: .normal(0.3), using: &random)
    lstm = LSTM(
      shape.embedding + EventEncoder.numberNames.count, shape.hidden, returnsSequence: true, using: &random)
    head = Dense(shape.hidden, shape.outputs, using: &random)
    embedding.prefixNames("embedding")
    lstm.prefixNames("lstm")
    head.prefixNames("head")
  }

  /// The embedding's table, the LSTM's weights, the head's.
  public var parameters: [Parameter] { embedding.parameters + lstm.parameters + head.parameters }

  /// The logits after each step.
  ///
  /// - Parameters:
  ///   - actions: N rows of L numbers; V marks the beginning.
  ///   - numbers: `[N, L, D]`, scaled.
  ///   - lengths: how many steps of each row count.
  /// - Returns: `[N, L, V + P + types]`.
  public func logits(actions: [[Int]], numbers: Tensor, lengths: [Int]) -> Tensor {
    let input = Tensor.concatenated([embedding(actions), numbers], axis: 2)
    return head(lstm.states(input, lengths: lengths).sequence)
  }
}
