import Behavior
import Detection
import Foundation
import Simulation
import Tensors

/// A small simulated log and a detector fitted to it, made once for all tests.
struct Fixture: Sendable {
  let events: [Event]
  let labels: EventLabels
  let labelled: FitResult
  let unlabelled: FitResult

  static let shared = Result { try Fixture() }

  private init() throws {
    var simulator = PlatformSimulator(users: 260, days: 10)
    simulator.anomalies = [.some(12, .bot), .some(30, .takeover), .some(20, .cardTesting)]
    var random = SeededRandom(seed: 3)
    let log = simulator.simulate(using: &random)
    events = log.events
    labels = try EventLabels(labels: Fixture.labelText(log), flags: Fixture.flagText(log), events: events)
    let cleaned = LogCleaning().clean(events).events
    labelled = try DetectorFit(Fixture.options).fit(cleaned, labels: labels)
    unlabelled = try DetectorFit(Fixture.options).fit(cleaned)
  }

  static var options: FitOptions {
    var options = FitOptions()
    options.epochs = 3
    options.hidden = 12
    options.trees = 25
    options.budget = 30
    return options
  }

  static func labelText(_ log: SimulatedLog) -> String {
    "kind,users,start,end\n"
      + log.anomalies.map { "\($0.kind.rawValue),\($0.users.joined(separator: " ")),\($0.start),\($0.end)\n" }.joined()
  }

  static func flagText(_ log: SimulatedLog) -> String {
    "event,anomaly\n"
      + log.causes.enumerated().compactMap { $1 < 0 ? nil : "\($0 + 1),\($1 + 1)\n" }.joined()
  }

  /// The alerts of a batch run over events in the order in which they arrive.
  static func alerts(_ model: DetectionModel, _ events: [Event], lateness: Double = 60) -> [Alert] {
    let run = DetectionRun(model, lateness: lateness)
    var alerts: [Alert] = []
    run.add(events) { alerts.append($0) }
    run.finish { alerts.append($0) }
    return alerts
  }
}
