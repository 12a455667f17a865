import Charts
import Contracts

extension Exercise {
  /// The document's project, from a log of clicks to a judged model (003 §5).
  public static let nextClickPrediction: Exercise = Exercise(
    (any NextClickPredictionExercise).self,
    topic: .recommendation, kind: .project, sources: ["003 §5", "003 §4.3", "003 §4.4", "003 §6"],
    title: LocalizedText(
      en: "Next-click prediction on page clickstreams: LSTM vs Markov vs popularity, evaluated causally",
      zh: "页面点击流的下一次点击预测：LSTM 对比马尔可夫与热门，按时间评估"),
    difficulty: 5, minutes: 120,
    checks: NextClickPredictionChecks.all,
    demo: NextClickPredictionDemo.demo)
}
