import Contracts
import Curriculum
import Solutions
import Tensors

let mergeableStandardizerMistakes = [
  Mistake(
    FitsOnEverything.self, in: .mergeableStandardizer, rejectedBy: "the future does not move the past",
    saying: "fit_transform on the whole log"),
  Mistake(
    DropsIncompleteRows.self, in: .mergeableStandardizer,
    rejectedBy: "transform equals scikit-learn's StandardScaler", saying: "dropna"),
  Mistake(
    ScalesToARange.self, in: .mergeableStandardizer, rejectedBy: "transform equals scikit-learn's StandardScaler",
    saying: "min–max scaling"),
  Mistake(
    TakesMissingForZero.self, in: .mergeableStandardizer,
    rejectedBy: "transform equals scikit-learn's StandardScaler", saying: "taken for 0"),
  Mistake(
    MeanOfSquares.self, in: .mergeableStandardizer, rejectedBy: "a variance of 1 survives beside 1e9",
    saying: "E[x²] − E[x]²"),
  Mistake(
    MergesWithinOnly.self, in: .mergeableStandardizer, rejectedBy: "chunks and shards give the state of one pass",
    saying: "between the shards' means"),
  Mistake(
    AveragesMeans.self, in: .mergeableStandardizer, rejectedBy: "chunks and shards give the state of one pass",
    saying: "averaged the two means"),
  Mistake(
    SampleVariance.self, in: .mergeableStandardizer, rejectedBy: "an outlier hides itself: |z| never exceeds √(n − 1)",
    saying: "n − 1"),
  Mistake(
    DividesByNoSpread.self, in: .mergeableStandardizer,
    rejectedBy: "a constant column has scale 1, also after rounding", saying: "0 / 0"),
  Mistake(
    TakesRoundingForSpread.self, in: .mergeableStandardizer,
    rejectedBy: "a constant column has scale 1, also after rounding", saying: "What is left of the variance"),
  Mistake(
    CountsBeforeChecking.self, in: .mergeableStandardizer, rejectedBy: "a refused chunk leaves the state as it was",
    saying: "the state had changed before"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: MergeableStandardizerExercise {}

extension MostlyRight {
  var right: MergeableStandardizer { MergeableStandardizer() }

  func partialFit(_ state: inout StandardizerState, rows: Matrix) throws {
    try right.partialFit(&state, rows: rows)
  }
  func merged(_ a: StandardizerState, _ b: StandardizerState) throws -> StandardizerState { try right.merged(a, b) }
  func transform(_ rows: Matrix, with state: StandardizerState) throws -> Matrix {
    try right.transform(rows, with: state)
  }
  func standardized(_ log: Matrix, fittedOnFirst past: Int) throws -> Matrix {
    try right.standardized(log, fittedOnFirst: past)
  }
}

/// The document's `scaler.fit_transform(data)` before any split.
private struct FitsOnEverything: MostlyRight {
  func standardized(_ log: Matrix, fittedOnFirst past: Int) throws -> Matrix {
    try right.standardized(log, fittedOnFirst: log.rows)
  }
}

/// The document's `data.dropna(inplace=True)`.
private struct DropsIncompleteRows: MostlyRight {
  func partialFit(_ state: inout StandardizerState, rows: Matrix) throws {
    let complete = (0..<rows.rows).map { rows.row($0) }.filter { row in row.allSatisfy { !$0.isNaN } }
    if !complete.isEmpty { try right.partialFit(&state, rows: Matrix(complete)) }
  }
}

/// The document's "the same range". Mean and m2 are made to stand for the lower end and the width.
private struct ScalesToARange: MostlyRight {
  func partialFit(_ state: inout StandardizerState, rows: Matrix) throws {
    for column in 0..<rows.columns {
      let seen = (0..<rows.rows).map { rows[$0, column] }.filter { !$0.isNaN }
      guard let low = seen.min(), let high = seen.max() else { continue }
      state.count[column] = seen.count
      state.mean[column] = low
      state.m2[column] = (high - low) * (high - low) * Double(seen.count)
    }
  }
}

private struct TakesMissingForZero: MostlyRight {
  func partialFit(_ state: inout StandardizerState, rows: Matrix) throws {
    let filled = rows.values.map { $0.isNaN ? 0 : $0 }
    try right.partialFit(&state, rows: Matrix(rows: rows.rows, columns: rows.columns, values: filled))
  }
}

/// Σx² / n − (Σx / n)², the formula of many textbooks.
private struct MeanOfSquares: MostlyRight {
  func partialFit(_ state: inout StandardizerState, rows: Matrix) throws {
    for column in 0..<rows.columns {
      var count = Double(state.count[column])
      var sum = count * state.mean[column]
      var squares = state.m2[column] + count * state.mean[column] * state.mean[column]
      for row in 0..<rows.rows where !rows[row, column].isNaN {
        count += 1
        sum += rows[row, column]
        squares += rows[row, column] * rows[row, column]
      }
      guard count > 0 else { continue }
      state.count[column] = Int(count)
      state.mean[column] = sum / count
      state.m2[column] = squares - sum * sum / count
    }
  }
}

private struct MergesWithinOnly: MostlyRight {
  func merged(_ a: StandardizerState, _ b: StandardizerState) throws -> StandardizerState {
    var both = try right.merged(a, b)
    both.m2 = zip(a.m2, b.m2).map(+)
    return both
  }
}

private struct AveragesMeans: MostlyRight {
  func merged(_ a: StandardizerState, _ b: StandardizerState) throws -> StandardizerState {
    var both = try right.merged(a, b)
    both.mean = zip(a.mean, b.mean).map { ($0 + $1) / 2 }
    return both
  }
}

private struct SampleVariance: MostlyRight {
  func transform(_ rows: Matrix, with state: StandardizerState) throws -> Matrix {
    var sample = state
    for column in state.count.indices where state.count[column] > 1 {
      sample.m2[column] *= Double(state.count[column]) / Double(state.count[column] - 1)
    }
    return try right.transform(rows, with: sample)
  }

  func standardized(_ log: Matrix, fittedOnFirst past: Int) throws -> Matrix {
    var state = StandardizerState(columns: log.columns)
    try partialFit(&state, rows: Matrix((0..<past).map { log.row($0) }))
    return try transform(log, with: state)
  }
}

private struct DividesByNoSpread: MostlyRight {
  func transform(_ rows: Matrix, with state: StandardizerState) throws -> Matrix {
    var z = try right.transform(rows, with: state)
    for column in state.count.indices where state.m2[column] == 0 {
      for row in 0..<rows.rows { z[row, column] = (rows[row, column] - state.mean[column]) / 0 }
    }
    return z
  }
}

/// A chunk's mean by its sum, and a scale of 1 for a variance of exactly 0 alone.
private struct TakesRoundingForSpread: MostlyRight {
  func partialFit(_ state: inout StandardizerState, rows: Matrix) throws {
    var chunk = StandardizerState(columns: rows.columns)
    for column in 0..<rows.columns {
      let seen = (0..<rows.rows).map { rows[$0, column] }.filter { !$0.isNaN }
      guard !seen.isEmpty else { continue }
      chunk.count[column] = seen.count
      chunk.mean[column] = seen.reduce(0, +) / Double(seen.count)
      chunk.m2[column] = seen.reduce(0) { $0 + ($1 - chunk.mean[column]) * ($1 - chunk.mean[column]) }
    }
    state = try right.merged(state, chunk)
  }

  func transform(_ rows: Matrix, with state: StandardizerState) throws -> Matrix {
    var z = try right.transform(rows, with: state)
    for column in state.count.indices where state.m2[column] > 0 {
      let scale = (state.m2[column] / Double(state.count[column])).squareRoot()
      for row in 0..<rows.rows { z[row, column] = (rows[row, column] - state.mean[column]) / scale }
    }
    return z
  }
}

private struct CountsBeforeChecking: MostlyRight {
  func partialFit(_ state: inout StandardizerState, rows: Matrix) throws {
    for row in 0..<rows.rows { try right.partialFit(&state, rows: Matrix([rows.row(row)])) }
  }
}
