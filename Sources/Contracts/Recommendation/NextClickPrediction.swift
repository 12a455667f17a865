import Learning
import Tensors

/// The next page of a click stream: a log becomes sessions, an embedding, an LSTM and a softmax learn them, and two
/// honest baselines stand beside them on data of the future.
///
/// Legend: B sessions side by side, T steps, V ids, E numbers an embedding, H hidden units. Id 0 is PAD, the filling
/// behind a short session; id 1 is UNK, a page that the training never saw; pages begin at 2. `inputs` are the clicks of
/// a session without its last, `targets` those without its first: the target of a step is the click that follows it.
public protocol NextClickPredictionExercise: ExerciseContract {
  /// The clicks of a log in CSV.
  ///
  /// The first row names the columns; `user`, `time` and `page` are needed, in any order, others are ignored.
  /// `CSV.records` of the module Behavior splits rows, quotes and all, and knows their line numbers.
  ///
  /// - Parameter csv: the text.
  /// - Returns: the clicks in the order of the text.
  /// - Throws: if a column is missing, no click is there, or a row is bad: with another number of fields, an empty user
  ///   or page, a time that is no finite number, a quote that is never closed. For a bad row the error's text names the
  ///   number of the line.
  func readLog(_ csv: String) throws -> [PageClick]

  /// Sessions to train on, and later ones to test on.
  ///
  /// A session is a run of clicks of one user, by time, in which no pause is longer than `gap`. One that ends before
  /// `cut` is for training, one that begins at `cut` or later is for the test; one that lies across belongs to neither.
  /// Sessions of a single click have nothing to predict and are left out.
  ///
  /// - Parameters:
  ///   - log: clicks in any order.
  ///   - gap: the longest pause within a session, in seconds, above 0.
  ///   - cut: when the future begins, in seconds.
  /// - Returns: the sessions, in any order; the clicks of each by time.
  /// - Throws: if the log is empty, the gap is not above 0, or a time, the gap or the cut is not finite.
  func split(_ log: [PageClick], gap: Double, cut: Double) throws -> NextClickSplit

  /// Scores of the next click at *every* step: embedding [V, E] → LSTM [E → H] from states of zero → dense [H → V].
  ///
  /// z = x·Wᵀ + h·Uᵀ + b [4H]; c' = σ(zf) ⊙ c + σ(zi) ⊙ tanh(zg); h' = σ(zo) ⊙ tanh(c'); gates in the order i, f, g, o.
  /// Build the scores from `Tensor` operations (`rows`, `lstm`, `affine`, matmul, sigmoid …): the gradients flow back
  /// through their recorded history.
  ///
  /// - Parameters:
  ///   - ids: B rows of T ids, filled up with PAD on the right.
  ///   - parameters: the six tensors.
  /// - Returns: the logits, `[B, T, V]`; step t depends on the ids up to t alone.
  /// - Throws: if there is no row or no step, the rows differ in length, or an id lies outside 0..<V.
  func forward(_ ids: [[Int]], _ parameters: NextClickParameters) throws -> Tensor

  /// The cross-entropy −log softmax(logits)[target], as the mean over the targets that are not PAD, and its gradient.
  ///
  /// - Parameters:
  ///   - logits: `[B, T, V]`.
  ///   - targets: B rows of T ids.
  /// - Returns: the mean in nats, and its gradient by the logits, `[B, T, V]`.
  /// - Throws: if the counts do not fit, a target lies outside 0..<V, or all are PAD.
  func loss(_ logits: Tensor, targets: [[Int]]) throws -> NextClickLoss

  /// One step of training: forward, loss, back through time, the gradients of all six tensors scaled so that their
  /// *common* norm is at most `model.normLimit`, and one step of `model.adam`.
  ///
  /// `logits.gradients(of:upstream:)` goes back from the gradient of the logits; `clipped(_:toGlobalNorm:)` and `Adam`
  /// are in the module Learning. The embedding of PAD stays as it is.
  ///
  /// - Parameters:
  ///   - model: what is trained.
  ///   - inputs: B rows of T ids.
  ///   - targets: B rows of T ids.
  /// - Returns: the loss before the step, in nats a click.
  /// - Throws: as `forward` and `loss`.
  func trainStep(_ model: inout NextClickModel, inputs: [[Int]], targets: [[Int]]) throws -> Double

  /// How high the click that came stands among all that could have come.
  ///
  ///     rank = 1 + (how many have a strictly better score) + ½·(how many others have the same)
  ///
  /// Excluded ids do not compete. A target that is excluded itself could not be recommended: it is a miss, with 0 for
  /// both figures, and it counts.
  ///
  /// - Parameters:
  ///   - scores: `[M, V]`, larger is better.
  ///   - targets: M ids.
  ///   - k: how many are shown, at least 1.
  ///   - exclude: PAD and UNK.
  /// - Returns: the share of targets with rank ≤ k, and the mean of 1 / rank.
  /// - Throws: if there is no row, the counts do not fit, a target lies outside 0..<V, k < 1, or a score is NaN.
  func rankingMetrics(scores: Matrix, targets: [Int], k: Int, exclude: Set<Int>) throws -> NextClickRanking

  /// The baselines: how often each page is clicked, and how often it follows the last one.
  ///
  ///     popularity(b) = (n(b) + α) / (Σ n + α·(V − 1))
  ///     P(b | a) = (n(a → b) + α) / (Σ n(a → ·) + α·(V − 1)),   or popularity(b) where nothing ever followed a
  ///
  /// for b in 1..<V; PAD is never clicked and has 0. A click follows another only within its session.
  ///
  /// - Parameters:
  ///   - sessions: ids, without PAD.
  ///   - vocabulary: V, at least 2.
  ///   - smoothing: α, at least 0.
  /// - Returns: both tables.
  /// - Throws: if there is no click, an id lies outside 1..<V, or α is negative or not finite.
  func fitMarkov(_ sessions: [[Int]], vocabulary: Int, smoothing: Double) throws -> NextClickMarkov
}

/// One click of a log.
public struct PageClick: Codable, Sendable, Hashable {
  /// Who.
  public var user: String
  /// When, in seconds.
  public var time: Double
  /// The page's name.
  public var page: String

  /// A click.
  public init(user: String, time: Double, page: String) {
    self.user = user
    self.time = time
    self.page = page
  }
}

/// Sessions of the past and sessions of the future.
public struct NextClickSplit: Codable, Sendable, Equatable {
  /// Sessions that ended before the cut.
  public var train: [[PageClick]]
  /// Sessions that began at the cut or later.
  public var test: [[PageClick]]

  /// A split.
  public init(train: [[PageClick]], test: [[PageClick]]) {
    self.train = train
    self.test = test
  }
}

/// The parameters of the model; the 4H rows are four blocks of H, in the order i, f, g, o.
public struct NextClickParameters: Codable, Sendable, Equatable {
  /// A row for each id, `[V, E]`.
  public var embedding: Tensor
  /// W, from the embedding to the gates, `[4H, E]`.
  public var inputWeights: Tensor
  /// U, from the state to the gates, `[4H, H]`.
  public var recurrentWeights: Tensor
  /// b, `[4H]`.
  public var bias: Tensor
  /// From the state to the scores, `[V, H]`.
  public var outputWeights: Tensor
  /// `[V]`.
  public var outputBias: Tensor

  /// Parameters from six tensors, in the order of `tensors`.
  ///
  /// - Precondition: there are six.
  public init(_ tensors: [Tensor]) {
    precondition(tensors.count == 6, "NextClickParameters: six tensors expected, found \(tensors.count)")
    (embedding, inputWeights, recurrentWeights) = (tensors[0], tensors[1], tensors[2])
    (bias, outputWeights, outputBias) = (tensors[3], tensors[4], tensors[5])
  }

  /// All six: embedding, W, U, b, output weights, output bias.
  public var tensors: [Tensor] {
    get { [embedding, inputWeights, recurrentWeights, bias, outputWeights, outputBias] }
    set { self = NextClickParameters(newValue) }
  }
}

/// A model in training.
public struct NextClickModel: Sendable {
  /// What is learned.
  public var parameters: NextClickParameters
  /// The optimizer, with its running means.
  public var adam: Adam
  /// The largest common norm that the gradients may have.
  public var normLimit: Double

  /// A model before its first step.
  public init(parameters: NextClickParameters, adam: Adam, normLimit: Double) {
    self.parameters = parameters
    self.adam = adam
    self.normLimit = normLimit
  }
}

/// A mean cross-entropy and its gradient.
public struct NextClickLoss: Codable, Sendable, Equatable {
  /// The mean over the real targets, in nats.
  public var value: Double
  /// Its gradient by the logits, of their shape; zeros where the target is PAD.
  public var gradient: Tensor

  /// A loss.
  public init(value: Double, gradient: Tensor) {
    self.value = value
    self.gradient = gradient
  }
}

/// How high the clicks that came were ranked.
public struct NextClickRanking: Codable, Sendable, Equatable {
  /// HR@k: the share of targets among the first k.
  public var hitRate: Double
  /// The mean reciprocal rank.
  public var mrr: Double

  /// Two figures.
  public init(hitRate: Double, mrr: Double) {
    self.hitRate = hitRate
    self.mrr = mrr
  }
}

/// A first-order Markov chain over ids.
public struct NextClickMarkov: Codable, Sendable, Equatable {
  /// How likely each id is anywhere, V numbers.
  public var popularity: [Double]
  /// How likely each id is after each, `[V, V]`: row a holds P(· | a).
  public var transitions: Matrix

  /// A baseline.
  public init(popularity: [Double], transitions: Matrix) {
    self.popularity = popularity
    self.transitions = transitions
  }

  /// The scores of the next click: they depend on the last one alone.
  ///
  /// - Parameter prefix: the ids so far; popularity where there are none.
  /// - Returns: V numbers.
  public func scores(after prefix: [Int]) -> [Double] {
    prefix.last.map { transitions.row($0) } ?? popularity
  }
}
