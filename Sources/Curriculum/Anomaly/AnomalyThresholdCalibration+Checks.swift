import Contracts
import Foundation
import Learning
import Simulation
import Tensors

enum AnomalyThresholdCalibrationChecks {
  typealias Alarm = any AnomalyThresholdCalibrationExercise

  static let all: [Check<Alarm>] = [
    averagePrecision, chance, contamination, pValues, superUniform, stepUp, falseDiscoveries, badInput,
  ]

  // MARK: The order

  static var averagePrecision: Check<Alarm> {
    Check(
      "average precision with ties equals scikit-learn's", points: 2,
      given: { random in
        [try Labelled.golden()] + (0..<5).map { _ in Labelled.random(count: 80, using: &random) }
      },
      when: { alarm, samples in try samples.map { try alarm.averagePrecision($0.y, scores: $0.scores) } },
      then: { (seen: [Double], samples, reference) in
        guard seen.count == samples.count else {
          throw Rejection(.wrongShape, "expected \(samples.count) numbers, seen \(seen.count)")
        }
        let goldens = try Goldens("AnomalyThresholdCalibration")
        let golden = samples[0]
        try expectClose(
          seen[0], try goldens.number("ap.value"), "average precision of 500 tied scores",
          suspects: [
            Suspect(
              try goldens.number("ap.trapezoid"),
              "That is the area under straight lines between the points; average precision has steps."),
            Suspect(
              golden.oneByOne(),
              "Sessions of one score are taken one by one, in the order in which they came: a tie is one step."),
            Suspect(
              golden.oneByOne(positivesFirst: true), "Anomalies are put first among equals: a tie is one step."),
            Suspect(
              try Metrics.auc(golden.y, scores: golden.scores), "That is the area under the ROC curve, which flatters."),
            Suspect(
              try reference.averagePrecision(golden.y, scores: golden.scores.map { -$0 }),
              "A larger score is more anomalous: go down from the largest."),
          ])
        for (value, sample) in zip(seen, samples) {
          try expectClose(
            value, try reference.averagePrecision(sample.y, scores: sample.scores), "average precision of 80 sessions",
            suspects: [
              Suspect(
                sample.oneByOne(),
                "Sessions of one score are taken one by one, in the order in which they came: a tie is one step.")
            ])
        }
      })
  }

  /// The average precision of chance at 2 % of 100,000 has a standard deviation below 0.001.
  static var chance: Check<Alarm> {
    Check(
      "random scores have the precision of chance", points: 1,
      given: { random in
        Labelled(
          y: (0..<100_000).map { $0 % 50 == 0 ? 1 : 0 },
          scores: (0..<100_000).map { _ in (random.uniform() * 1e6).rounded() })
      },
      when: { alarm, sample in try alarm.averagePrecision(sample.y, scores: sample.scores) },
      then: { (seen: Double, _, _) in
        try expectClose(
          seen, 0.02, "average precision of random scores with 2 % anomalies", tolerance: Tolerance(absolute: 0.01),
          suspects: [
            Suspect(0.5, "One half is what ROC-AUC gives to chance; average precision gives the share of anomalies.")
          ])
      })
  }

  // MARK: The threshold

  static var contamination: Check<Alarm> {
    Check(
      "contamination flags its share, whatever is there", points: 2,
      given: { random in
        let spread = 1e-9 * (1 + random.uniform())
        return ContaminationQuestion(
          scores: [
            [0.5, 0.5 + spread, 0.5, 0.5], (0..<1_000).map { _ in random.normal() },
            (0..<200).map { _ in Double(random.below(6)) }, (0..<97).map { _ in random.uniform() }, [1, 1, 1],
          ], fractions: [0.1, 0.25, 0.4])
      },
      when: { alarm, question in
        try question.scores.map { scores in
          try question.fractions.map { try alarm.contaminationThreshold(scores, fraction: $0) }
        }
      },
      then: { (seen: [[Double]], question, _) in
        guard seen.count == question.scores.count, seen.allSatisfy({ $0.count == question.fractions.count }) else {
          throw Rejection(.wrongShape, "expected \(question.scores.count) × \(question.fractions.count) thresholds")
        }
        for (scores, thresholds) in zip(question.scores, seen) {
          for (fraction, threshold) in zip(question.fractions, thresholds) {
            if threshold.isNaN { throw Rejection(.notANumber, "a threshold is not a number") }
            let allowed = Int((fraction * Double(scores.count)).rounded(.up))
            let flagged = scores.count { $0 > threshold }
            let what = "scores above the threshold of \(fraction) of \(scores.count)"
            // Any threshold that flags the same will do: the largest set of scores that is no more than is allowed.
            let next = scores.filter { $0 <= threshold }.max() ?? -.infinity
            let lower = scores.count { $0 >= next }
            let known =
              flagged > allowed && scores.count(where: { $0 > threshold.nextUp }) <= allowed
              ? " The threshold is one score too low." : ""
            try expect(
              flagged <= allowed, "\(what): expected at most ⌈fraction·n⌉ = \(allowed), seen \(flagged).\(known)")
            let timid =
              flagged == 0 && Double(allowed) > fraction * Double(scores.count)
              ? " Round fraction·n up: of four scores a tenth is one." : ""
            try expect(
              next == -.infinity || lower > allowed,
              "\(what): seen \(flagged), and a lower threshold flags no more than \(allowed) either: \(lower).\(timid)")
          }
        }
        try expectEqual(
          question.scores[0].count { $0 > seen[0][0] }, 1,
          "of four scores that differ by a thousand-millionth, how many `contamination = 0.1` flags")
      })
  }

  static var pValues: Check<Alarm> {
    Check(
      "conformal p-values count the session itself", points: 2,
      given: { random in
        let calibration = random.permutation(of: 99).map { Double($0) }
        let tied = (0..<300).map { _ in Double(random.below(20)) / 4 }
        return [
          PValueQuestion(calibration: calibration, test: [200, -5, 98, 0, 49.5]),
          PValueQuestion(calibration: tied, test: (0..<60).map { _ in Double(random.below(24)) / 4 - 0.5 }),
        ]
      },
      when: { alarm, questions in
        try questions.map { try alarm.conformalPValues(calibration: $0.calibration, test: $0.test) }
      },
      then: { (seen: [[Double]], questions, _) in
        guard seen.count == 2 else { throw Rejection(.wrongShape, "expected 2 lists, seen \(seen.count)") }
        for (values, question) in zip(seen, questions) {
          let n = Double(question.calibration.count)
          func share(_ isCounted: (Double, Double) -> Bool, plus: Double = 1) -> [Double] {
            question.test.map { score in
              (plus + Double(question.calibration.count { isCounted($0, score) })) / (n + plus)
            }
          }
          try expectClose(
            values, share { $0 >= $1 }, "p-values with \(question.calibration.count) calibration scores",
            suspects: [
              Suspect(
                share({ $0 >= $1 }, plus: 0),
                "That is the plain share: it can be 0, which no hundred sessions can prove. Count the session itself, above "
                  + "and below."),
              Suspect(
                share { $0 <= $1 }, "That grows with the score: a large score is surprising and has a small p-value."),
              Suspect(
                share { $0 > $1 },
                "A calibration score equal to the session's counts: ≥, not >. Ties must not make alarms."),
              Suspect(
                share({ $0 >= $1 }).map { min(1, 2 * min($0, 1 - $0)) },
                "One side is asked: small scores are no anomaly."
              ),
            ])
        }
        try expectClose(seen[0][0], 0.01, "the p-value of a score above all 99")
        try expectClose(seen[0][1], 1, "the p-value of a score below all 99")
      })
  }

  /// 40,000 honest scores, ten for each of 4,000 calibration sets of twenty. P(p ≤ 0.05) is 1/21 = 0.0476 (± 0.0013);
  /// without the 1 it is 2/21 = 0.095.
  static var superUniform: Check<Alarm> {
    Check(
      "honest sessions have small p-values no oftener than they should", points: 1,
      given: { random in
        (0..<4_000).map { _ in
          let scale = exp(random.normal())  // another unit for each set: only the order may count
          return PValueQuestion(
            calibration: (0..<20).map { _ in scale * random.normal() },
            test: (0..<10).map { _ in scale * random.normal() })
        }
      },
      when: { alarm, sets in
        try sets.map { try alarm.conformalPValues(calibration: $0.calibration, test: $0.test) }
      },
      then: { (seen: [[Double]], sets: [PValueQuestion], _) in
        guard seen.count == sets.count, seen.allSatisfy({ $0.count == 10 }) else {
          throw Rejection(.wrongShape, "expected \(sets.count) × 10 p-values")
        }
        let values = seen.flatMap { $0 }
        for value in values { try expectFinite(value, "a p-value") }
        for level in [0.05, 0.2, 0.5] {
          let share = Double(values.count { $0 <= level }) / Double(values.count)
          try expectAtMost(
            share, level + 0.005 * (1 + 2 * level), "the share of honest sessions with p ≤ \(level)",
            hint: "A p-value must not be too small too often. Is the session itself counted?")
        }
        let small = Double(values.count { $0 <= 0.05 }) / Double(values.count)
        try expectAtLeast(
          small, 0.035, "the share of honest sessions with p ≤ 0.05", hint: "Then nothing is ever found.")
      })
  }

  // MARK: Alarms

  static var stepUp: Check<Alarm> {
    Check(
      "Benjamini–Hochberg steps up", points: 3,
      given: { random in
        let goldens = try Goldens("AnomalyThresholdCalibration")
        let golden = try goldens.numbers("bh.p")
        let fixtures: [StepQuestion] = [
          StepQuestion(p: [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216], q: 0.05),
          StepQuestion(p: [0.01, 0.02, 0.03, 0.04, 0.05], q: 0.05),
          StepQuestion(p: [0.02, 0.03, 0.04, 0.045, 0.05], q: 0.05),
          StepQuestion(p: [], q: 0.05),
        ]
        let shuffled = fixtures.map { question in
          StepQuestion(p: random.permutation(of: question.p.count).map { question.p[$0] }, q: question.q)
        }
        let fresh = (0..<20).map { _ in
          StepQuestion(
            p: (0..<40).map { _ in
              let p = random.bool(probability: 0.3) ? 0.02 * random.uniform() : random.uniform()
              return (p * 997).rounded() / 997  // ties, and no p that lies on the line but for rounding
            }, q: 0.1)
        }
        return fixtures + shuffled + (try goldens.numbers("bh.q")).map { StepQuestion(p: golden, q: $0) } + fresh
      },
      when: { alarm, questions in try questions.map { try alarm.benjaminiHochberg($0.p, q: $0.q) } },
      then: { (seen: [[Bool]], questions, _) in
        guard seen.count == questions.count, zip(seen, questions).allSatisfy({ $0.count == $1.p.count }) else {
          throw Rejection(.wrongShape, "expected an answer for each p-value of \(questions.count) lists")
        }
        let golden = try Goldens("AnomalyThresholdCalibration").integers("bh.rejected")
        for (place, (alarms, question)) in zip(seen, questions).enumerated() {
          let p = question.p
          let sorted = p.sorted()
          let expected: [Bool]
          if (8..<12).contains(place) {
            expected = golden[(place - 8) * p.count..<(place - 7) * p.count].map { $0 == 1 }
          } else {
            expected = question.rejected()
          }
          func upTo(_ count: Int) -> [Bool] { p.map { count > 0 && $0 <= sorted[count - 1] } }
          let failure = sorted.indices.first { sorted[$0] > question.q * Double($0 + 1) / Double(p.count) } ?? p.count
          try expectEqual(
            alarms, expected,
            "what is rejected of \(p.count <= 10 ? "\(p)" : "\(p.count) p-values") at q = \(question.q)",
            suspects: [
              Suspect(
                upTo(failure),
                "You stop at the first p-value above its line. Step up: the largest k with p₍ₖ₎ ≤ q·k/m decides, and takes all "
                  + "smaller ones along."),
              Suspect(p.map { $0 <= question.q / Double(p.count) }, "That is Bonferroni: every p-value against q/m."),
              Suspect(
                p.map { $0 <= question.q },
                "Nothing is corrected: of many honest sessions a share q would raise an alarm."),
              Suspect(
                question.onTheLine(),
                "You reject what lies under its own line. All p-values below the largest such are rejected too."),
            ])
        }
      })
  }

  /// Ten pools, 100 days each: a mean of 0.079–0.104 false alarms among the alarms, 0.70–0.94 of the bots' sessions found,
  /// no alarm on a clean day. A contamination of 0.1 has 0.82–0.84 false alarms and rings 800 times on a clean day.
  static var falseDiscoveries: Check<Alarm> {
    Check(
      "false alarms keep to a tenth of the alarms, and a clean week stays silent", points: 3, limits: .training,
      givenWithHidden: { random in
        let pool = try ScorePool(using: &random)
        let days = (0..<DaysQuestion.days).map { _ in
          pool.day(calibration: 4_000, sessions: 4_000, share: 0.02, using: &random)
        }
        let clean = pool.day(calibration: 4_000, sessions: 8_000, share: 0, using: &random)
        let question = DaysQuestion(
          calibration: days.map(\.calibration) + [clean.calibration], test: days.map(\.test) + [clean.test])
        return (question, days.map(\.kinds))
      },
      when: { alarm, question in
        let alarms = try zip(question.calibration, question.test).map { calibration, test in
          try alarm.benjaminiHochberg(try alarm.conformalPValues(calibration: calibration, test: test), q: 0.1)
        }
        let clean = question.test[question.test.count - 1]
        return DaysAnswer(alarms: alarms, threshold: try alarm.contaminationThreshold(clean, fraction: 0.1))
      },
      then: { (seen: DaysAnswer, question, kinds: [[AnomalyKind?]], _) in
        guard seen.alarms.count == question.test.count,
          zip(seen.alarms, question.test).allSatisfy({ $0.count == $1.count })
        else {
          throw Rejection(.wrongShape, "expected an answer for every session of \(question.test.count) days")
        }
        let figures = zip(seen.alarms, kinds).map { AlarmFigures($0, $1) }
        func mean(_ value: (AlarmFigures) -> Double) -> Double {
          figures.reduce(0) { $0 + value($1) } / Double(figures.count)
        }
        try expectAtMost(
          mean(\.falseDiscoveries), 0.14,
          "the share of false alarms among the alarms, mean of \(figures.count) days at q = 0.1",
          hint: "Honest sessions are fifty times as many: uncorrected, a tenth of them would ring.")
        try expectAtLeast(
          mean { $0.recall(of: .bot) }, 0.5, "the share of the bots' sessions that are found",
          hint: "A correction for every session by itself (Bonferroni) finds nothing.")
        let clean = question.test[question.test.count - 1]
        let silent = seen.alarms[seen.alarms.count - 1].count { $0 }
        try expectAtMost(
          Double(silent) / Double(clean.count), 0.001, "the share of a clean week's 8,000 sessions that raise an alarm")
        // 800 but for ties at the threshold.
        let allowed = clean.sorted(by: >)[clean.count / 10]
        try expectEqual(
          clean.count { $0 > seen.threshold }, clean.count { $0 > allowed },
          "how many of a clean week's 8,000 sessions a contamination of 0.1 flags")
      })
  }

  static var badInput: Check<Alarm> {
    .refuses(
      "bad input is refused", points: 1,
      [
        "average precision without anomalies": { _ = try $0.averagePrecision([0, 0], scores: [1, 2]) },
        "average precision of anomalies alone": { _ = try $0.averagePrecision([1, 1], scores: [1, 2]) },
        "two labels, three scores": { _ = try $0.averagePrecision([0, 1], scores: [1, 2, 3]) },
        "a label of 2": { _ = try $0.averagePrecision([0, 1, 2], scores: [1, 2, 3]) },
        "a score that is not a number": { _ = try $0.averagePrecision([0, 1], scores: [1, .nan]) },
        "a fraction of 0": { _ = try $0.contaminationThreshold([1, 2, 3], fraction: 0) },
        "a fraction of 1": { _ = try $0.contaminationThreshold([1, 2, 3], fraction: 1) },
        "a threshold of no scores": { _ = try $0.contaminationThreshold([], fraction: 0.1) },
        "a threshold of a NaN": { _ = try $0.contaminationThreshold([1, .nan], fraction: 0.1) },
        "nothing to calibrate on": { _ = try $0.conformalPValues(calibration: [], test: [1]) },
        "a calibration score that is not a number": { _ = try $0.conformalPValues(calibration: [1, .nan], test: [1]) },
        "a test score that is not a number": { _ = try $0.conformalPValues(calibration: [1, 2], test: [.nan]) },
        "q = 0": { _ = try $0.benjaminiHochberg([0.1], q: 0) },
        "q = 1": { _ = try $0.benjaminiHochberg([0.1], q: 1) },
        "p = 1.5": { _ = try $0.benjaminiHochberg([0.1, 1.5], q: 0.1) },
        "p = −0.1": { _ = try $0.benjaminiHochberg([0.1, -0.1], q: 0.1) },
        "a p-value that is not a number": { _ = try $0.benjaminiHochberg([0.1, .nan], q: 0.1) },
      ])
  }
}

// MARK: - What crosses between the processes

private struct Labelled: Codable {
  var y: [Int]
  var scores: [Double]

  static func golden() throws -> Labelled {
    let goldens = try Goldens("AnomalyThresholdCalibration")
    return Labelled(y: try goldens.integers("ap.y"), scores: try goldens.numbers("ap.scores"))
  }

  static func random(count: Int, using random: inout SeededRandom) -> Labelled {
    let y = (0..<count).map { $0 < 2 ? $0 : random.below(4) == 0 ? 1 : 0 }
    return Labelled(y: y, scores: y.map { ((Double($0) + random.normal()) * 3).rounded() / 3 })
  }

  /// The mistake of a step for each session.
  func oneByOne(positivesFirst: Bool = false) -> Double {
    let order = y.indices.sorted { a, b in
      if scores[a] != scores[b] { return scores[a] > scores[b] }
      return positivesFirst && y[a] != y[b] ? y[a] > y[b] : a < b
    }
    var (found, sum) = (0, 0.0)
    for (place, session) in order.enumerated() where y[session] == 1 {
      found += 1
      sum += Double(found) / Double(place + 1)
    }
    return sum / Double(found)
  }
}

private struct ContaminationQuestion: Codable {
  var scores: [[Double]]
  var fractions: [Double]
}

private struct PValueQuestion: Codable {
  var calibration: [Double]
  var test: [Double]
}

private struct StepQuestion: Codable {
  var p: [Double]
  var q: Double

  /// The definition, in m² steps: k p-values are ≤ q·k/m for the largest such k.
  func rejected() -> [Bool] {
    let m = Double(p.count)
    let counts = p.map { value in p.count { $0 <= value } }  // the rank of the last of this value
    let largest = zip(p, counts).filter { $0 <= q * Double($1) / m }.map { $0.0 }.max()
    return p.map { value in largest.map { value <= $0 } ?? false }
  }

  /// The mistake of judging each by its own line alone.
  func onTheLine() -> [Bool] {
    let order = p.indices.sorted { (p[$0], $0) < (p[$1], $1) }
    var alarms = p.map { _ in false }
    for (rank, index) in order.enumerated() { alarms[index] = p[index] <= q * Double(rank + 1) / Double(p.count) }
    return alarms
  }
}

private struct DaysQuestion: Codable {
  static let days = 30
  var calibration: [[Double]]
  var test: [[Double]]
}

private struct DaysAnswer: Codable {
  var alarms: [[Bool]]
  var threshold: Double
}
