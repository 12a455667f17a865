import Charts
import Contracts

extension Exercise {
  /// Ragged logs as a tensor, its lengths, mask and layout (001 §4.1.1).
  public static let sequenceTensorTND: Exercise = Exercise(
    (any SequenceTensorTNDExercise).self,
    topic: .sequences, kind: .question, sources: ["001 §4.1.1", "001 §2.1"],
    title: LocalizedText(
      en: "Encoding behaviour logs as T×N×D: ragged lengths, masks and layout",
      zh: "把行为日志编码成 T×N×D：不等长、掩码与内存布局"),
    difficulty: 2, minutes: 20,
    checks: SequenceTensorTNDChecks.all,
    demo: SequenceTensorTNDDemo.demo)
}
