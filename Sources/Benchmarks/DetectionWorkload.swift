import Behavior
import Detection
import Simulation
import Tensors

extension Workload {
  /// Ten thousand events of a simulated log, one by one, through what `dojo detect score` runs: order, encoding, a step
  /// of the LSTM, a walk through the trees, alerts. Nothing is trained in it, and one thread does it all.
  static let detection = Workload("detect-10k-events", multiplyAdds: nil, events: 10_000) {
    var simulator = PlatformSimulator(users: 300, days: 8)
    simulator.anomalies = [.some(12, .bot), .some(30, .takeover), .some(20, .cardTesting)]
    var random = numbers("detection")
    let log = simulator.simulate(using: &random)
    // What a step costs does not depend on how well the weights are trained.
    var options = FitOptions()
    options.epochs = 1
    options.budget = 30
    let model = try DetectorFit(options).fit(LogCleaning().clean(log.events).events).model
    let events = Array(log.events.prefix(10_000))
    return {
      let run = DetectionRun(model)
      var scores = 0.0
      run.add(events) { scores += $0.score }
      run.finish { scores += $0.score }
      return Float(scores)
    }
  }
}
