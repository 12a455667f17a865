import Contracts
import Curriculum
import Solutions
import Tensors

let sequenceTensorTNDMistakes = [
  Mistake(
    ReshapesToBatchMajor.self, in: .sequenceTensorTND, rejectedBy: "to batch-major by transposing, not by reshaping",
    saying: "that is a reshape"),
  Mistake(
    ReversesAllAxes.self, in: .sequenceTensorTND, rejectedBy: "to batch-major by transposing, not by reshaping",
    saying: "All three axes are reversed"),
  Mistake(
    KeepsTheFirstEvents.self, in: .sequenceTensorTND, rejectedBy: "the last events are kept, and zeros fill the end",
    saying: "You keep the first events"),
  Mistake(
    PadsBefore.self, in: .sequenceTensorTND, rejectedBy: "the last events are kept, and zeros fill the end",
    saying: "The zeros stand before the events"),
  Mistake(
    PacksBatchMajor.self, in: .sequenceTensorTND, rejectedBy: "the last events are kept, and zeros fill the end",
    saying: "That is batch-major"),
  Mistake(
    LengthsOfTheLog.self, in: .sequenceTensorTND, rejectedBy: "the last events are kept, and zeros fill the end",
    saying: "has T real steps"),
  Mistake(
    MaskByUser.self, in: .sequenceTensorTND, rejectedBy: "the last events are kept, and zeros fill the end",
    saying: "That is [N][T]"),
  Mistake(
    AlwaysMaxT.self, in: .sequenceTensorTND, rejectedBy: "where nothing is cut off it is PyTorch's pad_sequence",
    saying: "T is the longest length"),
  Mistake(
    DividesByT.self, in: .sequenceTensorTND, rejectedBy: "padding never reaches the mean",
    saying: "Padding counts as events"),
  Mistake(
    MultipliesByTheMask.self, in: .sequenceTensorTND, rejectedBy: "padding never reaches the mean",
    saying: "Zero times NaN is NaN"),
  Mistake(
    NothingOverNothing.self, in: .sequenceTensorTND, rejectedBy: "padding never reaches the mean",
    saying: "0 / 0 is not a number"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: SequenceTensorTNDExercise {}

extension MostlyRight {
  var right: SequenceTensorTND { SequenceTensorTND() }

  func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch { try right.pack(users, maxT: maxT) }
  func toBatchMajor(_ x: [Double], t: Int, n: Int, d: Int) throws -> [Double] {
    try right.toBatchMajor(x, t: t, n: n, d: d)
  }
  func maskedMean(_ x: [Double], t: Int, n: Int, d: Int, lengths: [Int]) throws -> Matrix {
    try right.maskedMean(x, t: t, n: n, d: d, lengths: lengths)
  }
}

/// The article's tensor is [T, N, D], its code wants [N, T, D]; the shape is changed and the numbers are left.
private struct ReshapesToBatchMajor: MostlyRight {
  func toBatchMajor(_ x: [Double], t: Int, n: Int, d: Int) throws -> [Double] {
    try BadInput.unless(t >= 0 && n >= 0 && d >= 0 && x.count == t * n * d, "sizes")
    return x
  }
}

/// NumPy's `x.T`.
private struct ReversesAllAxes: MostlyRight {
  func toBatchMajor(_ x: [Double], t: Int, n: Int, d: Int) throws -> [Double] {
    let rows = try right.toBatchMajor(x, t: t, n: n, d: d)  // [N, T, D]
    return (0..<d).flatMap { feature in
      (0..<n).flatMap { user in (0..<t).map { rows[(user * t + $0) * d + feature] } }
    }
  }
}

private struct KeepsTheFirstEvents: MostlyRight {
  func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch {
    try right.pack(
      users.map { user in
        let kept = min(user.rows, max(maxT, 0))
        return Matrix(
          rows: kept, columns: user.columns, values: Array(user.values.prefix(kept * user.columns)))
      }, maxT: maxT)
  }
}

/// The default of Keras' `pad_sequences`.
private struct PadsBefore: MostlyRight {
  func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch {
    var batch = try right.pack(users, maxT: maxT)
    let (t, n, d) = (batch.mask.count, users.count, users[0].columns)
    let x = batch.x
    batch.x = [Double](repeating: 0, count: x.count)
    batch.mask = (0..<t).map { step in batch.lengths.map { step >= t - $0 } }
    for (user, length) in batch.lengths.enumerated() {
      for step in 0..<length {
        for feature in 0..<d {
          batch.x[((t - length + step) * n + user) * d + feature] = x[(step * n + user) * d + feature]
        }
      }
    }
    return batch
  }
}

private struct PacksBatchMajor: MostlyRight {
  func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch {
    var batch = try right.pack(users, maxT: maxT)
    batch.x = try right.toBatchMajor(batch.x, t: batch.mask.count, n: users.count, d: users[0].columns)
    return batch
  }
}

private struct LengthsOfTheLog: MostlyRight {
  func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch {
    var batch = try right.pack(users, maxT: maxT)
    batch.lengths = users.map(\.rows)
    return batch
  }
}

private struct MaskByUser: MostlyRight {
  func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch {
    var batch = try right.pack(users, maxT: maxT)
    let steps = batch.mask.count
    batch.mask = batch.lengths.map { length in (0..<steps).map { $0 < length } }
    return batch
  }
}

private struct AlwaysMaxT: MostlyRight {
  func pack(_ users: [Matrix], maxT: Int) throws -> TimeMajorBatch {
    var batch = try right.pack(users, maxT: maxT)
    let extra = maxT - batch.mask.count
    batch.x += [Double](repeating: 0, count: extra * users.count * users[0].columns)
    batch.mask += [[Bool]](repeating: users.map { _ in false }, count: extra)
    return batch
  }
}

private struct DividesByT: MostlyRight {
  func maskedMean(_ x: [Double], t: Int, n: Int, d: Int, lengths: [Int]) throws -> Matrix {
    var mean = try right.maskedMean(x, t: t, n: n, d: d, lengths: lengths.map { _ in t })
    for user in 0..<n {
      for feature in 0..<d where lengths[user] == 0 { mean[user, feature] = 0 }
    }
    return mean
  }
}

private struct MultipliesByTheMask: MostlyRight {
  func maskedMean(_ x: [Double], t: Int, n: Int, d: Int, lengths: [Int]) throws -> Matrix {
    _ = try right.maskedMean(x, t: t, n: n, d: d, lengths: lengths)
    var mean = Matrix(rows: n, columns: d)
    for step in 0..<t {
      for user in 0..<n {
        for feature in 0..<d {
          let mask = step < lengths[user] ? 1.0 : 0.0
          mean[user, feature] += mask * x[(step * n + user) * d + feature] / Double(max(1, lengths[user]))
        }
      }
    }
    return mean
  }
}

private struct NothingOverNothing: MostlyRight {
  func maskedMean(_ x: [Double], t: Int, n: Int, d: Int, lengths: [Int]) throws -> Matrix {
    var mean = try right.maskedMean(x, t: t, n: n, d: d, lengths: lengths)
    for user in 0..<n where lengths[user] == 0 {
      for feature in 0..<d { mean[user, feature] = .nan }
    }
    return mean
  }
}
