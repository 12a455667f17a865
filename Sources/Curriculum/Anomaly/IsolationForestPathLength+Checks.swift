import Behavior
import Contracts
import Foundation
import Learning
import Tensors

enum IsolationForestPathLengthChecks {
  typealias Forest = any IsolationForestPathLengthExercise

  static let all: [Check<Forest>] = [
    normaliser, sklearnTree, oneHalf, structure, randomness, invariance, findsAnomalies, likeScikitLearn,
    contamination, badInput,
  ]

  // MARK: Path lengths

  static var normaliser: Check<Forest> {
    Check(
      "c(n) by the formula and by the exact sum", points: 2,
      given: { random in
        try Goldens("IsolationForestPathLength").integers("c.n") + (0..<5).map { _ in 3 + random.below(2_000) }
      },
      when: { forest, sizes in
        try [false, true].map { exact in try sizes.map { try forest.averagePathLength($0, exact: exact) } }
      },
      then: { (seen: [[Double]], sizes, reference) in
        guard seen.count == 2 else { throw Rejection(.wrongShape, "expected 2 lists, seen \(seen.count)") }
        let goldens = try Goldens("IsolationForestPathLength")
        let known = try goldens.integers("c.n").count
        for (exact, name) in [(false, "c.formula"), (true, "c.exact")] {
          let values = seen[exact ? 1 : 0]
          guard values.count == sizes.count else {
            throw Rejection(.wrongShape, "expected \(sizes.count) numbers, seen \(values.count)")
          }
          let (golden, fresh) = (Array(values.prefix(known)), Array(values.dropFirst(known)))
          let what = exact ? "c(n) with the exact sum" : "c(n) with ln i + γ"
          let other = try goldens.numbers(exact ? "c.formula" : "c.exact")
          let shifted = sizes.prefix(known).map { n in
            n == 1 ? 0 : n == 2 ? 1 : 2 * harmonic(n, exact) - 2 * Double(n - 1) / Double(n)
          }
          let raw = sizes.prefix(known).map { n in
            n == 1 ? 0 : 2 * harmonic(n - 1, exact) - 2 * Double(n - 1) / Double(n)
          }
          try expectClose(
            golden, try goldens.numbers(name), what,
            suspects: [
              Suspect(other, exact ? "That is the formula with ln i + γ." : "That is the exact sum."),
              Suspect(shifted, "That is H(n); c(n) has H(n − 1)."),
              Suspect(raw, "c(2) is 1 by definition: the logarithm is far off there."),
              Suspect(
                sizes.prefix(known).map { log2(Double($0)) },
                "That is log₂ n, the height of a balanced tree; these trees are random."),
            ])
          try expectClose(
            fresh, try sizes.dropFirst(known).map { try reference.averagePathLength($0, exact: exact) }, what)
        }
      })
  }

  static var sklearnTree: Check<Forest> {
    Check(
      "paths in scikit-learn's tree: edges, and c of the leaf", points: 2,
      given: { _ in try TreeQuestion.golden() },
      when: { forest, question in try question.points.map { try forest.pathLength(question.tree, $0) } },
      then: { (seen: [Double], question, _) in
        let ends = question.points.map { question.tree.end(of: $0) }
        let golden = try Goldens("IsolationForestPathLength").numbers("tree.paths")
        let expected = try golden + ends.dropFirst(golden.count).map { Double($0.edges) + (try formula($0.size)) }
        let strict = question.points.map { question.tree.end(of: $0, strictly: true) }
        func lengths(_ ends: [(edges: Int, size: Int)], _ length: (Int, Double) -> Double) throws -> [Double] {
          try ends.map { length($0.edges, try formula($0.size)) }
        }
        try expectClose(
          seen, expected, "path length",
          suspects: [
            Suspect(
              try lengths(ends) { edges, _ in Double(edges) },
              "Those are the edges alone: a leaf of several rows stands for a tree that was cut off; add c(size)."),
            Suspect(
              try lengths(ends) { edges, c in Double(edges) + c + 1 },
              "Those are the nodes on the path; its length is its edges, one less."),
            Suspect(try lengths(strict) { Double($0) + $1 }, "A value equal to the cut goes left: ≤, not <."),
            Suspect(
              zip(ends, expected).map { end, _ in Double(end.edges) + log2(Double(end.size)) },
              "The leaf adds c(size), the depth of a random tree, not log₂(size)."),
          ])
      })
  }

  /// Trees of one leaf lie c(size) deep, and chains as deep as they are long: scores that can be told by heart.
  static var oneHalf: Check<Forest> {
    Check(
      "a path of c(ψ) scores one half, a shorter one more", points: 2,
      given: { random in
        HandMade(sampleSize: 32 << random.below(5), chains: (0..<6).map { _ in 1 + random.below(12) })
      },
      when: { forest, question in
        let usual = ITree.leaf(size: question.sampleSize)
        let chains = (0...12).map { ITree.chain(length: $0) }
        return HandMadeScores(
          usual: try forest.anomalyScore([usual, usual], [0], sampleSize: question.sampleSize),
          byLength: try chains.map { try forest.anomalyScore([$0], [0], sampleSize: question.sampleSize) },
          mixed: try forest.anomalyScore(question.chains.map { chains[$0] }, [0], sampleSize: question.sampleSize))
      },
      then: { (seen: HandMadeScores, question, _) in
        let c = try formula(question.sampleSize)
        let sign =
          " That grows with normality, as scikit-learn's decision_function and score_samples do; an anomaly score is larger "
          + "for an anomaly: 2^(−E[h] / c(ψ))."
        guard seen.byLength.count == 13 else {
          throw Rejection(.wrongShape, "expected 13 scores, seen \(seen.byLength.count)")
        }
        let falls = zip(seen.byLength, seen.byLength.dropFirst()).allSatisfy { $0 > $1 }
        let rises = zip(seen.byLength, seen.byLength.dropFirst()).allSatisfy { $0 < $1 }
        try expect(falls, "the score does not fall as the path grows from 0 to 12.\(rises ? sign : "")")
        try expectClose(
          seen.usual, 0.5, "the score of a point as deep as usual, c(ψ)",
          suspects: [
            Suspect(
              0, "That is 0.5 less: scikit-learn's decision_function moves the zero; the paper's score does not."),
            Suspect(c / (1 + c), "The score is 2^(−E[h] / c(ψ))."),
          ])
        try expectClose(
          seen.byLength, (0...12).map { exp2(-Double($0) / c) }, "the score of paths of length 0 to 12",
          suspects: [
            Suspect((0...12).map { exp(-Double($0) / c) }, "The base is 2, not e."),
            Suspect(
              try (0...12).map { exp2(-Double($0) / (try exactSum(question.sampleSize))) },
              "c(ψ) is asked with ln i + γ (exact: false), as in the paths."),
          ])
        let mean = Double(question.chains.reduce(0, +)) / 6
        try expectClose(
          seen.mixed, exp2(-mean / c), "the score of a forest of six trees",
          suspects: [
            Suspect(
              question.chains.reduce(0) { $0 + exp2(-Double($1) / c) } / 6,
              "That is the mean of the trees' scores; the score is of the mean path.")
          ])
      })
  }

  // MARK: Trees

  static var structure: Check<Forest> {
    Check(
      "height limit, cuts inside the node, constants and duplicates", points: 3,
      given: { random in GrowQuestion(x: GrowQuestion.awkward(using: &random), random: random.fork("trees")) },
      when: { forest, question in
        var random = question.random
        let all = Array(0..<question.x.rows)
        return try question.limits.map {
          try forest.growTree(question.x, rows: all, height: 0, limit: $0, using: &random)
        } + [
          try forest.growTree(question.x, rows: Array(0..<40), height: 5, limit: 7, using: &random),
          try forest.growTree(question.x, rows: question.duplicates, height: 0, limit: 6, using: &random),
        ]
      },
      then: { (trees: [ITree], question, _) in
        guard trees.count == question.limits.count + 2 else {
          throw Rejection(.wrongShape, "expected \(question.limits.count + 2) trees, seen \(trees.count)")
        }
        let all = Array(0..<question.x.rows)
        for (tree, limit) in zip(trees, question.limits) {
          try tree.audit(question.x, all, height: 0, limit: limit)
        }
        try trees[trees.count - 2].audit(question.x, Array(0..<40), height: 5, limit: 7)
        try expectEqual(
          trees[trees.count - 1], ITree.leaf(size: question.duplicates.count),
          "the tree of \(question.duplicates.count) equal rows, which nothing can separate")
      })
  }

  /// 600 roots: each of the four varying features is due 150 times (±11), and cuts are uniform between the extremes.
  static var randomness: Check<Forest> {
    Check(
      "cuts are random: any feature that differs, uniform between its extremes", points: 2,
      given: { random in GrowQuestion(x: GrowQuestion.skewed(using: &random), random: random.fork("roots")) },
      when: { forest, question in
        var random = question.random
        return try (0..<600).map { _ in
          try forest.growTree(
            question.x, rows: Array(0..<question.x.rows), height: 0, limit: 1, using: &random)
        }
      },
      then: { (trees: [ITree], question, _) in
        guard trees.count == 600 else { throw Rejection(.wrongShape, "expected 600 trees, seen \(trees.count)") }
        var places: [[Double]] = [[], [], [], []]
        for tree in trees {
          guard case .cut(let feature, let threshold, _, _) = tree, (0..<4).contains(feature) else {
            throw Rejection(.wrongValue, "a root that could be cut is a leaf, or cuts a feature that does not exist")
          }
          let values = (0..<question.x.rows).map { question.x[$0, feature] }
          let (low, high) = (values.min() ?? 0, values.max() ?? 0)
          guard threshold >= low, threshold <= high else {
            throw Rejection(
              .wrongValue, "a root is cut at \(threshold), outside its feature's extremes \(low) and \(high)")
          }
          places[feature].append((threshold - low) / (high - low))
        }
        for feature in 0..<4 {
          try expect(
            (90...210).contains(places[feature].count),
            "feature \(feature) is cut at \(places[feature].count) of 600 roots, where 150 ± 11 are due: the feature is drawn "
              + "at random, not chosen")
        }
        let pooled = places.flatMap { $0 }
        let quarters = (0..<4).map { quarter in pooled.count { min(3, Int($0 * 4)) == quarter } }
        try expect(
          quarters.allSatisfy { (90...210).contains($0) },
          "cuts in the four quarters between a feature's extremes: \(quarters), where 150 ± 11 each are due. The cut is "
            + "uniform between the extremes, not at the median or at one of the rows: that is what cuts outliers off early"
        )
      })
  }

  static var invariance: Check<Forest> {
    Check(
      "shifting and scaling the features changes no score", points: 1,
      given: { random in
        // Multiples of 1/1,024, scales that are powers of 2 and whole shifts: no rounding anywhere.
        let x = Matrix.normal(rows: 200, columns: 5, using: &random)
        let rounded = Matrix(rows: 200, columns: 5, values: x.values.map { ($0 * 1_024).rounded() / 1_024 })
        return ScaleQuestion(
          x: rounded, scales: (0..<5).map { _ in exp2(Double(random.below(9) - 4)) },
          shifts: (0..<5).map { _ in Double(random.below(200) - 100) }, random: random.fork("trees"))
      },
      when: { (forest: Forest, question: ScaleQuestion) -> [[Double]] in
        try [question.x, question.moved()].map { x -> [Double] in
          var random = question.random
          return try forest.scores(of: x, grownFrom: x, trees: 50, sampleSize: 64, using: &random)
        }
      },
      then: { (seen: [[Double]], _, _) in
        guard seen.count == 2, seen[0].count == 200 else { throw Rejection(.wrongShape, "expected 2 × 200 scores") }
        try expect(
          Set(seen[0]).count > 100, "200 different rows get only \(Set(seen[0]).count) different scores from 50 trees")
        try expectClose(
          seen[1], seen[0], "the scores after another unit for each feature", tolerance: Tolerance(absolute: 1e-9))
      })
  }

  // MARK: Sessions

  /// The reference with 100 trees on all honest sessions, ten draws: AUC 0.827–0.859; the largest |z| 0.711–0.740; the
  /// difference 0.094–0.138. More trees stray less.
  static var findsAnomalies: Check<Forest> {
    Check(
      "anomalous sessions stand out, more than by the largest z-score", points: 2, limits: .training,
      givenWithHidden: { random in
        let halves = SessionHalves(using: &random)
        let judged = halves.judged(honest: 3_000)
        return (SessionQuestion(first: halves.first.x, judged: judged.x, trees: 300, random: random), judged.labels)
      },
      when: { forest, question in
        var random = question.random
        return try forest.scores(of: question.judged, grownFrom: question.first, trees: question.trees, using: &random)
      },
      then: { (scores: [Double], question, labels, _) in
        let auc = try judgedAUC(scores, labels)
        let baseline = try Metrics.auc(labels, scores: LargestDeviation(question.first).scores(of: question.judged))
        try expectAtLeast(
          auc, baseline + 0.05, "AUC of the forest (the largest |z| has \(number(baseline)))",
          hint: auc < 0.5 ? "Below one half: an anomaly's score must be larger, not smaller." : "")
        try expectAtLeast(auc, 0.80, "AUC of the forest")
      })
  }

  /// Scikit-learn's five forests of 1,000 trees have 0.848–0.860.
  static var likeScikitLearn: Check<Forest> {
    Check(
      "as good as scikit-learn's forest on the same sessions", points: 1, limits: .training,
      givenWithHidden: { random in
        var fixed = SeededRandom(seed: SessionHalves.oracleSeed)
        let halves = SessionHalves(using: &fixed)
        let judged = halves.judged(honest: 2_000)
        return (SessionQuestion(first: halves.first.x, judged: judged.x, trees: 1_000, random: random), judged.labels)
      },
      when: { forest, question in
        var random = question.random
        return try forest.scores(of: question.judged, grownFrom: question.first, trees: question.trees, using: &random)
      },
      then: { (scores: [Double], question, labels, _) in
        let theirs = try Goldens("IsolationForestPathLength").numbers("sessions.judged1000")
        let mean = theirs.reduce(0, +) / Double(theirs.count)
        try expectClose(
          try judgedAUC(scores, labels), mean, "AUC of 1,000 trees, beside the mean of five of scikit-learn's forests",
          tolerance: Tolerance(absolute: 0.02))
      })
  }

  static var contamination: Check<Forest> {
    Check(
      "contamination flags a tenth of clean rows, a fixed score hardly any", points: 1,
      given: { random in
        CleanQuestion(x: .normal(rows: 1_000, columns: 10, using: &random), random: random.fork("trees"))
      },
      when: { forest, question in
        var random = question.random
        return try forest.scores(of: question.x, grownFrom: question.x, using: &random)
      },
      then: { (scores: [Double], _, _) in
        _ = try judgedAUC(scores, (0..<1_000).map { $0 % 2 })  // shape and finiteness
        let flagged = flaggedByContamination(scores, fraction: 0.1).count
        try expect(
          (99...101).contains(flagged),
          "of 1,000 clean rows the 90 % quantile of their own scores flags \(flagged), where it is 100 ± 1 whatever the rows: "
            + "the scores have too many ties")
        let fixed = scores.count { $0 > 0.6 }
        try expect(
          fixed <= 30,
          "of 1,000 clean rows \(fixed) score above 0.6, where at most 30 should: ordinary rows score about 0.5. Is the path "
            + "too short, or divided by too much?")
        let middle = scores.sorted()[500]
        try expect(
          (0.38...0.52).contains(middle), "the median score of clean rows is \(number(middle)), not about 0.45")
      })
  }

  static var badInput: Check<Forest> {
    .refuses(
      "bad input is refused", points: 1,
      [
        "c(0)": { _ = try $0.averagePathLength(0, exact: false) },
        "a tree of no rows": { forest in
          var random = SeededRandom(seed: 1)
          _ = try forest.growTree(Matrix(rows: 0, columns: 3), rows: [], height: 0, limit: 4, using: &random)
        },
        "a tree of no features": { forest in
          var random = SeededRandom(seed: 1)
          _ = try forest.growTree(Matrix(rows: 3, columns: 0), rows: [0, 1, 2], height: 0, limit: 4, using: &random)
        },
        "a row that does not exist": { forest in
          var random = SeededRandom(seed: 1)
          _ = try forest.growTree(Matrix([[1], [2]]), rows: [0, 2], height: 0, limit: 4, using: &random)
        },
        "a value that is not a number": { forest in
          var random = SeededRandom(seed: 1)
          _ = try forest.growTree(Matrix([[1], [.nan], [2]]), rows: [0, 1, 2], height: 0, limit: 4, using: &random)
        },
        "a point of one number in a tree of two features": {
          _ = try $0.pathLength(.cut(feature: 1, threshold: 0, left: .leaf(size: 1), right: .leaf(size: 1)), [0])
        },
        "a point that is not a number": {
          _ = try $0.pathLength(.cut(feature: 0, threshold: 0, left: .leaf(size: 1), right: .leaf(size: 1)), [.nan])
        },
        "no trees": { _ = try $0.anomalyScore([], [0], sampleSize: 4) },
        "ψ = 1": { _ = try $0.anomalyScore([.leaf(size: 1)], [0], sampleSize: 1) },
      ])
  }

  // MARK: Pieces

  private static func judgedAUC(_ scores: [Double], _ labels: [Int]) throws -> Double {
    guard scores.count == labels.count else {
      throw Rejection(.wrongShape, "expected \(labels.count) scores, seen \(scores.count)")
    }
    for score in scores { try expectFinite(score, "a score") }
    return try Metrics.auc(labels, scores: scores)
  }

  private static func harmonic(_ i: Int, _ exact: Bool) -> Double {
    exact ? (1...i).reduce(0) { $0 + 1 / Double($1) } : log(Double(i)) + 0.577_215_664_901_532_9
  }

  /// c(n) with ln i + γ, for the judge's own sums.
  static func formula(_ n: Int) throws -> Double { IsolationForest.averagePathLength(n) }

  private static func exactSum(_ n: Int) throws -> Double { 2 * harmonic(n - 1, true) - 2 * Double(n - 1) / Double(n) }
}

// MARK: - What crosses between the processes

private struct TreeQuestion: Codable {
  var tree: ITree
  var points: [[Double]]

  static func golden() throws -> TreeQuestion {
    let goldens = try Goldens("IsolationForestPathLength")
    let (feature, threshold) = (try goldens.integers("tree.feature"), try goldens.numbers("tree.threshold"))
    let (left, right) = (try goldens.integers("tree.left"), try goldens.integers("tree.right"))
    let size = try goldens.integers("tree.size")
    func node(_ index: Int) -> ITree {
      left[index] < 0
        ? .leaf(size: size[index])
        : .cut(
          feature: feature[index], threshold: threshold[index], left: node(left[index]), right: node(right[index]))
    }
    let points = try goldens.numbers("tree.points")
    var all = (0..<50).map { Array(points[4 * $0..<4 * $0 + 4]) }
    // And the first ten once more, moved onto the root's cut.
    for point in all.prefix(10) {
      var moved = point
      moved[feature[0]] = threshold[0]
      all.append(moved)
    }
    return TreeQuestion(tree: node(0), points: all)
  }
}

private struct HandMade: Codable {
  var sampleSize: Int
  var chains: [Int]
}

private struct HandMadeScores: Codable {
  var usual: Double
  var byLength: [Double]
  var mixed: Double
}

private struct GrowQuestion: Codable {
  var x: Matrix
  var random: SeededRandom
  var limits = [0, 1, 3, 8]
  var duplicates = [3, 3, 3, 3, 3]

  /// 256 rows: a constant feature, one of two values, one with an outlier, and forty rows that are equal.
  static func awkward(using random: inout SeededRandom) -> Matrix {
    let same = [random.normal(), 7, 1, random.normal()]
    return Matrix(
      (0..<256).map { row in
        if row >= 216 { return same }
        return [random.normal(), 7, Double(random.below(2)), row == 0 ? 1e6 : random.normal()]
      })
  }

  /// Four features of a long tail: the median lies far from the middle.
  static func skewed(using random: inout SeededRandom) -> Matrix {
    Matrix((0..<128).map { _ in (0..<4).map { _ in exp(1.5 * random.normal()) } })
  }
}

private struct ScaleQuestion: Codable {
  var x: Matrix
  var scales: [Double]
  var shifts: [Double]
  var random: SeededRandom

  func moved() -> Matrix {
    var moved = x
    for row in 0..<x.rows {
      for column in 0..<x.columns { moved[row, column] = x[row, column] * scales[column] + shifts[column] }
    }
    return moved
  }
}

private struct CleanQuestion: Codable {
  var x: Matrix
  var random: SeededRandom
}

private struct SessionQuestion: Codable {
  var first: Matrix
  var judged: Matrix
  var trees: Int
  var random: SeededRandom
}

extension ITree {
  /// A tree in which the point [0] lies `length` edges deep, alone.
  fileprivate static func chain(length: Int) -> ITree {
    (0..<length).reduce(.leaf(size: 1)) { below, _ in
      .cut(feature: 0, threshold: 0, left: below, right: .leaf(size: 1))
    }
  }

  /// How deep the leaf of a point is, and how many rows it keeps.
  fileprivate func end(of p: [Double], strictly: Bool = false) -> (edges: Int, size: Int) {
    switch self {
    case .leaf(let size): return (0, size)
    case .cut(let feature, let threshold, let left, let right):
      let goesLeft = strictly ? p[feature] < threshold : p[feature] <= threshold
      let end = (goesLeft ? left : right).end(of: p, strictly: strictly)
      return (end.edges + 1, end.size)
    }
  }

  /// Rejects a tree that these rows could not have grown into.
  fileprivate func audit(_ x: Matrix, _ rows: [Int], height: Int, limit: Int) throws {
    func extremes(_ feature: Int) -> (low: Double, high: Double) {
      rows.reduce((Double.infinity, -Double.infinity)) { (min($0.0, x[$1, feature]), max($0.1, x[$1, feature])) }
    }
    switch self {
    case .leaf(let size):
      try expectEqual(size, rows.count, "the size of a leaf at height \(height), which keeps the number of its rows")
      let differs = (0..<x.columns).contains { extremes($0).low < extremes($0).high }
      try expect(
        height >= limit || !differs,
        "a leaf at height \(height) of at most \(limit) holds \(rows.count) rows that differ: cut on")
    case .cut(let feature, let threshold, let left, let right):
      try expect(
        height < limit, "a cut at height \(height), where the limit is \(limit): the tree is higher than ⌈log₂ ψ⌉")
      guard (0..<x.columns).contains(feature) else {
        throw Rejection(.wrongValue, "a cut of feature \(feature), which does not exist")
      }
      let (low, high) = extremes(feature)
      try expect(
        low < high,
        "feature \(feature) is \(number(low)) in all \(rows.count) rows of a node, and is cut: a constant separates nothing"
      )
      try expect(
        low <= threshold && threshold < high,
        "a cut of feature \(feature) at \(number(threshold)), where the \(rows.count) rows of this node lie between "
          + "\(number(low)) and \(number(high)): the extremes are this node's, not the whole table's")
      try left.audit(x, rows.filter { x[$0, feature] <= threshold }, height: height + 1, limit: limit)
      try right.audit(x, rows.filter { x[$0, feature] > threshold }, height: height + 1, limit: limit)
    }
  }
}
