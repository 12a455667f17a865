import Charts
import Contracts

extension Exercise {
  /// A ring of users that is abnormal only together (000 Q17).
  public static let collectiveAnomalyRing: Exercise = Exercise(
    (any CollectiveAnomalyRingExercise).self,
    topic: .anomaly, kind: .question, sources: ["000 Q17"],
    title: LocalizedText(
      en: "Collective anomalies: a ring of users that is abnormal only together", zh: "集体异常：只有合在一起才异常的用户团伙"),
    difficulty: 4, minutes: 50,
    checks: CollectiveAnomalyRingChecks.all,
    demo: CollectiveAnomalyRingDemo.demo)
}
