import Contracts
import Foundation
import Learning
import Simulation
import Tensors

/// One thing to be alerted to: what its errors cost, and calibrated scores of items with their truth.
package struct AlertUseCase {
  /// What is looked for.
  package enum Kind: String, CaseIterable { case takeover, brushing, bot, churn }

  package let kind: Kind
  package let costs: CostMatrix
  /// On which a threshold may be chosen.
  package let tuning: ScoredItems
  /// On which it is judged.
  package let test: ScoredItems

  /// What the four cost; assumptions, of which the reader may change any.
  package static func costs(_ kind: Kind) -> CostMatrix {
    switch kind {
    // A review costs 5, a takeover that goes on 200.
    case .takeover: CostMatrix(tp: 5, fp: 5, fn: 200)
    // An alert takes the seller's goods off the shelf: 300 if he was honest. A ring undetected costs 120.
    case .brushing: CostMatrix(tp: 20, fp: 300, fn: 120)
    // A riddle before the next page: half a unit of patience. A bot undetected costs 2 of machines.
    case .bot: CostMatrix(tp: 0, fp: 0.5, fn: 2)
    // A voucher of 80 keeps every second leaver, who is worth 200.
    case .churn: CostMatrix(tp: 180, fp: 80, fn: 200)
    }
  }

  /// The four use cases: three kinds of sessions scored by one detector, and accounts that may leave.
  ///
  /// A random forest learns the kinds of sessions from half of the users. Its votes are made probabilities on a quarter
  /// (Platt 1999), and thresholds are chosen there too; the last quarter is the test.
  package static func all(random: SeededRandom, progress: ProgressHandler) throws -> [AlertUseCase] {
    progress(.init("simulated shop", fraction: 0))
    var simulation = random.fork("sessions")
    var simulator = PlatformSimulator(users: 8_000)
    simulator.anomalies = [
      .some(400, .takeover, severity: 0...1), .some(160, .takeover, isCamouflaged: true),
      .some(120, .bot, severity: 0...1), .some(160, .bot, isCamouflaged: true),
      .some(60, .brushing, severity: 0...0.4), .some(30, .brushing, isCamouflaged: true),
    ]
    let log = simulator.simulate(using: &simulation)
    let parts = SessionParts(log)
    progress(.init("one detector for all sessions", fraction: 0.3))
    var growing = random.fork("forest")
    let forest = try RandomForestClassifier(trees: 100).fit(
      LabelledRows(Matrix(parts.training.rows), parts.training.labels), using: &growing)
    let tuning = try forest.probabilities(of: Matrix(parts.tuning.rows))
    let test = try forest.probabilities(of: Matrix(parts.test.rows))
    var cases: [AlertUseCase] = []
    for (number, kind) in [Kind.takeover, .brushing, .bot].enumerated() {
      progress(.init("calibration", fraction: 0.6 + 0.1 * Double(number)))
      let column = number + 1
      let raw = { (shares: Matrix, labels: [Int]) in
        ScoredItems(
          scores: (0..<shares.rows).map { logOdds(shares[$0, column]) }, labels: labels.map { $0 == column })
      }
      let tuned = raw(tuning, parts.tuning.labels)
      let platt = Logistic(rows: tuned.scores.map { [$0] }, labels: tuned.labels)
      cases.append(
        AlertUseCase(
          kind: kind, costs: costs(kind), tuning: platt.calibrated(tuned),
          test: platt.calibrated(raw(test, parts.test.labels))))
    }
    progress(.init("accounts that leave", fraction: 0.9))
    cases.append(leavers(random.fork("churn")))
    progress(.init("accounts that leave", fraction: 1))
    return cases
  }

  /// A labelled prediction with a horizon: twelve numbers of an account's last month, and whether it is gone within 14
  /// days. A logistic model of 4,000 accounts.
  private static func leavers(_ random: SeededRandom) -> AlertUseCase {
    var random = random
    let accounts = ChurnView().draw(12_000, using: &random)
    let model = Logistic(rows: accounts[..<4_000].map(\.features), labels: accounts[..<4_000].map(\.isGone))
    let scored = { (part: ArraySlice<ChurnView.Row>) in
      ScoredItems(scores: part.map { model.probability($0.features) }, labels: part.map(\.isGone))
    }
    return AlertUseCase(
      kind: .churn, costs: costs(.churn), tuning: scored(accounts[4_000..<8_000]), test: scored(accounts[8_000...]))
  }

  /// ln p / (1 − p) of a share of votes, kept off 0 and 1 by half a vote of a hundred.
  private static func logOdds(_ share: Double) -> Double {
    let p = min(max(share, 0.005), 0.995)
    return log(p / (1 - p))
  }
}

/// The sessions of a log by users: half to train, a quarter each to tune and to test.
private struct SessionParts {
  typealias Part = (rows: [[Double]], labels: [Int])
  var training: Part = ([], [])
  var tuning: Part = ([], [])
  var test: Part = ([], [])

  init(_ log: SimulatedLog) {
    let position = Dictionary(log.accounts.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    for entry in log.labelledSessions() {
      let row = SessionFeatures.row(of: entry.session)
      let label =
        switch entry.label {
        case .takeover: 1
        case .brushing: 2
        case .bot: 3
        default: 0
        }
      switch (position[entry.session.user] ?? 0) % 4 {
      case 0, 1:
        training.rows.append(row)
        training.labels.append(label)
      case 2:
        tuning.rows.append(row)
        tuning.labels.append(label)
      default:
        test.rows.append(row)
        test.labels.append(label)
      }
    }
  }
}

/// Logistic regression by Newton's method, with a touch of ridge that keeps it finite.
private struct Logistic {
  private var weights: [Double]  // the last is the constant

  init(rows: [[Double]], labels: [Bool]) {
    let inputs = rows.map { $0 + [1] }
    let width = inputs[0].count
    weights = [Double](repeating: 0, count: width)
    for _ in 0..<25 {
      var gradient = weights.map { -1e-3 * $0 }
      var curvature = Matrix(rows: width, columns: width)
      for i in 0..<width { curvature[i, i] = 1e-3 }
      for (x, label) in zip(inputs, labels) {
        let p = sigmoid(x)
        let slope = p * (1 - p)
        for i in 0..<width {
          gradient[i] += ((label ? 1 : 0) - p) * x[i]
          for j in 0..<width { curvature[i, j] += slope * x[i] * x[j] }
        }
      }
      guard let step = try? curvature.solvedPositiveDefinite(for: gradient) else { return }
      for i in 0..<width { weights[i] += step[i] }
    }
  }

  private func sigmoid(_ x: [Double]) -> Double {
    var sum = 0.0
    for i in weights.indices { sum += weights[i] * x[i] }
    return 1 / (1 + exp(-sum))
  }

  func probability(_ features: [Double]) -> Double { sigmoid(features + [1]) }

  func calibrated(_ items: ScoredItems) -> ScoredItems {
    ScoredItems(scores: items.scores.map { probability([$0]) }, labels: items.labels)
  }
}
