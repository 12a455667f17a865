import Charts
import Contracts

extension Exercise {
  /// A one-pass standardiser with mergeable state, fitted on the past only (001 §3.2.2, §5.2.1).
  public static let mergeableStandardizer: Exercise = Exercise(
    (any MergeableStandardizerExercise).self,
    topic: .anomaly, kind: .question, sources: ["001 §3.2.2", "001 §5.2.1"],
    title: LocalizedText(
      en: "A standardiser for streams: one pass, mergeable across shards, fitted on the past only",
      zh: "面向数据流的标准化器：一次遍历、可跨分片合并、只看过去"),
    difficulty: 2, minutes: 25,
    checks: MergeableStandardizerChecks.all,
    demo: MergeableStandardizerDemo.demo)
}
