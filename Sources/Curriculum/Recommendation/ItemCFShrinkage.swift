import Charts
import Contracts

extension Exercise {
  /// Item-to-item collaborative filtering (002 C5).
  public static let itemCFShrinkage: Exercise = Exercise(
    (any ItemCFShrinkageExercise).self,
    topic: .recommendation, kind: .task, sources: ["002 C5"],
    title: LocalizedText(
      en: "Item-to-item collaborative filtering: cosine with shrinkage, neighbours, recent history, ranked evaluation",
      zh: "物品协同过滤：带收缩的余弦相似度、近邻、近期历史与排序评估"),
    difficulty: 2, minutes: 45,
    checks: ItemCFShrinkageChecks.all,
    demo: ItemCFShrinkageDemo.demo)
}
