import Charts
import Contracts

extension Exercise {
  /// Isolation forest, path length and c(n) (002 C10).
  public static let isolationForestPathLength: Exercise = Exercise(
    (any IsolationForestPathLengthExercise).self,
    topic: .anomaly, kind: .task, sources: ["002 C10"],
    title: LocalizedText(
      en: "Isolation forest from scratch: random trees, path length and the normaliser c(n)",
      zh: "从零实现孤立森林：随机树、路径长度与归一化项 c(n)"),
    difficulty: 3, minutes: 60,
    checks: IsolationForestPathLengthChecks.all,
    demo: IsolationForestPathLengthDemo.demo)
}
