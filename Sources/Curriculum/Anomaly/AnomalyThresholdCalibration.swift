import Charts
import Contracts

extension Exercise {
  /// Average precision, contamination, conformal p-values and the false-discovery rate (002 C30).
  public static let anomalyThresholdCalibration: Exercise = Exercise(
    (any AnomalyThresholdCalibrationExercise).self,
    topic: .anomaly, kind: .task, sources: ["002 C30"],
    title: LocalizedText(
      en: "From score to alarm: average precision, contamination, conformal p-values, false-discovery control",
      zh: "从分数到告警：平均精度、污染率、保形 p 值与错误发现率控制"),
    difficulty: 3, minutes: 45,
    checks: AnomalyThresholdCalibrationChecks.all,
    demo: AnomalyThresholdCalibrationDemo.demo)
}
