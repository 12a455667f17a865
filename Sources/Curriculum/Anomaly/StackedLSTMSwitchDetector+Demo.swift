import Behavior
import Charts
import Foundation
import Learning
import Tensors

enum StackedLSTMSwitchDetectorDemo {
  static let demo = Demo<any StackedLSTMSwitchDetectorExercise> { detector, context in
    var random = context.random("sessions")
    let data = SwitchData(train: 3_000, using: &random)
    var own = context.random("model")
    var model = try SurpriseModel(detector, vocabulary: SwitchData.vocabulary, using: &own)
    let start = ContinuousClock.now
    try model.train(data.train, SurpriseTraining(vocabulary: SwitchData.vocabulary, epochs: 8), using: &own) {
      context.progress(ProgressUpdate("two-layer LSTM", fraction: $0, details: String(format: "loss %.3f", $1)))
    }
    print(ContinuousClock.now - start)
    let markov = MarkovModel(data.train, vocabulary: SwitchData.vocabulary)
    for s in [try model.surprise(data.test), markov.surprise(data.test)] {
    print(try Metrics.auc(data.labels, scores: s.mean), try Metrics.auc(data.labels, scores: s.peak))
    }
    let s = try model.surprise(data.test)
    let cal = try model.surprise(data.calibration)
    let th = try DetectorFigures.budgets.map { try detector.thresholdForFalseAlarms(cal.mean, budget: $0) }
    let thp = try DetectorFigures.budgets.map { try detector.thresholdForFalseAlarms(cal.peak, budget: $0) }
    print(try DetectorFigures(labels: data.labels, scores: s.mean, thresholds: th))
    print(try DetectorFigures(labels: data.labels, scores: s.peak, thresholds: thp))
    print("dated", data.dated(s) { s.mean[$0] > th[1] }, data.dated(s) { s.peak[$0] > thp[1] })
    func d1(_ a: (Int) -> Bool) -> Double {
    var (near, all) = (0, 0)
    for (session, sample) in data.samples.enumerated() {
      guard let first = sample.firstWrongStep, a(session) else { continue }
      all += 1
      let st = s.perStep[session]
      if abs((st.indices.max { st[$0] < st[$1] } ?? 0) + 1 - first) <= 2 { near += 1 }
    }
    return Double(near) / Double(all)
    }
    print("dated1", d1 { s.mean[$0] > th[1] }, d1 { s.peak[$0] > thp[1] })
    return DemoReport(metrics: [:], baseline: [:], report: Report(title: LocalizedText("")))
  }
}
