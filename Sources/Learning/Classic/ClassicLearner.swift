import Tensors

/// A learner from before deep networks: settings are a value, and fitting them to examples gives what was learned.
///
/// Examples are Float64 (`Matrix`, one row an example), as in the libraries that these learners are compared with:
/// thresholds, likelihoods and eigenvectors need the digits, and nothing here is differentiated.
///
/// The same seed and examples give the same bits with 1 thread and with many: work is cut into restarts, trees, clusters
/// or blocks of rows, each with a random generator of its own, and never by the number of threads.
///
///     var random = SeededRandom(seed: 7)
///     let fit = try KMeans(clusters: 2).fit(rows, using: &random)
public protocol ClassicLearner: Sendable {
  /// What it learns from.
  associatedtype Examples

  /// What it has learned.
  associatedtype Fitted: Sendable

  /// Learns from examples; they are not kept.
  ///
  /// - Throws: `LearnerError` where nothing can be learned from these examples.
  func fit(_ examples: Examples, using random: inout SeededRandom) throws -> Fitted
}

/// Why a learner cannot learn from, or say anything about, what it was given.
public enum LearnerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// There are fewer examples than the settings need.
  case tooFewExamples(needed: Int, found: Int)

  /// There is no column.
  case noColumns

  /// A number is NaN or infinite.
  case notFinite(row: Int, column: Int)

  /// There are not as many labels as rows.
  case labels(needed: Int, found: Int)

  /// A label is not in 0..<65,536.
  case badLabel(row: Int, label: Int)

  /// The examples have another number of columns than those that were learned from.
  case columns(needed: Int, found: Int)

  /// A series never changes its slope, so that its likelihood has no maximum.
  case withoutVariance

  /// An iteration that should end did not.
  case noConvergence

  /// A sentence that says what was found and what was expected.
  public var description: String {
    switch self {
    case .tooFewExamples(let needed, let found): "at least \(needed) examples are needed, found \(found)"
    case .noColumns: "the examples have no columns"
    case .notFinite(let row, let column): "the number in row \(row), column \(column) is not finite"
    case .labels(let needed, let found): "\(needed) rows need \(needed) labels, found \(found)"
    case .badLabel(let row, let label): "the label of row \(row) is \(label); labels are from 0 to 65535"
    case .columns(let needed, let found): "\(needed) columns were learned from, found \(found)"
    case .withoutVariance: "the series has constant steps: there is no variance to estimate"
    case .noConvergence: "the iteration did not converge"
    }
  }
}

/// Throws where a matrix cannot be learned from.
func requireExamples(_ x: Matrix, atLeast needed: Int = 1) throws {
  if x.rows < needed { throw LearnerError.tooFewExamples(needed: needed, found: x.rows) }
  if x.columns == 0 { throw LearnerError.noColumns }
  try requireFinite(x)
}

/// Throws where a matrix is not of the kind that was learned from.
func requireColumns(_ x: Matrix, _ needed: Int) throws {
  if x.columns != needed { throw LearnerError.columns(needed: needed, found: x.columns) }
  try requireFinite(x)
}

private func requireFinite(_ x: Matrix) throws {
  guard let index = x.values.firstIndex(where: { !$0.isFinite }) else { return }
  throw LearnerError.notFinite(row: index / x.columns, column: index % x.columns)
}
