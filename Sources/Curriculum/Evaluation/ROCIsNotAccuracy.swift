import Charts
import Contracts

extension Exercise {
  /// Precision, recall, ROC and AUC (002 Q3).
  public static let rocIsNotAccuracy: Exercise = Exercise(
    (any ROCIsNotAccuracyExercise).self,
    topic: .evaluation, kind: .question, sources: ["002 Q3"],
    title: LocalizedText(
      en: "Precision, recall, ROC and AUC defined correctly, and why accuracy lies at 1% positives",
      zh: "正确定义精确率、召回率、ROC 与 AUC：为何 1% 正例下准确率会骗人"),
    difficulty: 2, minutes: 30,
    checks: ROCIsNotAccuracyChecks.all,
    demo: ROCIsNotAccuracyDemo.demo)
}
