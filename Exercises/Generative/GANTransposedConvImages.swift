import Contracts
import Learning
import Tensors

// An image GAN: a transposed convolution that upsamples, two players that take turns, and a measure of the pictures.
// `dojo show gan-transposed-conv-images` has the question, `dojo hint` helps.
//
// Shapes: B pictures, C and O channels, k×k kernels; the channel comes before rows and columns (NCHW).
// Write the transposed convolution and its gradients on plain numbers (`x.scalars`, `matmul`); the runner makes a layer
// of them. The losses are computed with the operations of `Tensor`, so that they can be differentiated.
// Where an input makes no sense, throw an error: `throw BadInput("…")`.

struct GANTransposedConvImages: GANTransposedConvImagesExercise {
  /// y[b, o, i·stride + u − padding, j·stride + v − padding] += x[b, c, i, j] · w[c, o, u, v], plus b[o].
  /// x [B, C, H, W], w [C, O, k, k], b [O] or nil; the result is [B, O, (H − 1)·stride − 2·padding + k, …].
  /// Throw if the channels do not fit or a side of the result would not be positive.
  func convTranspose2d(_ x: Tensor, w: Tensor, b: Tensor?, stride: Int, padding: Int) throws -> Tensor {
    throw Unfinished()
  }

  /// The gradients of x, of w and of a bias [O], from the gradient of the output.
  func convTranspose2dBackward(
    _ x: Tensor, w: Tensor, upstream: Tensor, stride: Int, padding: Int
  ) throws -> (x: Tensor, w: Tensor, b: Tensor) {
    throw Unfinished()
  }

  /// Half the mean of −log σ(real) plus half the mean of −log(1 − σ(fake)), from logits [B, 1] of any size.
  /// Throw if there is no logit.
  func discriminatorLoss(real: Tensor, fake: Tensor) throws -> Tensor {
    throw Unfinished()
  }

  /// The mean of −log σ(fake), from logits [B, 1] of any size. Throw if there is no logit.
  func generatorLoss(fake: Tensor) throws -> Tensor {
    throw Unfinished()
  }

  /// `size` indices in 0..<count, drawn anew at each call. Throw if there is no picture or `size` is not positive.
  func nextBatch(of count: Int, size: Int, using random: inout SeededRandom) throws -> [Int] {
    throw Unfinished()
  }

  /// The discriminator's half, then the generator's: each changes its own player alone. g makes pictures from standard
  /// normal noise [B, 100], d makes logits [B, 1] of pictures. `loss.gradients(of: d.parameters)` has the gradients,
  /// `optD.update(d.parameters, gradients)` uses them, `detached()` stops them, `d.freeze()` holds a player still.
  /// Throw if there is no picture or a pixel of `real` lies outside −1...1.
  func alternateStep(
    g: any TensorLayer, d: any TensorLayer, real: Tensor, using random: inout SeededRandom, optG: inout Adam,
    optD: inout Adam
  ) throws -> GANStep {
    throw Unfinished()
  }

  /// ‖μa − μb‖² + tr(Σa + Σb − 2(ΣaΣb)^½) of two sets of features, one sample a row; covariances divide by n − 1.
  /// `SymmetricEigen(of: matrix).values` are the eigenvalues of a symmetric matrix, `.mapped { … }` changes them.
  /// Throw if the columns differ or a set has fewer samples than columns + 1.
  func frechetDistance(_ a: Matrix, _ b: Matrix) throws -> Double {
    throw Unfinished()
  }
}
