import Charts
import Contracts

extension Exercise {
  /// Two stacked LSTM layers against silent channel switches (000 C2).
  public static let stackedLSTMSwitchDetector: Exercise = Exercise(
    (any StackedLSTMSwitchDetectorExercise).self,
    topic: .anomaly, kind: .task, sources: ["000 C2"],
    title: LocalizedText(
      en: "Two-layer LSTM anomaly detector trained on normal sessions only (channel-switch takeover)",
      zh: "双层 LSTM 行为序列异常检测：只用正常样本训练，定位账号接管"),
    difficulty: 3, minutes: 60,
    checks: StackedLSTMSwitchDetectorChecks.all,
    demo: StackedLSTMSwitchDetectorDemo.demo)
}
