import Tensors

/// Behaviour logs of different lengths as one tensor: padding, lengths, a mask, and the order of the numbers.
///
/// T steps, N users, D numbers an event. A time-major tensor `[T, N, D]` keeps entry (t, n, d) at offset
/// (t·N + n)·D + d; a batch-major one `[N, T, D]` keeps (n, t, d) at (n·T + t)·D + d.
public protocol SequenceTensorTNDExercise: ExerciseContract {
  /// Packs the users' events into one time-major tensor.
  ///
  /// T is the length of the longest user, but at most `maxT`. Of a user with more events the *most recent* T are
  /// kept, in their order. A user with fewer begins at step 0, and zeros fill the end.
  ///
  /// - Parameters:
  ///   - users: N matrices `[Tₙ, D]`, one row an event, oldest first; Tₙ may be 0 (such a matrix has D columns, too).
  ///   - maxT: the longest length to keep, at least 1.
  /// - Returns: the tensor, how many steps of each user are real, and the mask.
  /// - Throws: if there are no users, if the widths D differ, or if `maxT` is below 1.
  func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch

  /// Rearranges the numbers of a time-major tensor for a library that wants batch-major ones: out(n, t, d) = x(t, n, d).
  ///
  /// - Parameters:
  ///   - x: t·n·d numbers, `[T, N, D]`.
  ///   - t: steps, at least 0.
  ///   - n: users, at least 0.
  ///   - d: numbers an event, at least 0.
  /// - Returns: the same numbers, `[N, T, D]`.
  /// - Throws: if a size is negative, or `x` does not hold t·n·d numbers.
  func toBatchMajor(_ x: [Double], t: Int, n: Int, d: Int) throws -> [Double]

  /// Each user's mean over the real steps.
  ///
  /// What stands behind a user's length is padding, and does not count, whatever it is: zeros, 1e9, or not a number.
  ///
  /// - Parameters:
  ///   - x: t·n·d numbers, `[T, N, D]`.
  ///   - t: steps.
  ///   - n: users.
  ///   - d: numbers an event.
  ///   - lengths: N numbers of real steps, each in 0...T.
  /// - Returns: the means `[N, D]`; zeros for a user of length 0.
  /// - Throws: as `toBatchMajor`, and if there are not N lengths or one lies outside 0...T.
  func maskedMean(_ x: [Double], t: Int, n: Int, d: Int, lengths: [Int]) throws -> Matrix
}

/// Users of different lengths in one tensor.
public struct TimeMajorBatch: Codable, Sendable, Equatable {
  /// T·N·D numbers; entry (t, n, d) at offset (t·N + n)·D + d, zero where nothing happened.
  public var x: [Double]

  /// How many steps of each user are real, `[N]`, each at most T.
  public var lengths: [Int]

  /// Whether step t of user n is real, `[T][N]`.
  public var mask: [[Bool]]

  /// A batch.
  public init(x: [Double], lengths: [Int], mask: [[Bool]]) {
    self.x = x
    self.lengths = lengths
    self.mask = mask
  }
}
