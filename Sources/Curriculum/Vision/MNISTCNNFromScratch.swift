import Charts
import Contracts

extension Exercise {
  /// A CNN image classifier by hand (004 C1).
  public static let mnistCNNFromScratch: Exercise = Exercise(
    (any MNISTCNNFromScratchExercise).self,
    id: "mnist-cnn-from-scratch", topic: .vision, kind: .task, sources: ["004 C1"],
    title: LocalizedText(
      en: "A CNN image classifier, forward and backward by hand",
      zh: "手写一个 CNN 图像分类器（含反向传播）"),
    difficulty: 4, minutes: 75,
    checks: MNISTCNNFromScratchChecks.all,
    demo: MNISTCNNFromScratchDemo.demo)
}
