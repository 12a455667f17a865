import Charts
import Contracts

extension Exercise {
  /// From what errors cost to when to raise an alert (000 Q5).
  public static let alertCostThreshold: Exercise = Exercise(
    (any AlertCostThresholdExercise).self,
    topic: .evaluation, kind: .question, sources: ["000 Q5"],
    title: LocalizedText(
      en: "Applications differ by their costs: the threshold each use case needs",
      zh: "应用场景的差别在代价：为每个场景求最优报警阈值"),
    difficulty: 2, minutes: 25,
    checks: AlertCostThresholdChecks.all,
    demo: AlertCostThresholdDemo.demo)
}
