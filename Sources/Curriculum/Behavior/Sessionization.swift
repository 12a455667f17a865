import Charts
import Contracts

extension Exercise {
  /// From an event log to sessions and windows (000 Q8).
  public static let sessionization: Exercise = Exercise(
    (any SessionizationExercise).self,
    topic: .behavior, kind: .question, sources: ["000 Q8"],
    title: LocalizedText(
      en: "What is a behaviour sequence? From event log to sessions and windows",
      zh: "什么是用户行为序列：从事件日志到会话与窗口"),
    difficulty: 2, minutes: 30,
    checks: SessionizationChecks.all,
    demo: SessionizationDemo.demo)
}
