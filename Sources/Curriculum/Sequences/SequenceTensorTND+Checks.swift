import Contracts
import Tensors

enum SequenceTensorTNDChecks {
  typealias Encoder = any SequenceTensorTNDExercise

  static let all: [Check<Encoder>] = [
    lastEventsAreKept, transposeNotReshape, paddingDoesNotCount, equalsPadSequence, eachUserHisOwn, badInput,
  ]

  static var lastEventsAreKept: Check<Encoder> {
    Check(
      "the last events are kept, and zeros fill the end", points: 3,
      given: { random in Ragged(users: Ragged.users([3, 1, 0, 5], width: 2, using: &random), maxT: 4) },
      when: { encoder, ragged in try encoder.pack(ragged.users, maxT: ragged.maxT) },
      then: { (seen: TimeMajorBatch, ragged, reference) in
        try expectPacked(seen, ragged, reference)
      })
  }

  static var transposeNotReshape: Check<Encoder> {
    Check(
      "to batch-major by transposing, not by reshaping", points: 2,
      given: { random in
        let goldens = try Goldens("SequenceTensorTND")
        return try (0..<3).map { try goldens.numbers("timeMajor\($0)") }
          + [Matrix.normal(rows: 42, columns: 5, using: &random).values]
      },
      when: { encoder, tensors in
        try zip(shapes, tensors).map { shape, x in
          let y = try encoder.toBatchMajor(x, t: shape.t, n: shape.n, d: shape.d)
          return TwoWays(there: y, andBack: try encoder.toBatchMajor(y, t: shape.n, n: shape.t, d: shape.d))
        }
      },
      then: { (seen: [TwoWays], tensors, reference) in
        guard seen.count == 4 else { throw Rejection(.wrongShape, "expected 4 answers, seen \(seen.count)") }
        let goldens = try Goldens("SequenceTensorTND")
        for (index, shape) in shapes.enumerated() {
          let x = tensors[index]
          let expected =
            try index < 3
            ? goldens.numbers("batchMajor\(index)") : reference.toBatchMajor(x, t: shape.t, n: shape.n, d: shape.d)
          let name = "[\(shape.t), \(shape.n), \(shape.d)]"
          try expectClose(
            seen[index].there, expected, "\(name) in batch-major order",
            suspects: [
              Suspect(
                x,
                "The numbers have not moved: that is a reshape. It gives each user's row the events of others; transpose "
                  + "the first two axes."),
              Suspect(
                (0..<shape.d).flatMap { d in
                  (0..<shape.n).flatMap { n in (0..<shape.t).map { t in x[(t * shape.n + n) * shape.d + d] } }
                }, "All three axes are reversed; the features stay last."),
            ])
          try expectClose(seen[index].andBack, x, "\(name) there and back with t and n swapped")
        }
      })
  }

  static var paddingDoesNotCount: Check<Encoder> {
    Check(
      "padding never reaches the mean", points: 2,
      given: { random in
        let lengths = [5, 0, 1, 3, 2 + random.below(3)]
        let (t, n, d) = (5, lengths.count, 3)
        return [0, 1e9, Double.nan].map { filling in
          var stream = random  // the same real numbers for every filling
          var x = Matrix.normal(rows: t * n, columns: d, using: &stream).values
          for step in 0..<t {
            for user in 0..<n where step >= lengths[user] {
              for feature in 0..<d { x[(step * n + user) * d + feature] = filling }
            }
          }
          return Padded(x: x, t: t, n: n, d: d, lengths: lengths)
        }
      },
      when: { encoder, tensors in
        try tensors.map { try encoder.maskedMean($0.x, t: $0.t, n: $0.n, d: $0.d, lengths: $0.lengths) }
      },
      then: { (seen: [Matrix], tensors, reference) in
        guard seen.count == 3 else { throw Rejection(.wrongShape, "expected 3 answers, seen \(seen.count)") }
        let (x, t, n, d, lengths) = (tensors[0].x, tensors[0].t, tensors[0].n, tensors[0].d, tensors[0].lengths)
        let expected = try reference.maskedMean(x, t: t, n: n, d: d, lengths: lengths)
        let nothing = "A user without events has a mean of zeros here: 0 / 0 is not a number."
        let whole = PaddedMean.overAllSteps(x, t: t, n: n, d: d)
        for (index, filling) in ["0", "1e9", "NaN"].enumerated() {
          let what = "the means \(Array(lengths)) steps long, padding \(filling)"
          guard seen[index].rows == n, seen[index].columns == d else {
            throw Rejection(
              .wrongShape, "\(what): expected [\(n), \(d)], seen [\(seen[index].rows), \(seen[index].columns)]")
          }
          if index == 2 && seen[1] == seen[0] && seen[2].values.contains(where: \.isNaN) {
            throw Rejection(
              .notANumber,
              "\(what): seen NaN. Zero times NaN is NaN: do not multiply by the mask, leave the padding unread.")
          }
          try expectClose(
            seen[index].values, expected.values, what, tolerance: Tolerance(absolute: 1e-9, relative: 1e-9),
            suspects: [
              Suspect(
                whole.values, "That is the sum divided by T. Padding counts as events: divide by the user's length."),
              Suspect(
                PaddedMean.overAllSteps(tensors[index].x, t: t, n: n, d: d).values,
                "Padding is added to the sum. Add the first `lengths[n]` steps alone."),
              Suspect(
                PaddedMean.realSumOverT(tensors[index].x, t: t, n: n, d: d, lengths: lengths).values,
                "The sum is right, but divided by T. Divide by the user's length."),
              Suspect(expected.replacingRow(1, with: .nan).values, nothing),
            ])
        }
      })
  }

  static var equalsPadSequence: Check<Encoder> {
    Check(
      "where nothing is cut off it is PyTorch's pad_sequence", points: 1,
      given: { _ in
        let goldens = try Goldens("SequenceTensorTND")
        var rows = try goldens.numbers("rows")[...]
        let users = try goldens.integers("lengths").map { length in
          defer { rows = rows.dropFirst(3 * length) }
          return Matrix(rows: length, columns: 3, values: Array(rows.prefix(3 * length)))
        }
        return Ragged(users: users, maxT: 100)
      },
      when: { encoder, ragged in
        let batch = try encoder.pack(ragged.users, maxT: ragged.maxT)
        return WithMeans(
          batch: batch, means: try encoder.maskedMean(batch.x, t: batch.mask.count, n: 4, d: 3, lengths: batch.lengths))
      },
      then: { (seen: WithMeans, ragged, reference) in
        let goldens = try Goldens("SequenceTensorTND")
        try expectPacked(seen.batch, ragged, reference)
        try expectClose(seen.batch.x, try goldens.numbers("padded"), "the padded tensor")
        try expectClose(seen.means.values, try goldens.numbers("means"), "NumPy's masked means")
      })
  }

  static var eachUserHisOwn: Check<Encoder> {
    Check(
      "packed and transposed, each row is one user's own", points: 1,
      given: { random in
        (0..<5).map { _ in
          let lengths = (0..<1 + random.below(5)).map { _ in random.below(7) } + [3]
          return Ragged(
            users: Ragged.users(lengths, width: 1 + random.below(3), using: &random), maxT: 1 + random.below(6))
        }
      },
      when: { encoder, batches in
        try batches.map { ragged in
          let batch = try encoder.pack(ragged.users, maxT: ragged.maxT)
          let (t, n) = (min(ragged.maxT, ragged.longest), ragged.users.count)
          return Transposed(
            batch: batch, rows: try encoder.toBatchMajor(batch.x, t: t, n: n, d: ragged.users[0].columns))
        }
      },
      then: { (seen: [Transposed], batches, reference) in
        guard seen.count == batches.count else {
          throw Rejection(.wrongShape, "expected \(batches.count) answers, seen \(seen.count)")
        }
        for (answer, ragged) in zip(seen, batches) {
          try expectPacked(answer.batch, ragged, reference)
          // Each user alone, one after the other, is what the batch-major tensor must hold.
          try expectClose(
            answer.rows, Packing.with { $0.isBatchMajor = true }.pack(ragged.users, maxT: ragged.maxT),
            "users of \(ragged.users.map(\.rows)) events at maxT \(ragged.maxT), batch-major",
            suspects: [Suspect(answer.batch.x, "The rows hold the events of several users: transpose, do not reshape.")]
          )
        }
      })
  }

  static var badInput: Check<Encoder> {
    .refuses(
      "bad input is refused", points: 1,
      [
        "no users": { _ = try $0.pack([], maxT: 3) },
        "events of 2 and of 3 numbers": {
          _ = try $0.pack([Matrix([[1, 2]]), Matrix([[1, 2, 3]])], maxT: 3)
        },
        "a maxT of 0": { _ = try $0.pack([Matrix([[1, 2]])], maxT: 0) },
        "7 numbers for a tensor [2, 2, 2]": { _ = try $0.toBatchMajor([1, 2, 3, 4, 5, 6, 7], t: 2, n: 2, d: 2) },
        "a tensor of −1 steps and −1 users": { _ = try $0.toBatchMajor([1, 2], t: -1, n: -1, d: 2) },
        "a length of 3 in 2 steps": { _ = try $0.maskedMean([1, 2], t: 2, n: 1, d: 1, lengths: [3]) },
        "a length of −1": { _ = try $0.maskedMean([1, 2], t: 2, n: 1, d: 1, lengths: [-1]) },
        "one length for two users": { _ = try $0.maskedMean([1, 2], t: 1, n: 2, d: 1, lengths: [1]) },
      ])
  }

  /// The three golden shapes and a fresh one.
  private static let shapes: [(t: Int, n: Int, d: Int)] = [(3, 2, 4), (5, 3, 1), (4, 4, 2), (7, 6, 5)]
}

// MARK: - What crosses between the processes

private struct Ragged: Codable {
  var users: [Matrix]
  var maxT: Int

  var longest: Int { users.map(\.rows).max() ?? 0 }

  static func users(_ lengths: [Int], width: Int, using random: inout SeededRandom) -> [Matrix] {
    lengths.map { Matrix.normal(rows: $0, columns: width, using: &random) }
  }
}

private struct TwoWays: Codable {
  var there, andBack: [Double]
}

private struct Padded: Codable {
  var x: [Double]
  var t, n, d: Int
  var lengths: [Int]
}

private struct WithMeans: Codable {
  var batch: TimeMajorBatch
  var means: Matrix
}

private struct Transposed: Codable {
  var batch: TimeMajorBatch
  var rows: [Double]
}

extension Matrix {
  fileprivate func replacingRow(_ row: Int, with value: Double) -> Matrix {
    var copy = self
    for column in 0..<columns { copy[row, column] = value }
    return copy
  }
}

// MARK: - Judging

private func expectPacked(_ seen: TimeMajorBatch, _ ragged: Ragged, _ reference: any SequenceTensorTNDExercise) throws {
  let users = ragged.users
  let expected = try reference.pack(users, maxT: ragged.maxT)
  let what = "users of \(users.map(\.rows)) events at maxT \(ragged.maxT)"
  try expectEqual(
    seen.lengths, expected.lengths, "\(what): lengths",
    suspects: [
      Suspect(users.map(\.rows), "A user who is cut off has T real steps in the tensor, however many there were.")
    ])
  let steps = expected.mask.count
  guard seen.x.count == expected.x.count else {
    let sentence =
      seen.x.count == ragged.maxT * users.count * users[0].columns
      ? " T is the longest length, and maxT only where that is longer." : ""
    throw Rejection(
      .wrongShape,
      "\(what): expected \(steps)·\(users.count)·\(users[0].columns) numbers, seen \(seen.x.count).\(sentence)")
  }
  let suspects: [(Packing, String)] = [
    (.with { $0.isBatchMajor = true }, "That is batch-major; entry (t, n, d) belongs at offset (t·N + n)·D + d."),
    (
      .with { $0.keepsFirst = true },
      "You keep the first events; what a user did last tells most about what comes next."
    ),
    (.with { $0.padsLeft = true }, "The zeros stand before the events; each user begins at step 0."),
    (.with { $0.isReversed = true }, "The events stand from the last to the first; keep their order."),
  ]
  try expectClose(
    seen.x, expected.x, "\(what): x", suspects: suspects.map { Suspect($0.0.pack(users, maxT: ragged.maxT), $0.1) })
  try expectEqual(
    seen.mask, expected.mask, "\(what): the mask [T][N]",
    suspects: [
      Suspect(
        users.indices.map { user in (0..<steps).map { $0 < expected.lengths[user] } },
        "That is [N][T]; the tensor is time-major, and so is its mask."),
      Suspect(expected.mask.map { $0.map { !$0 } }, "The mask is true where a step is real, not where it is padding."),
      Suspect(
        expected.mask.map { $0.map { _ in true } }, "Padding is marked as real: zeros are not events."),
    ])
}
