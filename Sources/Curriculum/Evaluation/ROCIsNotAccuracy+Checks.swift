import Contracts
import Foundation
import Tensors

enum ROCIsNotAccuracyChecks {
  typealias Metrics = any ROCIsNotAccuracyExercise

  static let all: [Check<Metrics>] = [
    recallIsOfTheRealPositives, nothingPredictedPositive, thresholdIsInclusive, curveEqualsScikitLearn, aucIsARank,
    constantScore, prevalence, brierScore, badInput,
  ]

  /// The document gives precision and recall the same sentence, so its recall of this table would be 0.8.
  static var recallIsOfTheRealPositives: Check<Metrics> {
    Check(
      "recall is of the real positives", points: 2,
      given: { _ in
        [
          Confusion(truePositives: 8, falsePositives: 2, falseNegatives: 32, trueNegatives: 958),
          // The sample of the document's own code: y = [1, 1, 0] against [1, 0, 1].
          Confusion(truePositives: 1, falsePositives: 1, falseNegatives: 1, trueNegatives: 0),
        ]
      },
      when: { metrics, tables in
        try tables.map { [try metrics.precision($0), try metrics.recall($0), try metrics.f1($0)] }
      },
      then: { (seen: [[Double?]], tables, _) in
        guard seen.count == tables.count, seen.allSatisfy({ $0.count == 3 }) else {
          throw Rejection(.wrongShape, "expected three metrics of \(tables.count) tables")
        }
        try expectClose(
          seen[0][1] ?? .nan, 0.2, "recall of TP=8, FP=2, FN=32, TN=958",
          suspects: [
            Suspect(
              0.8,
              "That is the precision: the document defines both with one sentence. Recall divides by what really is positive, TP + FN."
            ),
            Suspect(0.966, "That is the accuracy. Recall divides by what really is positive, TP + FN."),
          ])
        try expectClose(seen[0][0] ?? .nan, 0.8, "precision of TP=8, FP=2, FN=32, TN=958")
        try expectClose(
          seen[0][2] ?? .nan, 0.32, "F1 of TP=8, FP=2, FN=32, TN=958",
          suspects: [Suspect(0.5, "That is the arithmetic mean; F1 is the harmonic one.")])
        try expectClose(
          seen[1].map { $0 ?? .nan }, [0.5, 0.5, 0.5], "precision, recall and F1 of y=[1,1,0], ŷ=[1,0,1]")
      })
  }

  static var nothingPredictedPositive: Check<Metrics> {
    Check(
      "undefined is nil, not zero", points: 1,
      given: { _ in Confusion(truePositives: 0, falsePositives: 0, falseNegatives: 10, trueNegatives: 990) },
      when: { metrics, counts in
        [try metrics.precision(counts), try metrics.recall(counts), try metrics.f1(counts)]
      },
      then: { (seen: [Double?], _, _) in
        guard seen.count == 3 else { throw Rejection(.wrongShape, "expected three metrics, seen \(seen.count)") }
        if let precision = seen[0] {
          throw Rejection(
            precision.isFinite ? .wrongValue : .notANumber,
            "precision when nothing was predicted positive: expected nil, seen \(precision). "
              + "0 / 0 is not a number one may average; say that there is none.")
        }
        try expectEqual(seen[1], 0, "recall when none of 10 positives was found")
        try expectEqual(seen[2], 0, "F1 when none of 10 positives was found")
      })
  }

  static var thresholdIsInclusive: Check<Metrics> {
    Check(
      "a score at the threshold is predicted positive", points: 1,
      given: { random in ScoredSample.random(count: 60, decimals: 1, using: &random) },
      when: { metrics, sample in
        try (0...10).map { try metrics.confusion(sample.labels, scores: sample.scores, threshold: Double($0) / 10) }
      },
      then: { (seen: [Confusion], sample, _) in
        guard seen.count == 11 else { throw Rejection(.wrongShape, "expected 11 tables, seen \(seen.count)") }
        for (step, table) in seen.enumerated() {
          let threshold = Double(step) / 10
          try expectEqual(
            table, sample.confusion { $0 >= threshold }, "the counts at threshold \(threshold)",
            suspects: [
              Suspect(
                sample.confusion { $0 > threshold },
                "You predict positive above the threshold; a score equal to it counts as positive too.")
            ])
        }
      })
  }

  static var curveEqualsScikitLearn: Check<Metrics> {
    Check(
      "the ROC curve with ties equals scikit-learn's", points: 2,
      given: { _ in try ScoredSample.golden() },
      when: { metrics, sample in try metrics.rocCurve(sample.labels, scores: sample.scores) },
      then: { (curve: [ROCPoint], sample, _) in
        let goldens = try Goldens("ROCIsNotAccuracy")
        let expected = try goldens.numbers("fpr")
        guard curve.count == expected.count else {
          var sentence = ""
          if curve.count > sample.labels.count {
            sentence = " One point a sample is a staircase through the ties; samples of one score move together."
          } else if curve.count == expected.count - 1 {
            sentence = " The curve starts at (0, 0) with threshold +∞."
          }
          throw Rejection(
            .wrongShape, "the ROC curve: expected \(expected.count) points, seen \(curve.count).\(sentence)")
        }
        try expectEqual(curve[0].threshold, .infinity, "the threshold of the first point")
        try expectClose(
          curve.map(\.falsePositiveRate), expected, "false-positive rate",
          suspects: [
            Suspect(
              try goldens.numbers("thresholds").map { threshold in 1 - sample.confusion { $0 >= threshold }.accuracy },
              "That is the error rate: accuracy does not appear on a ROC curve.")
          ])
        try expectClose(
          curve.map(\.truePositiveRate), try goldens.numbers("tpr"), "true-positive rate",
          suspects: [
            Suspect(
              [1]
                + (try goldens.numbers("thresholds").map { threshold in sample.confusion { $0 >= threshold }.accuracy }),
              "That is the accuracy, which the document puts on the curve. ROC plots the true-positive rate TP / (TP + FN)."
            )
          ])
        try expectClose(curve.dropFirst().map(\.threshold), try goldens.numbers("thresholds"), "threshold")
      })
  }

  static var aucIsARank: Check<Metrics> {
    Check(
      "AUC is the chance that a positive outranks a negative", points: 2,
      given: { random in
        AUCQuestion(
          samples: [try ScoredSample.golden()]
            + (0..<4).map { _ in ScoredSample.random(count: 120, decimals: 1, using: &random) })
      },
      when: { metrics, question in
        try question.samples.map { sample in
          AUCAnswer(
            auc: try metrics.auc(sample.labels, scores: sample.scores),
            negated: try metrics.auc(sample.labels, scores: sample.scores.map { -$0 }),
            stretched: try metrics.auc(sample.labels, scores: sample.scores.map { exp(3 * $0) }))
        }
      },
      then: { (answers: [AUCAnswer], question, _) in
        guard answers.count == question.samples.count else {
          throw Rejection(.wrongShape, "expected \(question.samples.count) answers, seen \(answers.count)")
        }
        for (answer, sample) in zip(answers, question.samples) {
          try expectClose(
            answer.auc, sample.winRate(tie: 0.5), "AUC",
            suspects: [
              Suspect(sample.winRate(tie: 0), "Ties between a positive and a negative count one half, not nothing."),
              Suspect(sample.winRate(tie: 1), "Ties between a positive and a negative count one half, not one."),
            ])
          try expectClose(answer.negated, 1 - answer.auc, "AUC of the negated scores")
          try expectClose(answer.stretched, answer.auc, "AUC of exp(3 · score): only the order counts")
        }
        try expectClose(answers[0].auc, try Goldens("ROCIsNotAccuracy").number("auc"), "AUC of scikit-learn's sample")
      })
  }

  static var constantScore: Check<Metrics> {
    Check(
      "a constant score has AUC one half and two ROC points", points: 1,
      given: { random in
        var sample = ScoredSample.random(count: 40, decimals: 2, using: &random)
        sample.scores = sample.scores.map { _ in 0.7 }
        return sample
      },
      when: { metrics, sample in
        ConstantAnswer(
          auc: try metrics.auc(sample.labels, scores: sample.scores),
          curve: try metrics.rocCurve(sample.labels, scores: sample.scores))
      },
      then: { (answer: ConstantAnswer, sample, _) in
        try expectEqual(answer.auc, 0.5, "AUC of a constant score")
        try expect(
          answer.curve.count == 2,
          "the ROC of a constant score: expected the points (0, 0) and (1, 1) alone, seen \(answer.curve.count) points. "
            + (answer.curve.count > sample.labels.count / 2
              ? "One point a sample is a staircase: it depends on the order of tied samples, which means nothing." : "")
        )
      })
  }

  /// The dial of the demo: the same scores, ten times the negatives.
  static var prevalence: Check<Metrics> {
    Check(
      "prevalence moves precision, not recall and not ROC", points: 2,
      given: { random in ScoredSample.random(count: 150, decimals: 2, using: &random) },
      when: { metrics, sample in
        try [sample, sample.repeatingNegatives(10)].map { sample in
          let counts = try metrics.confusion(sample.labels, scores: sample.scores, threshold: 0.5)
          return PrevalenceAnswer(
            auc: try metrics.auc(sample.labels, scores: sample.scores), precision: try metrics.precision(counts),
            recall: try metrics.recall(counts), f1: try metrics.f1(counts))
        }
      },
      then: { (answers: [PrevalenceAnswer], sample, _) in
        guard answers.count == 2 else { throw Rejection(.wrongShape, "expected two answers, seen \(answers.count)") }
        for (answer, sample) in zip(answers, [sample, sample.repeatingNegatives(10)]) {
          let counts = sample.confusion { $0 >= 0.5 }
          let positives = Double(counts.truePositives + counts.falseNegatives)
          let found = Double(counts.truePositives)
          let predicted = found + Double(counts.falsePositives)
          try expectClose(
            answer.recall ?? .nan, found / positives, "recall at threshold 0.5",
            suspects: [
              Suspect(
                found / predicted, "That is the precision: it falls when negatives are added, recall does not move.")
            ])
          try expectClose(answer.precision ?? .nan, found / predicted, "precision at threshold 0.5")
          try expectClose(
            answer.f1 ?? .nan, 2 * found / (positives + predicted), "F1 at threshold 0.5",
            suspects: [
              Suspect(
                found / predicted, "F1 equals your precision: that happens when precision and recall are defined alike."
              )
            ])
        }
        try expectClose(answers[1].auc, answers[0].auc, "AUC after repeating every negative ten times")
      })
  }

  static var brierScore: Check<Metrics> {
    Check(
      "Brier is the squared error of probabilities", points: 1,
      given: { random in
        let sample = ScoredSample.random(count: 80, decimals: 3, using: &random)
        var hard = sample
        hard.scores = sample.scores.map { $0 >= 0.5 ? 1 : 0 }
        return AUCQuestion(samples: [try ScoredSample.golden(), sample, hard])
      },
      when: { metrics, question in try question.samples.map { try metrics.brier($0.labels, p: $0.scores) } },
      then: { (seen: [Double], question, _) in
        guard seen.count == 3 else { throw Rejection(.wrongShape, "expected three scores, seen \(seen.count)") }
        try expectClose(
          seen[0], try Goldens("ROCIsNotAccuracy").number("brier"), "the Brier score of scikit-learn's sample")
        let sample = question.samples[1]
        let mean = zip(sample.labels, sample.scores).map { pow($1 - Double($0), 2) }.reduce(0, +) / 80
        try expectClose(
          seen[1], mean, "the Brier score",
          suspects: [
            Suspect(mean.squareRoot(), "That is the root; the Brier score is the mean square itself."),
            Suspect(mean * 80, "That is the sum; divide by the number of samples."),
          ])
        try expectClose(
          seen[2], 1 - question.samples[2].confusion { $0 >= 0.5 }.accuracy,
          "the Brier score of hard 0/1 answers, which is the error rate")
      })
  }

  static var badInput: Check<Metrics> {
    .refuses(
      "bad input is refused", points: 1,
      [
        "three labels and two scores": { _ = try $0.confusion([1, 0, 1], scores: [0.2, 0.4], threshold: 0.5) },
        "a label of 2": { _ = try $0.auc([0, 1, 2], scores: [0.1, 0.2, 0.3]) },
        "a score that is not a number": { _ = try $0.rocCurve([0, 1], scores: [.nan, 0.2]) },
        "an AUC of positives alone": { _ = try $0.auc([1, 1], scores: [0.1, 0.2]) },
        "a ROC curve of negatives alone": { _ = try $0.rocCurve([0, 0], scores: [0.1, 0.2]) },
        "a probability of 1.2": { _ = try $0.brier([1], p: [1.2]) },
        "a Brier score of nothing": { _ = try $0.brier([], p: []) },
      ])
  }
}

// MARK: - What crosses between the processes

struct ScoredSample: Codable {
  var labels: [Int]
  var scores: [Double]

  /// Overlapping scores in [0, 1], rounded so that there are ties; both classes are present.
  static func random(count: Int, decimals: Int, using random: inout SeededRandom) -> ScoredSample {
    let grid = pow(10.0, Double(decimals))
    var sample = ScoredSample(labels: [], scores: [])
    for index in 0..<count {
      let label = index < 2 ? index : (random.bool(probability: 0.3) ? 1 : 0)
      let score = min(max(0.4 + 0.25 * Double(label) + 0.25 * random.normal(), 0), 1)
      sample.labels.append(label)
      sample.scores.append((score * grid).rounded() / grid)
    }
    return sample
  }

  /// The sample that scikit-learn judged.
  static func golden() throws -> ScoredSample {
    let goldens = try Goldens("ROCIsNotAccuracy")
    return ScoredSample(labels: try goldens.integers("y"), scores: try goldens.numbers("scores"))
  }

  func repeatingNegatives(_ times: Int) -> ScoredSample {
    var sample = ScoredSample(labels: [], scores: [])
    for (label, score) in zip(labels, scores) {
      for _ in 0..<(label == 0 ? times : 1) {
        sample.labels.append(label)
        sample.scores.append(score)
      }
    }
    return sample
  }

  func confusion(isPositive: (Double) -> Bool) -> Confusion {
    var counts = Confusion(truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0)
    for (label, score) in zip(labels, scores) {
      switch (label, isPositive(score)) {
      case (1, true): counts.truePositives += 1
      case (1, false): counts.falseNegatives += 1
      case (_, true): counts.falsePositives += 1
      case (_, false): counts.trueNegatives += 1
      }
    }
    return counts
  }

  /// The share of (positive, negative) pairs that the positive wins, by the definition: O(n²), for a judge of small samples.
  func winRate(tie: Double) -> Double {
    var wins = 0.0
    var pairs = 0.0
    for (label, score) in zip(labels, scores) where label == 1 {
      for (otherLabel, otherScore) in zip(labels, scores) where otherLabel == 0 {
        wins += score > otherScore ? 1 : (score == otherScore ? tie : 0)
        pairs += 1
      }
    }
    return wins / pairs
  }
}

private struct AUCQuestion: Codable {
  var samples: [ScoredSample]
}

private struct AUCAnswer: Codable {
  var auc: Double
  var negated: Double
  var stretched: Double
}

private struct ConstantAnswer: Codable {
  var auc: Double
  var curve: [ROCPoint]
}

private struct PrevalenceAnswer: Codable {
  var auc: Double
  var precision: Double?
  var recall: Double?
  var f1: Double?
}
