import Contracts
import Foundation
import Tensors

enum AlertCostThresholdChecks {
  typealias Rule = any AlertCostThresholdExercise

  static let all: [Check<Rule>] = [
    closedForm, meanCost, nobody, fewestAlerts, bruteForce, budget, heldOut, badInput,
  ]

  /// A miss costs 200, a review 5.
  private static let takeover = CostMatrix(tp: 5, fp: 5, fn: 200)

  static var closedForm: Check<Rule> {
    Check(
      "the closed form weighs harm against help", points: 1,
      given: { random in
        try goldenCosts()
          + (0..<12).map { _ in
            let (tp, tn) = (Double(random.below(30)) - 5, Double(random.below(4)))
            return CostMatrix(
              tp: tp, fp: tn + 1 + Double(random.below(90)), fn: tp + 1 + Double(random.below(90)), tn: tn)
          }
      },
      when: { rule, costs in try costs.map { try rule.bayesThreshold($0) } },
      then: { (seen: [Double], costs, _) in
        guard seen.count == costs.count else {
          throw Rejection(.wrongShape, "expected \(costs.count) thresholds, seen \(seen.count)")
        }
        let golden = try Goldens("AlertCostThreshold").numbers("bayes.thresholds")
        for (index, cost) in costs.enumerated() {
          let (harm, help) = (cost.fp - cost.tn, cost.fn - cost.tp)
          try expectClose(
            seen[index], index < golden.count ? golden[index] : harm / (harm + help),
            "the threshold for tp \(number(cost.tp)), fp \(number(cost.fp)), fn \(number(cost.fn)), tn \(number(cost.tn))",
            tolerance: Tolerance(absolute: 1e-9),
            suspects: [
              Suspect(
                0.5, "One half ignores the cost matrix: it is right only if a miss costs what a false alarm costs."),
              Suspect(harm / help, "Those are the odds harm : help; the probability is harm / (harm + help)."),
              Suspect(
                cost.fp / (cost.fp + cost.fn),
                "A right alert costs something too (tp), and so may silence (tn): only the differences count."),
              Suspect(help / (harm + help), "That is one minus it: the dearer a miss, the lower the threshold."),
            ])
        }
      })
  }

  static var meanCost: Check<Rule> {
    Check(
      "the mean cost counts all four outcomes", points: 1,
      given: { _ in try CostQuestion.golden() },
      when: { rule, question in
        try question.thresholds.map {
          try rule.expectedCost(
            scores: question.items.scores, labels: question.items.labels, threshold: $0, question.costs)
        }
          + [0.5, 0.25, 0.025].map {
            try rule.expectedCost(
              scores: [0.9, 0.8, 0.3, 0.2, 0.1], labels: [true, false, true, false, false], threshold: $0, takeover)
          }
      },
      then: { (seen: [Double], question, _) in
        let five = ScoredItems(scores: [0.9, 0.8, 0.3, 0.2, 0.1], labels: [true, false, true, false, false])
        let (items, costs) = (question.items, question.costs)
        let all = { (value: (ScoredItems, Double, CostMatrix) -> Double) in
          question.thresholds.map { value(items, $0, costs) } + [0.5, 0.25, 0.025].map { value(five, $0, takeover) }
        }
        try expectClose(
          seen, try Goldens("AlertCostThreshold").numbers("cost.means") + [42, 3, 5], "mean cost",
          tolerance: Tolerance(absolute: 1e-9),
          suspects: [
            Suspect(
              all { $0.cost($1.nextUp, $2) }, "You alert above the threshold; a score equal to it raises an alert too."),
            Suspect(
              all { $0.cost($1, CostMatrix(tp: 0, fp: $2.fp, fn: $2.fn)) },
              "Only the errors are counted: a right alert has its review to pay (tp), and tn need not be 0."),
            Suspect(
              all { $0.cost($1, $2) * Double($0.scores.count) }, "That is the sum; divide by the number of all items."),
            Suspect(
              all { $0.cost($1, $2) * Double($0.scores.count) / Double(max(1, $0.alerts($1))) },
              "You divide by the alerts; a miss raises none and costs most. Divide by the number of all items."),
          ])
      })
  }

  static var nobody: Check<Rule> {
    Check(
      "to alert nobody is a choice", points: 1,
      given: { random in
        // The highest score is an innocent one, and a false alarm costs more than everything else together.
        var items = ScoredItems.tied(50, steps: 20, using: &random)
        items.scores.append(1.01)
        items.labels.append(false)
        return items
      },
      when: { rule, items in
        try rule.bestThreshold(
          scores: items.scores, labels: items.labels, CostMatrix(tp: 1, fp: 10_000, fn: 2), maxAlerts: nil)
      },
      then: { (choice: ThresholdChoice, items, _) in
        let costs = CostMatrix(tp: 1, fp: 10_000, fn: 2)
        try expectEqual(
          choice.threshold, .infinity, "the threshold where any alert loses",
          suspects: [
            Suspect(
              choice.threshold, "That alerts somebody, and any alert loses. +∞ is a choice too: it alerts nobody.")
          ])
        try expectClose(choice.cost, items.cost(.infinity, costs), "the cost of alerting nobody")
      })
  }

  static var fewestAlerts: Check<Rule> {
    Check(
      "at equal cost the fewest alerts win", points: 1,
      given: { _ in
        [
          ScoredItems(scores: [0.4, 0.8, 0.2, 0.6], labels: [true, true, false, false]),
          ScoredItems(scores: [0.9, 0.1], labels: [false, true]),
        ]
      },
      when: { rule, sets in
        try sets.map {
          try rule.bestThreshold(
            scores: $0.scores, labels: $0.labels, CostMatrix(tp: 0, fp: 1, fn: 1), maxAlerts: nil)
        }
      },
      then: { (seen: [ThresholdChoice], _, _) in
        guard seen.count == 2 else { throw Rejection(.wrongShape, "expected 2 choices, seen \(seen.count)") }
        let sentence = "It costs the same and raises more alerts: of equal costs take the highest threshold."
        try expectEqual(
          seen[0].threshold, 0.8, "0.8 and 0.4 both cost 1 in 4; the threshold", suspects: [Suspect(0.4, sentence)])
        try expectEqual(
          seen[1].threshold, .infinity, "+∞ and 0.1 both cost 1 in 2; the threshold", suspects: [Suspect(0.1, sentence)]
        )
        try expectClose(seen.map(\.cost), [0.25, 0.5], "the cost")
      })
  }

  static var bruteForce: Check<Rule> {
    Check(
      "the best threshold equals brute force, ties together", points: 2,
      given: { random in
        let five = ScoredItems(scores: [0.9, 0.8, 0.3, 0.2, 0.1], labels: [true, false, true, false, false])
        return ChoiceQuestion(
          sets: [five] + (0..<200).map { _ in ScoredItems.tied(50, steps: 12, using: &random) },
          costs: [takeover]
            + (0..<200).map { _ in
              CostMatrix(
                tp: Double(random.below(4)), fp: Double(4 + random.below(20)), fn: Double(5 + random.below(60)))
            }, budgets: [Int?](repeating: nil, count: 201))
      },
      when: { rule, question in try question.answer(by: rule) },
      then: { (seen: [ThresholdChoice], question, _) in
        try question.judge(seen)
        try expectEqual(seen[0].threshold, 0.3, "the best threshold of the five items")
        try expectClose(seen[0].cost, 3, "the cost of the best threshold of the five items")
      })
  }

  static var budget: Check<Rule> {
    Check(
      "an alert budget is kept", points: 1,
      given: { random in
        let budgets: [Int?] = [0, 1, 3, 3, 3, 10, 25, 60]
        return ChoiceQuestion(
          sets: budgets.map { _ in ScoredItems.tied(60, steps: 12, using: &random) },
          costs: budgets.map { _ in takeover }, budgets: budgets)
      },
      when: { rule, question in try question.answer(by: rule) },
      then: { (seen: [ThresholdChoice], question, _) in try question.judge(seen) })
  }

  /// Held-out cost over the least possible on 100,000 draws, 20 seeds: the closed form 1.001 … 1.013, the threshold chosen
  /// on 20,000 others 1.000 … 1.049. The baselines fail: one half 3.39 … 3.65, the best F1 1.85 … 2.42, everybody
  /// 1.83 … 1.95, nobody 3.49 … 3.73.
  static var heldOut: Check<Rule> {
    Check(
      "on held-out items the money follows the costs", points: 2,
      givenWithHidden: { random in
        let tuning = ScoredItems.calibrated(20_000, using: &random)
        return (tuning, ScoredItems.calibrated(100_000, using: &random))
      },
      when: { rule, tuning in
        [
          try rule.bayesThreshold(takeover),
          try rule.bestThreshold(scores: tuning.scores, labels: tuning.labels, takeover, maxAlerts: nil).threshold,
        ]
      },
      then: { (seen: [Double], tuning, held, reference) in
        guard seen.count == 2, seen.allSatisfy({ !$0.isNaN }) else {
          throw Rejection(.wrongShape, "expected two thresholds, seen \(seen)")
        }
        let least = try reference.bestThreshold(scores: held.scores, labels: held.labels, takeover, maxAlerts: nil).cost
        let names = ["the closed form's threshold", "the threshold chosen on 20,000 other items"]
        for (index, bound) in [1.03, 1.15].enumerated() {
          let ratio = held.cost(seen[index], takeover) / least
          guard ratio > bound else { continue }
          var hint = ""
          if seen[index] == 0.5 {
            hint = " One half ignores the cost matrix: a miss costs forty times a review here."
          } else if seen[index] == tuning.f1Threshold {
            hint = " That threshold maximises F1, which knows no costs."
          }
          throw Rejection(
            .wrongValue,
            "\(names[index]), \(number(seen[index])): on 100,000 held-out items it costs \(number(ratio)) times the least possible, "
              + "expected at most \(number(bound)).\(hint)")
        }
      })
  }

  static var badInput: Check<Rule> {
    .refuses(
      "bad input is refused", points: 1,
      [
        "two scores and one label": {
          _ = try $0.expectedCost(scores: [0.1, 0.2], labels: [true], threshold: 0.5, takeover)
        },
        "the cost of no items": { _ = try $0.expectedCost(scores: [], labels: [], threshold: 0.5, takeover) },
        "the best threshold of no items": {
          _ = try $0.bestThreshold(scores: [], labels: [], takeover, maxAlerts: nil)
        },
        "a score that is not a number": {
          _ = try $0.bestThreshold(scores: [0.1, .nan], labels: [true, false], takeover, maxAlerts: nil)
        },
        "a threshold that is not a number": {
          _ = try $0.expectedCost(scores: [0.1], labels: [true], threshold: .nan, takeover)
        },
        "a miss that costs what a right alert costs": { _ = try $0.bayesThreshold(CostMatrix(tp: 5, fp: 5, fn: 5)) },
        "a false alarm that costs nothing": { _ = try $0.bayesThreshold(CostMatrix(tp: 5, fp: 0, fn: 200)) },
        "a best threshold without a trade-off": {
          _ = try $0.bestThreshold(
            scores: [0.1], labels: [true], CostMatrix(tp: 9, fp: 5, fn: 8), maxAlerts: nil)
        },
        "a budget of −1": { _ = try $0.bestThreshold(scores: [0.1], labels: [true], takeover, maxAlerts: -1) },
      ])
  }

  private static func goldenCosts() throws -> [CostMatrix] {
    let numbers = try Goldens("AlertCostThreshold").numbers("bayes.costs")
    return stride(from: 0, to: numbers.count, by: 4).map {
      CostMatrix(tp: numbers[$0], fp: numbers[$0 + 1], fn: numbers[$0 + 2], tn: numbers[$0 + 3])
    }
  }
}

// MARK: - What crosses between the processes

private struct CostQuestion: Codable {
  var items: ScoredItems
  var thresholds: [Double]
  var costs: CostMatrix

  /// The sample that NumPy judged.
  static func golden() throws -> CostQuestion {
    let goldens = try Goldens("AlertCostThreshold")
    let costs = try goldens.numbers("cost.matrix")
    return CostQuestion(
      items: ScoredItems(
        scores: try goldens.numbers("cost.scores"), labels: try goldens.integers("cost.labels").map { $0 == 1 }),
      thresholds: try goldens.numbers("cost.thresholds"),
      costs: CostMatrix(tp: costs[0], fp: costs[1], fn: costs[2], tn: costs[3]))
  }
}

private struct ChoiceQuestion: Codable {
  var sets: [ScoredItems]
  var costs: [CostMatrix]
  var budgets: [Int?]

  func answer(by rule: any AlertCostThresholdExercise) throws -> [ThresholdChoice] {
    try sets.indices.map {
      try rule.bestThreshold(
        scores: sets[$0].scores, labels: sets[$0].labels, costs[$0], maxAlerts: budgets[$0])
    }
  }

  /// A choice is right if it is one, keeps the budget, costs what it says, and nothing costs less.
  func judge(_ seen: [ThresholdChoice]) throws {
    guard seen.count == sets.count else {
      throw Rejection(.wrongShape, "expected \(sets.count) choices, seen \(seen.count)")
    }
    for (index, choice) in seen.enumerated() {
      let (items, costs, budget) = (sets[index], costs[index], budgets[index])
      let place = "set \(index + 1) of \(sets.count)\(budget.map { " with time for \($0) alerts" } ?? "")"
      let least = items.leastCost(costs, maxAlerts: budget)
      let splitting = items.leastCostSplittingTies(costs, maxAlerts: budget)
      try expect(
        choice.threshold == .infinity || items.scores.contains(choice.threshold),
        "\(place): the threshold \(choice.threshold) is neither one of the scores nor +∞")
      if choice.cost < least - 1e-9, abs(choice.cost - splitting) < 1e-9 {
        throw Rejection(
          .wrongValue,
          "\(place): a cost of \(number(choice.cost)), but no threshold costs less than \(number(least)). That is the cost of a rule "
            + "that splits a tie: items of one score are alerted together or not at all.")
      }
      let alerts = items.alerts(choice.threshold)
      if let budget, alerts > budget {
        throw Rejection(
          .wrongValue, "\(place): threshold \(number(choice.threshold)) raises \(alerts) alerts: over the budget.")
      }
      let cost = items.cost(choice.threshold, costs)
      if cost > least + 1e-9 {
        var hint = ""
        if choice.threshold == items.f1Threshold {
          hint = " That threshold maximises F1, which knows no costs."
        } else if abs(least - items.cost(.infinity, costs)) < 1e-9 {
          hint = " To alert nobody (+∞) would cost less."
        }
        throw Rejection(
          .wrongValue,
          "\(place): threshold \(number(choice.threshold)) costs \(number(cost)), the best one \(number(least)).\(hint)"
        )
      }
      try expectClose(
        choice.cost, cost, "\(place): the cost of threshold \(number(choice.threshold))",
        tolerance: Tolerance(absolute: 1e-9))
    }
  }
}
