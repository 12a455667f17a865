import Contracts
import Foundation
import Tensors

enum MergeableStandardizerChecks {
  typealias Standardizer = any MergeableStandardizerExercise

  static let all: [Check<Standardizer>] = [
    equalsScikitLearn, chunksAndShards, cancellation, outlierHidesItself, pastOnly, constantColumn, refusedChunk,
    badInput,
  ]

  static var equalsScikitLearn: Check<Standardizer> {
    Check(
      "transform equals scikit-learn's StandardScaler", points: 2,
      given: { _ in FitQuestion(fitted: try golden("x"), transformed: try golden("y")) },
      when: { standardizer, question in
        try standardizer.transform(question.transformed, with: try fit(standardizer, [question.fitted]))
      },
      then: { (z: Matrix, question, reference) in
        let (x, y) = (question.fitted, question.transformed)
        let complete = Matrix((0..<x.rows).map { x.row($0) }.filter { row in row.allSatisfy { !$0.isNaN } })
        let afterDropping = try reference.transform(y, with: try fit(reference, [complete]))
        let filled = try reference.transform(zeros(y), with: try fit(reference, [zeros(x)]))
        let filledInFit = try reference.transform(y, with: try fit(reference, [zeros(x)]))
        try expectMatrix(
          z, try golden("z"), "z",
          suspects: [
            Suspect(
              afterDropping,
              "You dropped every row with a missing cell (dropna), and with it the values that were there. Skip the cell, "
                + "keep the row."),
            Suspect(filled, "A missing cell was taken for 0: it says nothing about its column, and stays NaN."),
            Suspect(filledInFit, "A missing cell was taken for 0 in the fit: it says nothing about its column."),
            Suspect(
              rangeScaled(y, by: x),
              "That is min–max scaling: a common range. Standardising gives mean 0 and variance 1, and no common range."
            ),
            Suspect(
              try sampleScaled(y, by: x, reference),
              "You divide m2 by n − 1; StandardScaler and the contract divide by the count."),
          ])
      })
  }

  static var chunksAndShards: Check<Standardizer> {
    Check(
      "chunks and shards give the state of one pass", points: 2,
      given: { random in
        var shards: [Matrix] = []
        for shard in 0..<4 {
          shards.append(
            table(rows: 3 + random.below(15), columns: 3, center: 10 * Double(shard), missing: 0.15, using: &random))
        }
        return ShardQuestion(golden: try golden("x"), shards: shards)
      },
      when: { standardizer, question in try ShardAnswer(standardizer, question) },
      then: { (answer: ShardAnswer, question, reference) in
        let goldens = try Goldens("MergeableStandardizer")
        var expected = StandardizerState(columns: 4)
        expected.count = try goldens.integers("count")
        expected.mean = try goldens.numbers("mean")
        expected.m2 = zip(try goldens.numbers("variance"), expected.count).map { $0 * Double($1) }
        let parts = slices(question.golden, at: [15])
        let a = try fit(reference, [parts[0]])
        let b = try fit(reference, [parts[1]])
        let mergeSuspects = wrongMerges(a, b)
        try expectState(answer.one, expected, "40 rows in one chunk")
        try expectState(
          answer.three, expected, "40 rows in 3 chunks",
          suspects: [
            Suspect(
              try fit(reference, [slices(question.golden, at: [13, 26])[2]]),
              "That is the last chunk alone: partialFit goes on from the state that it is given.")
          ])
        try expectState(answer.each, expected, "40 rows one by one")
        try expectState(answer.ab, expected, "merged(rows 0..<15, rows 15..<40)", suspects: mergeSuspects)
        try expectState(answer.ba, expected, "merged(rows 15..<40, rows 0..<15)", suspects: mergeSuspects)
        let nothing = "A fresh shard changes nothing, and 0 / 0 is not 0."
        for (state, name) in [(answer.freshFirst, "merged(fresh, all)"), (answer.freshLast, "merged(all, fresh)")] {
          guard state.mean.allSatisfy(\.isFinite) else {
            throw Rejection(.notANumber, "\(name): the mean is \(state.mean). \(nothing)")
          }
          try expectState(state, expected, name)
        }
        let whole = try fit(reference, question.shards)
        try expectState(answer.forwards, whole, "four shards merged from the first to the last")
        try expectState(answer.backwards, whole, "four shards merged from the last to the first")
        try expectState(answer.inPairs, whole, "four shards merged in pairs")
      })
  }

  static var cancellation: Check<Standardizer> {
    Check(
      "a variance of 1 survives beside 1e9", points: 1,
      given: { random in
        var values = [1.0, 2, 3, 4]
        values += (0..<40).map { _ in Double(random.below(64)) / 8 }  // exact beside 1e9
        return OffsetQuestion(first: 4, values: values, offset: 1e9 + Double(random.below(1_000_000)))
      },
      when: { standardizer, question in try [0, question.offset].map { try question.variances(standardizer, $0) } },
      then: { (seen: [[Double]], question, reference) in
        guard seen.count == 2, seen.allSatisfy({ $0.count == 6 }) else {
          throw Rejection(.wrongShape, "expected twice six variances")
        }
        let all = variance(try fit(reference, [column(question.values)]))
        let ways = ["in one chunk", "one by one", "as two merged shards"]
        for (index, expected) in [1.25, 1.25, 1.25, all, all, all].enumerated() {
          let what = "the variance of \(index < 3 ? "{1, 2, 3, 4}" : "40 more values")"
          try expectClose(seen[0][index], expected, "\(what), \(ways[index % 3])", tolerance: Tolerance(absolute: 1e-9))
          // Right for small numbers and wrong for large ones: that is cancellation, whatever the formula.
          try expect(
            abs(seen[1][index] - expected) <= 1e-6,
            "\(what) + 1e9, \(ways[index % 3]): expected \(number(expected)), seen \(number(seen[1][index])), and right "
              + "without the 1e9. E[x²] − E[x]² subtracts two numbers near 1e18, where neighbouring Doubles are 128 apart: "
              + "nothing is left.")
        }
      })
  }

  static var outlierHidesItself: Check<Standardizer> {
    Check(
      "an outlier hides itself: |z| never exceeds √(n − 1)", points: 1,
      given: { random in
        let count = 5 + random.below(40)
        var values = (0..<count).map { _ in random.normal() }
        values[random.below(count)] = 1e6
        return [[1, 2, 3, 4, 100], values]
      },
      when: { standardizer, samples in
        try samples.map { values in
          try standardizer.standardized(column(values), fittedOnFirst: values.count).values
        }
      },
      then: { (seen: [[Double]], samples, reference) in
        guard seen.count == 2 else { throw Rejection(.wrongShape, "expected two columns, seen \(seen.count)") }
        let tolerances = [Tolerance(absolute: 1e-8), Tolerance(absolute: 1e-9, relative: 1e-9)]
        for index in 0..<2 {
          let values = samples[index]
          let count = Double(values.count)
          let expected =
            index == 0
            ? try Goldens("MergeableStandardizer").numbers("masked")
            : try reference.standardized(column(values), fittedOnFirst: values.count).values
          let middle = values.sorted()[values.count / 2]
          let spread = 1.4826 * values.map { abs($0 - middle) }.sorted()[values.count / 2]
          try expectClose(
            seen[index], expected,
            index == 0 ? "z of [1, 2, 3, 4, 100]" : "z of \(values.count) values, one of them 1e6",
            tolerance: tolerances[index],
            suspects: [
              Suspect(
                expected.map { $0 * ((count - 1) / count).squareRoot() },
                "You divide m2 by n − 1; the contract divides by the count."),
              Suspect(
                values.map { ($0 - middle) / spread },
                "That is median and MAD: robust, and a good idea, but not what is asked here."),
            ])
          let bound = (count - 1).squareRoot()
          try expectAtMost(
            seen[index].map(abs).max() ?? .nan, bound + 1e-9, "the largest |z| of \(values.count) values")
        }
      })
  }

  static var pastOnly: Check<Standardizer> {
    Check(
      "the future does not move the past", points: 1,
      given: { random in
        let log = table(rows: 60, columns: 3, center: 5, missing: 0.1, using: &random)
        var edited = log
        let past = 25 + random.below(10)
        for cell in past * 3..<log.values.count { edited.values[cell] = 40 + 30 * random.normal() }
        return PastQuestion(log: log, edited: edited, past: past)
      },
      when: { standardizer, question in
        try [question.log, question.edited].map { try standardizer.standardized($0, fittedOnFirst: question.past) }
      },
      then: { (seen: [Matrix], question, reference) in
        guard seen.count == 2 else { throw Rejection(.wrongShape, "expected two tables, seen \(seen.count)") }
        for (z, log) in zip(seen, [question.log, question.edited]) {
          let rest = slices(log, at: [question.past])[1]
          try expectMatrix(
            z, try reference.standardized(log, fittedOnFirst: question.past),
            "z of 60 rows by their first \(question.past)", tolerance: Tolerance(absolute: 1e-10, relative: 1e-10),
            suspects: [
              Suspect(
                try reference.standardized(log, fittedOnFirst: log.rows),
                "That is the article's fit_transform on the whole log: the future, anomalies and all, has set mean and "
                  + "variance."),
              Suspect(
                try reference.transform(log, with: try fit(reference, [rest])), "You fitted on the rows after the past."
              ),
            ])
        }
        let known = question.past * question.log.columns
        let changed = (0..<known).count { cell in
          let (before, after) = (seen[0].values[cell], seen[1].values[cell])
          return before != after && !(before.isNaN && after.isNaN)
        }
        try expect(
          changed == 0,
          "z of the past changed when later rows were edited: not one bit of it may")
      })
  }

  static var constantColumn: Check<Standardizer> {
    Check(
      "a constant column has scale 1, also after rounding", points: 1,
      given: { random in
        // 0.1 is no binary fraction: the sum of ten of them, divided by ten, is another number.
        Matrix((0..<10).map { _ in [0.1, .nan, random.normal()] })
      },
      when: { standardizer, rows in
        let parts = slices(rows, at: [3])
        let states = [
          try fit(standardizer, [rows]), try fit(standardizer, parts),
          try standardizer.merged(try fit(standardizer, [parts[0]]), try fit(standardizer, [parts[1]])),
        ]
        return try states.map { state in
          try standardizer.transform(Matrix([[0.1, .nan, 0], [1.1, 3, 0]]), with: state)
        }
      },
      then: { (seen: [Matrix], _, _) in
        guard seen.count == 3, seen.allSatisfy({ $0.rows == 2 && $0.columns == 3 }) else {
          throw Rejection(.wrongShape, "expected three 2×3 tables")
        }
        for (z, way) in zip(seen, ["one chunk", "two chunks", "two merged shards"]) {
          let what = "z of 0.1 in a column of ten 0.1, \(way)"
          if z[0, 0].isNaN {
            throw Rejection(
              .notANumber, "\(what): expected 0, seen NaN: 0 / 0. A constant column has no spread to divide by.")
          }
          try expect(
            abs(z[0, 0]) <= 1e-9 && abs(z[1, 0] - 1) <= 1e-9,
            "\(what): expected 0, and 1 for 1.1, seen \(number(z[0, 0])) and \(number(z[1, 0])). What is left of the "
              + "variance there is rounding: take 1 for a scale that small.")
          try expect(
            z[0, 1].isNaN && z[1, 1].isNaN,
            "z in a column of which no value was ever seen, \(way): expected NaN, seen \(z[0, 1]) and \(z[1, 1])")
        }
      })
  }

  static var refusedChunk: Check<Standardizer> {
    Check(
      "a refused chunk leaves the state as it was", points: 1,
      given: { random in
        var bad = table(rows: 6, columns: 3, center: 2, missing: 0, using: &random)
        bad[5, 2] = .infinity
        return RefusalQuestion(
          good: table(rows: 12, columns: 3, center: 2, missing: 0.1, using: &random),
          bad: [bad, table(rows: 4, columns: 2, center: 2, missing: 0, using: &random)])
      },
      when: { standardizer, question in
        let before = try fit(standardizer, [question.good])
        return RefusalAnswer(
          before: before,
          after: try question.bad.map { rows in
            var state = before
            do {
              try standardizer.partialFit(&state, rows: rows)
              return nil
            } catch let unfinished as Unfinished {
              throw unfinished
            } catch {
              return state
            }
          })
      },
      then: { (answer: RefusalAnswer, question, _) in
        guard answer.after.count == 2 else { throw Rejection(.wrongShape, "expected two states") }
        let names = ["an infinite cell in the last row", "two columns where the state has three"]
        for (state, name) in zip(answer.after, names) {
          guard let state else { throw Rejection(.wrongValue, "a chunk with \(name): accepted, expected an error") }
          try expect(
            state == answer.before,
            "a chunk with \(name) was refused, but the state had changed before. Look at all cells first: the next "
              + "attempt would count the good rows twice.")
        }
      })
  }

  static var badInput: Check<Standardizer> {
    .refuses(
      "bad input is refused", points: 1,
      [
        "transform before any fit": {
          _ = try $0.transform(Matrix([[1, 2]]), with: StandardizerState(columns: 2))
        },
        "an infinite cell to fit": { try fitOnce($0, Matrix([[1], [.infinity]])) },
        "two columns for a state of three": {
          var state = StandardizerState(columns: 3)
          try $0.partialFit(&state, rows: Matrix([[1, 2]]))
        },
        "an infinite cell to transform": {
          _ = try $0.transform(Matrix([[-.infinity]]), with: try fit($0, [Matrix([[1], [2]])]))
        },
        "three columns to transform by a state of one": {
          _ = try $0.transform(Matrix([[1, 2, 3]]), with: try fit($0, [Matrix([[1], [2]])]))
        },
        "shards of two and three columns": {
          _ = try $0.merged(StandardizerState(columns: 2), StandardizerState(columns: 3))
        },
        "a past of no rows": { _ = try $0.standardized(Matrix([[1], [2]]), fittedOnFirst: 0) },
        "a past of three rows in a log of two": { _ = try $0.standardized(Matrix([[1], [2]]), fittedOnFirst: 3) },
      ])
  }
}

// MARK: - What crosses between the processes

private struct FitQuestion: Codable {
  var fitted: Matrix
  var transformed: Matrix
}

private struct ShardQuestion: Codable {
  var golden: Matrix
  var shards: [Matrix]
}

private struct ShardAnswer: Codable {
  var one, three, each, ab, ba, freshFirst, freshLast, forwards, backwards, inPairs: StandardizerState

  init(_ standardizer: any MergeableStandardizerExercise, _ question: ShardQuestion) throws {
    let x = question.golden
    one = try fit(standardizer, [x])
    three = try fit(standardizer, slices(x, at: [13, 26]))
    each = try fit(standardizer, (0..<x.rows).map { Matrix([x.row($0)]) })
    let parts = try slices(x, at: [15]).map { try fit(standardizer, [$0]) }
    ab = try standardizer.merged(parts[0], parts[1])
    ba = try standardizer.merged(parts[1], parts[0])
    let fresh = StandardizerState(columns: x.columns)
    freshFirst = try standardizer.merged(fresh, one)
    freshLast = try standardizer.merged(one, fresh)
    let shards = try question.shards.map { try fit(standardizer, [$0]) }
    forwards = try shards.dropFirst().reduce(shards[0]) { try standardizer.merged($0, $1) }
    backwards = try shards.dropLast().reversed().reduce(shards[3]) { try standardizer.merged($0, $1) }
    inPairs = try standardizer.merged(
      try standardizer.merged(shards[0], shards[2]), try standardizer.merged(shards[3], shards[1]))
  }
}

private struct OffsetQuestion: Codable {
  var first: Int
  var values: [Double]
  var offset: Double

  /// Of the first values and of all, moved by an offset: in one chunk, one by one, and as two merged shards.
  func variances(_ standardizer: any MergeableStandardizerExercise, _ offset: Double) throws -> [Double] {
    var variances: [Double] = []
    for length in [first, values.count] {
      let rows: [Double] = values.prefix(length).map { $0 + offset }
      let shards: [Matrix] = [column(Array(rows.prefix(length / 2))), column(Array(rows.dropFirst(length / 2)))]
      let states = try shards.map { try fit(standardizer, [$0]) }
      variances.append(variance(try fit(standardizer, [column(rows)])))
      variances.append(variance(try fit(standardizer, rows.map { column([$0]) })))
      variances.append(variance(try standardizer.merged(states[0], states[1])))
    }
    return variances
  }
}

private struct PastQuestion: Codable {
  var log: Matrix
  var edited: Matrix
  var past: Int
}

private struct RefusalQuestion: Codable {
  var good: Matrix
  var bad: [Matrix]
}

private struct RefusalAnswer: Codable {
  var before: StandardizerState
  var after: [StandardizerState?]
}

// MARK: - Making and judging

private func fit(_ standardizer: any MergeableStandardizerExercise, _ chunks: [Matrix]) throws -> StandardizerState {
  var state = StandardizerState(columns: chunks.first?.columns ?? 0)
  for chunk in chunks { try standardizer.partialFit(&state, rows: chunk) }
  return state
}

private func fitOnce(_ standardizer: any MergeableStandardizerExercise, _ chunk: Matrix) throws {
  _ = try fit(standardizer, [chunk])
}

private func variance(_ state: StandardizerState) -> Double {
  guard let m2 = state.m2.first, let count = state.count.first else { return .nan }
  return m2 / Double(count)
}

private func column(_ values: [Double]) -> Matrix { Matrix(rows: values.count, columns: 1, values: values) }

/// Normal numbers with holes; the first two rows are whole.
private func table(
  rows: Int, columns: Int, center: Double, missing: Double, using random: inout SeededRandom
) -> Matrix {
  var table = Matrix(rows: rows, columns: columns)
  for cell in table.values.indices {
    let value = center + 3 * random.normal()
    table.values[cell] = random.bool(probability: missing) && cell >= 2 * columns ? .nan : value
  }
  return table
}

/// The rows cut before the given numbers.
private func slices(_ rows: Matrix, at cuts: [Int]) -> [Matrix] {
  zip([0] + cuts, cuts + [rows.rows]).map { from, to in
    Matrix(
      rows: to - from, columns: rows.columns, values: Array(rows.values[from * rows.columns..<to * rows.columns]))
  }
}

private func zeros(_ rows: Matrix) -> Matrix {
  Matrix(rows: rows.rows, columns: rows.columns, values: rows.values.map { $0.isNaN ? 0 : $0 })
}

/// A golden matrix whose missing cells are marked in a mask, as JSON has no NaN.
private func golden(_ key: String) throws -> Matrix {
  let goldens = try Goldens("MergeableStandardizer")
  let values = zip(try goldens.numbers(key), try goldens.integers(key + "Missing")).map { $1 == 1 ? Double.nan : $0 }
  return Matrix(rows: values.count / 4, columns: 4, values: values)
}

private func rangeScaled(_ rows: Matrix, by fitted: Matrix) -> Matrix {
  var result = rows
  for column in 0..<rows.columns {
    let seen = (0..<fitted.rows).map { fitted[$0, column] }.filter { !$0.isNaN }
    let (low, high) = (seen.min() ?? 0, seen.max() ?? 0)
    for row in 0..<rows.rows { result[row, column] = (rows[row, column] - low) / (high > low ? high - low : 1) }
  }
  return result
}

/// By the standard deviation of a sample, √(m2 / (count − 1)).
private func sampleScaled(
  _ rows: Matrix, by fitted: Matrix, _ reference: any MergeableStandardizerExercise
) throws -> Matrix {
  let state = try fit(reference, [fitted])
  var result = try reference.transform(rows, with: state)
  for column in 0..<rows.columns where state.m2[column] > 0 {
    let count = Double(state.count[column])
    for row in 0..<rows.rows { result[row, column] *= ((count - 1) / count).squareRoot() }
  }
  return result
}

/// What the common wrong formulas make of two shards.
private func wrongMerges(_ a: StandardizerState, _ b: StandardizerState) -> [Suspect<StandardizerState>] {
  var within = a
  var averaged = a
  for column in a.count.indices {
    let (countA, countB) = (Double(a.count[column]), Double(b.count[column]))
    within.count[column] += b.count[column]
    within.mean[column] = (countA * a.mean[column] + countB * b.mean[column]) / (countA + countB)
    within.m2[column] += b.m2[column]
    averaged.count[column] += b.count[column]
    averaged.mean[column] = (a.mean[column] + b.mean[column]) / 2
  }
  return [
    Suspect(
      within,
      "You added what varies within the shards; what lies between the shards' means, δ²·nₐ·nᵦ / (nₐ + nᵦ), is missing."),
    Suspect(averaged, "You averaged the two means: a shard weighs as much as it has values."),
  ]
}

private func expectState(
  _ seen: StandardizerState, _ expected: StandardizerState, _ what: String,
  suspects: [Suspect<StandardizerState>] = []
) throws {
  func named<Value>(_ part: (StandardizerState) -> Value) -> [Suspect<Value>] {
    suspects.map { Suspect(part($0.value), $0.sentence) }
  }
  let tolerance = Tolerance(absolute: 1e-10, relative: 1e-10)
  try expectEqual(seen.count, expected.count, "\(what): count", suspects: named(\.count))
  try expectClose(seen.mean, expected.mean, "\(what): mean", tolerance: tolerance, suspects: named(\.mean))
  try expectClose(seen.m2, expected.m2, "\(what): m2", tolerance: tolerance, suspects: named(\.m2))
}

private func expectMatrix(
  _ seen: Matrix, _ expected: Matrix, _ what: String, tolerance: Tolerance = .double, suspects: [Suspect<Matrix>]
) throws {
  guard seen.rows == expected.rows, seen.columns == expected.columns else {
    throw Rejection(
      .wrongShape,
      "\(what): expected \(expected.rows)×\(expected.columns), seen \(seen.rows)×\(seen.columns)."
        + (seen.rows < expected.rows ? " A row with a missing cell is kept, its cell stays NaN." : ""))
  }
  try expectClose(
    seen.values, expected.values, what, tolerance: tolerance,
    suspects: suspects.map { Suspect($0.value.values, $0.sentence) })
}
