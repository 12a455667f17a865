import Contracts
import Tensors

/// Ragged logs as a time-major tensor with lengths and a mask.
///
/// The layout is the one of `torch.nn.utils.rnn.pad_sequence` with `batch_first=False`; Keras and `batch_first=True`
/// want the batch-major one. Written from the definitions of the two offsets.
public struct SequenceTensorTND: SequenceTensorTNDExercise {
  /// Makes the reference.
  public init() {}

  /// Copies each user's last events to steps 0, 1, …
  public func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch {
    guard let width = users.first?.columns else { throw BadInput("pack: there are no users") }
    try BadInput.unless(
      users.allSatisfy { $0.columns == width }, "pack: events of different widths \(users.map(\.columns))")
    try BadInput.unless(maxT >= 1, "pack: maxT is \(maxT)")
    let lengths = users.map { min($0.rows, maxT) }
    let steps = lengths.max() ?? 0
    var x = [Double](repeating: 0, count: steps * users.count * width)
    for (n, user) in users.enumerated() {
      let dropped = user.rows - lengths[n]  // the oldest events go
      for t in 0..<lengths[n] {
        for d in 0..<width { x[(t * users.count + n) * width + d] = user[dropped + t, d] }
      }
    }
    let mask = (0..<steps).map { t in lengths.map { t < $0 } }  // [T][N]
    return TimeMajorBatch(x: x, lengths: lengths, mask: mask)
  }

  /// Moves every number: from (t·N + n)·D + d to (n·T + t)·D + d.
  public func toBatchMajor(_ x: [Double], t: Int, n: Int, d: Int) throws -> [Double] {
    try requireSize(x, t, n, d)
    var result = [Double](repeating: 0, count: x.count)
    for step in 0..<t {
      for user in 0..<n {
        for feature in 0..<d {
          result[(user * t + step) * d + feature] = x[(step * n + user) * d + feature]
        }
      }
    }
    return result
  }

  /// Adds the real steps alone: zero times NaN would be NaN, so the padding is not read at all.
  public func maskedMean(_ x: [Double], t: Int, n: Int, d: Int, lengths: [Int]) throws -> Matrix {
    try requireSize(x, t, n, d)
    try BadInput.unless(lengths.count == n, "\(lengths.count) lengths for \(n) users")
    try BadInput.unless(lengths.allSatisfy { (0...t).contains($0) }, "lengths \(lengths) of a tensor of \(t) steps")
    var mean = Matrix(rows: n, columns: d)
    for (user, length) in lengths.enumerated() where length > 0 {
      for feature in 0..<d {
        var sum = 0.0
        for step in 0..<length { sum += x[(step * n + user) * d + feature] }
        mean[user, feature] = sum / Double(length)
      }
    }
    return mean
  }

  private func requireSize(_ x: [Double], _ t: Int, _ n: Int, _ d: Int) throws {
    try BadInput.unless(t >= 0 && n >= 0 && d >= 0, "a tensor of shape [\(t), \(n), \(d)]")
    try BadInput.unless(x.count == t * n * d, "\(x.count) numbers for a tensor of shape [\(t), \(n), \(d)]")
  }
}
