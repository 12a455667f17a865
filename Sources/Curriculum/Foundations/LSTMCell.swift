import Charts
import Contracts

extension Exercise {
  /// One LSTM cell by hand (000 Q20).
  public static let lstmCell: Exercise = Exercise(
    (any LSTMCellExercise).self,
    topic: .foundations, kind: .question, sources: ["000 Q20"],
    title: LocalizedText(
      en: "What is an LSTM? The cell, its gradient, and why the forget bias decides",
      zh: "什么是 LSTM：细胞、梯度与遗忘门偏置的决定作用"),
    difficulty: 4, minutes: 55,
    checks: LSTMCellChecks.all,
    demo: LSTMCellDemo.demo)
}
