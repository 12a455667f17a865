import Charts
import Contracts

extension Exercise {
  /// One scorer, live and in batch, to the same bit (001 §3.2.6).
  public static let streamBatchParity: Exercise = Exercise(
    (any StreamBatchParityExercise).self,
    topic: .anomaly, kind: .question, sources: ["001 §3.2.6"],
    title: LocalizedText(
      en: "Real-time and batch detection must give the same score", zh: "实时检测与批量检测必须给出同一个分数"),
    difficulty: 3, minutes: 30,
    checks: StreamBatchParityChecks.all,
    demo: StreamBatchParityDemo.demo)
}
