import Charts
import Contracts

extension Exercise {
  /// Graph convolution with Â (002 C19).
  public static let gcnNormalizedPropagation: Exercise = Exercise(
    (any GCNNormalizedPropagationExercise).self,
    topic: .graphs, kind: .task, sources: ["002 C19"],
    title: LocalizedText(
      en: "GCN: symmetric normalised propagation, masked semi-supervised loss, fraud rings by shared devices",
      zh: "GCN：对称归一化传播、半监督掩码损失与共享设备团伙识别"),
    difficulty: 3, minutes: 60,
    checks: GCNNormalizedPropagationChecks.all,
    demo: GCNNormalizedPropagationDemo.demo)
}
