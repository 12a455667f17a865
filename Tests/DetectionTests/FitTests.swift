import Behavior
import Foundation
import Learning
import Tensors
import Testing

@testable import Detection

@Suite("Fitting a detector")
struct FitTests {
  @Test("the detector finds labelled anomalies of users and times that nothing was fitted to")
  func accuracy() throws {
    let result = try Fixture.shared.get().labelled
    let evaluation = try #require(result.evaluation)
    let detector = try #require(evaluation.rows.first { $0.method == .detector })
    let counts = try #require(evaluation.rows.first { $0.method == .counts })
    #expect(evaluation.types == ["bot", "cardTesting", "takeover"])
    #expect(detector.overall.value > counts.overall.value + 0.1, "\(detector.overall) \(counts.overall)")
    for row in evaluation.rows {
      #expect(row.overall.low <= row.overall.value + 1e-9 && row.overall.value <= row.overall.high + 1e-9)
      #expect((0...1).contains(row.overall.low) && (0...1).contains(row.overall.high))
    }
    #expect(zip(evaluation.curve, evaluation.curve.dropFirst()).allSatisfy { $0.recall <= $1.recall })
    #expect(result.history.losses.last ?? 9 < result.history.losses.first ?? 0)
  }

  @Test("without labels the alerts of a test part stay near the budget, and types are kinds of evidence")
  func unlabelled() throws {
    let fixture = try Fixture.shared.get()
    let result = fixture.unlabelled
    #expect(result.evaluation == nil && result.model.settings.types == DetectionModel.unlabelledTypes)
    #expect(result.alertsPerThousand < 150)
    let alerts = Fixture.alerts(result.model, fixture.events)
    #expect(!alerts.isEmpty && alerts.allSatisfy { DetectionModel.unlabelledTypes.contains($0.type) })
  }

  @Test("no user and no time is in two parts of a split, and every part of the users is near its share")
  func split() {
    let split = Split(starts: (0..<1_000).map(Double.init), seed: 4)
    #expect(split.cuts == [600, 800])
    let users = (0..<3_000).map { "u\($0)" }
    let parts = users.map(split.part(of:))
    for (part, share) in [(Split.Part.training, 0.6), (.calibration, 0.2), (.test, 0.2)] {
      #expect(abs(Double(parts.count { $0 == part }) / 3_000 - share) < 0.04)
    }
    for (user, part) in zip(users.prefix(200), parts) {
      for start in stride(from: 0.0, to: 1_000, by: 7) {
        let found = split.part(of: user, start: start, end: start + 5)
        #expect(found == nil || found == part)
        switch found {
        case .training: #expect(start + 5 < 600)
        case .calibration: #expect(start >= 600 && start + 5 < 800)
        case .test: #expect(start >= 800)
        case nil: break
        }
      }
    }
  }

  @Test("vocabulary and scale are those of the training part: what others do later does not change them")
  func leakage() throws {
    let fixture = try Fixture.shared.get()
    let split = fixture.labelled.split
    var changed = fixture.events
    for index in changed.indices where changed[index].time >= split.cuts[0] {
      if split.part(of: changed[index].user) == .training { continue }
      changed[index].value = 1e6
      if index % 3 == 0 { changed[index].action = Action(rawValue: "brand_new") }
    }
    var options = Fixture.options
    options.epochs = 1
    let cleaned = LogCleaning().clean(changed).events
    let scale = try DetectorFit(options).fit(cleaned).model.settings.scale
    #expect(scale == fixture.unlabelled.model.settings.scale)
  }

  @Test("a log that is too small is refused with a sentence", arguments: [0, 1, 40])
  func tooSmall(_ count: Int) {
    let events = (0..<count).map { Event(user: "u\($0)", time: Double($0) * 4_000, action: .view) }
    #expect(throws: DetectionError.self) { try DetectorFit(Fixture.options).fit(events) }
  }

  @Test(
    "so many sessions may reach the threshold as the binomial law of scipy allows",
    arguments: [
      (16_000, 1.0, 5.0, 68), (16_000, 1.6, 5, 64), (4_030, 1, 5, 14), (460, 1, 5, 0),
      (458, 1, 5, nil), (3_000, 2, 1, nil),
    ] as [(Int, Double, Double, Int?)])
  func budget(_ sessions: Int, _ designEffect: Double, _ budget: Double, _ allowed: Int?) {
    let falseAlarms = FalseAlarmBudget(sessions: sessions, users: sessions / 4, designEffect: designEffect)
    #expect(falseAlarms.allowed(budget) == allowed)
    let needed = falseAlarms.sessionsNeeded(budget)
    #expect((needed <= sessions) == (allowed != nil), "\(needed)")
    func counts(_ sessions: Int) -> FalseAlarmBudget {
      FalseAlarmBudget(sessions: sessions, users: 9, designEffect: designEffect)
    }
    #expect(counts(needed).allowed(budget) == 0 && counts(needed - 1).allowed(budget) == nil)
    // A larger budget never has a higher threshold.
    let thresholds = [0.5, 1, 2, 5, 10, 50].map(falseAlarms.threshold)
    #expect(zip(thresholds, thresholds.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test(
    "the regularised incomplete beta function equals scipy's",
    arguments: [
      (0.3, 2.5, 4.25, 0.3795604781573274), (0.995, 10_000.5, 41.25, 0.08710379934254874),
      (0.999, 0.5, 0.5, 0.9798649583666235), (0, 1, 2, 0), (1, 3, 2, 1),
    ])
  func beta(_ x: Double, _ a: Double, _ b: Double, _ expected: Double) {
    #expect(abs(incompleteBeta(x, a, b) - expected) < 1e-9)
  }

  @Test("sessions that are alike within users have a design effect, and the budget holds in nine of ten draws")
  func coverage() {
    var random = SeededRandom(seed: 21)
    var held = 0
    var effects: [Double] = []
    let rounds = 200
    for _ in 0..<rounds {
      // Users differ: evidence is a user's part and a session's part, both normal.
      var evidence: [Double] = []
      var users: [Int] = []
      for user in 0..<400 {
        let own = random.normal()
        for _ in 0..<(1 + random.below(12)) {
          evidence.append(0.6 * own + 0.8 * random.normal())
          users.append(user)
        }
      }
      let falseAlarms = FalseAlarmBudget(evidence: evidence, users: users)
      effects.append(falseAlarms.designEffect)
      guard let allowed = falseAlarms.allowed(20) else { continue }
      let sorted = evidence.sorted(by: >)
      let threshold = (sorted[max(0, allowed - 1)] + sorted[allowed]) / 2
      // The true share of a standard normal number beyond it.
      if erfc(threshold / 2.0.squareRoot()) / 2 <= 0.02 { held += 1 }
    }
    #expect(effects.reduce(0, +) / Double(rounds) > 1.3)
    #expect(held >= 170, "held in \(held) of \(rounds)")
  }

  @Test("rarity rises with the number, is −ln of the share, and goes on beyond all that was seen")
  func rarity() {
    let table = TailTable((1...10_000).map(Double.init))
    #expect(abs(table.rarity(of: 9_000) - log(10)) < 0.02)
    #expect(abs(table.rarity(of: 9_990) - log(10_001 / 12.0)) < 0.05)
    #expect(table.rarity(of: 0) == 0 && table.rarity(of: 20_000) > table.rarity(of: 11_000))
    let points = stride(from: 1.0, to: 12_000, by: 37).map(table.rarity(of:))
    #expect(zip(points, points.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test("one event at a time gives what the LSTM layer gives for the whole session")
  func stepper() {
    var random = SeededRandom(seed: 5)
    let model = SequenceModel(.init(actions: 6, types: 4, embedding: 5, hidden: 9), using: &random)
    let stepper = SequenceStepper(model)
    let width = EventEncoder.numberNames.count
    let actions = [6, 1, 4, 0, 5, 2, 2]
    let numbers = (0..<actions.count * width).map { _ in Float(random.normal()) }
    let expected = model.logits(
      actions: [actions], numbers: Tensor(numbers, shape: [1, actions.count, width]), lengths: [actions.count])
    var state = [Float](repeating: 0, count: 18)
    var gates = [Float](repeating: 0, count: 36)
    var logits = [Float](repeating: 0, count: model.shape.outputs)
    for (step, action) in actions.enumerated() {
      stepper.step(action: action, Array(numbers[step * width..<(step + 1) * width]), state: &state, gates: &gates)
      stepper.logits(0..<logits.count, state: state, into: &logits)
      for k in logits.indices { #expect(abs(logits[k] - expected[0, step, k]) < 2e-5) }
    }
  }
}
