import Charts
import Contracts

extension Exercise {
  /// An image GAN (000 C16).
  public static let ganTransposedConvImages: Exercise = Exercise(
    (any GANTransposedConvImagesExercise).self,
    topic: .generative, kind: .task, sources: ["000 C16"],
    title: LocalizedText(
      en: "Image GAN: transposed convolution that really upsamples, two players that really alternate",
      zh: "图像生成 GAN：真正上采样的转置卷积与交替训练"),
    difficulty: 4, minutes: 90,
    checks: GANTransposedConvImagesChecks.all,
    demo: GANTransposedConvImagesDemo.demo)
}
