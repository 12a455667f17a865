import Learning
import Tensors

/// An image GAN: a transposed convolution that upsamples, two players that take turns, and a measure of the pictures.
///
/// Shapes: `B` pictures, `C` and `O` channels, `k`×`k` kernels; the channel comes before rows and columns (NCHW).
/// Goodfellow et al., "Generative adversarial nets", NeurIPS 2014; Radford, Metz & Chintala, "Unsupervised representation
/// learning with deep convolutional GANs", ICLR 2016; Heusel et al., "GANs trained by a two time-scale update rule
/// converge to a local Nash equilibrium", NeurIPS 2017, for the Fréchet distance.
public protocol GANTransposedConvImagesExercise: ExerciseContract {
  /// Every input number stamps its kernel, times itself, into the output: stamps lie `stride` apart and add up where they
  /// overlap; then `padding` rows and columns are cut off on every side.
  ///
  /// y[b, o, i·stride + u − padding, j·stride + v − padding] += x[b, c, i, j] · w[c, o, u, v]
  ///
  /// - Parameters:
  ///   - x: `[B, C, H, W]`.
  ///   - w: `[C, O, k, k]`, input channels first.
  ///   - b: one number an output channel, `[O]`, or nil.
  ///   - stride: at least 1.
  ///   - padding: at least 0.
  /// - Returns: `[B, O, (H − 1)·stride − 2·padding + k, (W − 1)·stride − 2·padding + k]`.
  /// - Throws: if the channels do not fit, or a side of the output would not be positive.
  func convTranspose2d(_ x: Tensor, w: Tensor, b: Tensor?, stride: Int, padding: Int) throws -> Tensor

  /// The gradients of `convTranspose2d` from the gradient of its output.
  ///
  /// - Parameters:
  ///   - x: what went in, `[B, C, H, W]`.
  ///   - w: the kernels, `[C, O, k, k]`.
  ///   - upstream: the gradient of the output, of its shape.
  ///   - stride: as in `convTranspose2d`.
  ///   - padding: as in `convTranspose2d`.
  /// - Returns: the gradients of x, of w, and of a bias `[O]`.
  /// - Throws: if the upstream gradient has not the output's shape.
  func convTranspose2dBackward(
    _ x: Tensor, w: Tensor, upstream: Tensor, stride: Int, padding: Int
  ) throws -> (x: Tensor, w: Tensor, b: Tensor)

  /// The discriminator's loss: half the mean of −log σ(real) plus half the mean of −log(1 − σ(fake)).
  ///
  /// - Parameters:
  ///   - real: the discriminator's logits of real pictures, `[B, 1]`.
  ///   - fake: its logits of generated pictures, `[B, 1]`.
  /// - Returns: one number that can be differentiated, finite for logits of any size.
  /// - Throws: if there is no logit.
  func discriminatorLoss(real: Tensor, fake: Tensor) throws -> Tensor

  /// The generator's loss: the mean of −log σ(fake) (the form that does not saturate).
  ///
  /// - Parameter fake: the discriminator's logits of generated pictures, `[B, 1]`.
  /// - Returns: one number that can be differentiated, finite for logits of any size.
  /// - Throws: if there is no logit.
  func generatorLoss(fake: Tensor) throws -> Tensor

  /// Which real pictures the next step sees.
  ///
  /// - Parameters:
  ///   - count: how many pictures there are.
  ///   - size: how many are wanted.
  ///   - random: the source of the choice.
  /// - Returns: `size` indices in 0..<count, drawn anew at each call.
  /// - Throws: if there is no picture, or `size` is not positive.
  func nextBatch(of count: Int, size: Int, using random: inout SeededRandom) throws -> [Int]

  /// One turn of each player: the discriminator learns to tell `real` from fresh fakes, then the generator learns from
  /// other fresh fakes to be taken for real. Each half changes its own player alone.
  ///
  /// - Parameters:
  ///   - g: from noise `[B, 100]` to pictures in −1...1 of the shape of `real`.
  ///   - d: from pictures to logits `[B, 1]`.
  ///   - real: real pictures in −1...1, `[B, 1, 28, 28]`.
  ///   - random: the source of the noise, which is standard normal.
  ///   - optG: the generator's optimizer: `optG.update(g.parameters, gradients)`.
  ///   - optD: the discriminator's.
  /// - Returns: both losses, and what the discriminator thought before it learned.
  /// - Throws: if there is no picture, or a pixel lies outside −1...1.
  func alternateStep(
    g: any TensorLayer, d: any TensorLayer, real: Tensor, using random: inout SeededRandom, optG: inout Adam,
    optD: inout Adam
  ) throws -> GANStep

  /// The Fréchet distance of two sets of features, as if both were normal: ‖μa − μb‖² + tr(Σa + Σb − 2(ΣaΣb)^½).
  ///
  /// Means and unbiased covariances (division by n − 1). ΣaΣb is not symmetric, but Σa^½ Σb Σa^½ has the same eigenvalues
  /// and is; `SymmetricEigen` is given.
  ///
  /// - Parameters:
  ///   - a: one sample a row, `[n, k]`.
  ///   - b: `[m, k]`.
  /// - Returns: the distance, in squared units of the features.
  /// - Throws: if the columns differ, or a set has fewer than k + 1 samples: its covariance would be singular.
  func frechetDistance(_ a: Matrix, _ b: Matrix) throws -> Double
}

/// What happened in one turn of each player.
public struct GANStep: Codable, Sendable, Hashable {
  /// The discriminator's loss before its update.
  public var discriminatorLoss: Double
  /// The generator's loss before its update.
  public var generatorLoss: Double
  /// The mean of σ(D(real)) before the discriminator's update.
  public var realProbability: Double
  /// The mean of σ(D(fake)) before the discriminator's update.
  public var fakeProbability: Double

  /// What happened.
  public init(discriminatorLoss: Double, generatorLoss: Double, realProbability: Double, fakeProbability: Double) {
    self.discriminatorLoss = discriminatorLoss
    self.generatorLoss = generatorLoss
    self.realProbability = realProbability
    self.fakeProbability = fakeProbability
  }
}
