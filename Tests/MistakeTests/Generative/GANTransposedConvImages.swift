import Contracts
import Curriculum
import Learning
import Solutions
import Tensors

let ganTransposedConvImagesMistakes = [
  Mistake(
    DiscriminatorNotFrozen.self, in: .ganTransposedConvImages,
    rejectedBy: "each half changes only its own player, bit for bit", saying: "without freezing"),
  Mistake(
    TrainedToAcceptFakes.self, in: .ganTransposedConvImages,
    rejectedBy: "after 400 turns it paints three kinds of clothes", saying: "freeze it in the generator's half"),
  Mistake(
    StrideIgnored.self, in: .ganTransposedConvImages,
    rejectedBy: "stride 2 upsamples 7 to 14 to 28, the document's layer stays at 7", saying: "The stride is ignored"),
  Mistake(
    AlwaysTheFirstBatch.self, in: .ganTransposedConvImages, rejectedBy: "every real picture gets its turn",
    saying: "x_train[:batch_size]"),
  Mistake(
    StampsReplaceEachOther.self, in: .ganTransposedConvImages,
    rejectedBy: "the transposed convolution equals PyTorch's", saying: "they add up"),
  Mistake(
    KernelsTurnedRound.self, in: .ganTransposedConvImages, rejectedBy: "it is the adjoint of the convolution",
    saying: "⟨x, convT(y)⟩"),
  Mistake(
    GradientDividedByBatch.self, in: .ganTransposedConvImages, rejectedBy: "its gradients equal PyTorch's",
    saying: "You divide by the batch"),
  Mistake(
    SaturatingGenerator.self, in: .ganTransposedConvImages,
    rejectedBy: "the losses equal PyTorch's, for logits of any size", saying: "the form that saturates"),
  Mistake(
    LogarithmOfProbability.self, in: .ganTransposedConvImages,
    rejectedBy: "the losses equal PyTorch's, for logits of any size", saying: "the discriminator's loss"),
  Mistake(
    ProductOfRoots.self, in: .ganTransposedConvImages, rejectedBy: "the Fréchet distance equals SciPy's",
    saying: "do not commute"),
  Mistake(
    AnyPixelWillDo.self, in: .ganTransposedConvImages, rejectedBy: "bad input is refused",
    saying: "real pictures with pixels up to 255"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: GANTransposedConvImagesExercise {}

extension MostlyRight {
  var right: GANTransposedConvImages { GANTransposedConvImages() }

  func convTranspose2d(_ x: Tensor, w: Tensor, b: Tensor?, stride: Int, padding: Int) throws -> Tensor {
    try right.convTranspose2d(x, w: w, b: b, stride: stride, padding: padding)
  }
  func convTranspose2dBackward(
    _ x: Tensor, w: Tensor, upstream: Tensor, stride: Int, padding: Int
  ) throws -> (x: Tensor, w: Tensor, b: Tensor) {
    try right.convTranspose2dBackward(x, w: w, upstream: upstream, stride: stride, padding: padding)
  }
  func discriminatorLoss(real: Tensor, fake: Tensor) throws -> Tensor {
    try right.discriminatorLoss(real: real, fake: fake)
  }
  func generatorLoss(fake: Tensor) throws -> Tensor { try right.generatorLoss(fake: fake) }
  func nextBatch(of count: Int, size: Int, using random: inout SeededRandom) throws -> [Int] {
    try right.nextBatch(of: count, size: size, using: &random)
  }
  func alternateStep(
    g: any TensorLayer, d: any TensorLayer, real: Tensor, using random: inout SeededRandom, optG: inout Adam,
    optD: inout Adam
  ) throws -> GANStep {
    try right.alternateStep(g: g, d: d, real: real, using: &random, optG: &optG, optD: &optD)
  }
  func frechetDistance(_ a: Matrix, _ b: Matrix) throws -> Double { try right.frechetDistance(a, b) }

  /// The document's step: one optimizer moves generator and discriminator towards fakes that pass for real.
  func unfrozenStep(
    g: any TensorLayer, d: any TensorLayer, real: Tensor, using random: inout SeededRandom, optG: inout Adam,
    optD: inout Adam
  ) throws -> GANStep {
    let noise = Tensor.normal([real.shape[0], 100], using: &random)
    let (realLogits, fakeLogits) = (d(real), d(g(noise).detached()))
    let dLoss = try discriminatorLoss(real: realLogits, fake: fakeLogits)
    optD.update(d.parameters, dLoss.gradients(of: d.parameters))
    let gLoss = try generatorLoss(fake: d(g(.normal([real.shape[0], 100], using: &random))))
    let both = g.parameters + d.parameters
    optG.update(both, gLoss.gradients(of: both))
    return GANStep(
      discriminatorLoss: Double(dLoss.scalar), generatorLoss: Double(gLoss.scalar),
      realProbability: Double(realLogits.sigmoid().mean().scalar),
      fakeProbability: Double(fakeLogits.sigmoid().mean().scalar))
  }
}

private struct DiscriminatorNotFrozen: MostlyRight {
  func alternateStep(
    g: any TensorLayer, d: any TensorLayer, real: Tensor, using random: inout SeededRandom, optG: inout Adam,
    optD: inout Adam
  ) throws -> GANStep {
    try unfrozenStep(g: g, d: d, real: real, using: &random, optG: &optG, optD: &optD)
  }
}

private struct TrainedToAcceptFakes: MostlyRight {
  func alternateStep(
    g: any TensorLayer, d: any TensorLayer, real: Tensor, using random: inout SeededRandom, optG: inout Adam,
    optD: inout Adam
  ) throws -> GANStep {
    try unfrozenStep(g: g, d: d, real: real, using: &random, optG: &optG, optD: &optD)
  }
}

/// The document's layers: no strides = 2, so nothing is upsampled.
private struct StrideIgnored: MostlyRight {
  func convTranspose2d(_ x: Tensor, w: Tensor, b: Tensor?, stride: Int, padding: Int) throws -> Tensor {
    try right.convTranspose2d(x, w: w, b: b, stride: 1, padding: padding)
  }
}

private struct AlwaysTheFirstBatch: MostlyRight {
  func nextBatch(of count: Int, size: Int, using random: inout SeededRandom) throws -> [Int] { Array(0..<size) }
}

private struct StampsReplaceEachOther: MostlyRight {
  func convTranspose2d(_ x: Tensor, w: Tensor, b: Tensor?, stride: Int, padding: Int) throws -> Tensor {
    var y = Tensor.zeros(try right.convTranspose2d(x, w: w, b: nil, stride: stride, padding: padding).shape)
    for n in 0..<x.shape[0] {
      for i in 0..<x.shape[2] {
        for j in 0..<x.shape[3] {
          for o in 0..<w.shape[1] {
            for u in 0..<w.shape[2] {
              for v in 0..<w.shape[3] {
                let (row, column) = (i * stride + u - padding, j * stride + v - padding)
                guard row >= 0, row < y.shape[2], column >= 0, column < y.shape[3] else { continue }
                var stamp: Float = 0
                for c in 0..<x.shape[1] { stamp += x[n, c, i, j] * w[c, o, u, v] }
                y[n, o, row, column] = stamp
              }
            }
          }
        }
      }
    }
    return b.map { y + $0.reshaped([$0.count, 1, 1]) } ?? y
  }
}

private struct KernelsTurnedRound: MostlyRight {
  func convTranspose2d(_ x: Tensor, w: Tensor, b: Tensor?, stride: Int, padding: Int) throws -> Tensor {
    let area = w.shape[2] * w.shape[3]
    let numbers = w.scalars
    let turned = Tensor((0..<w.count).map { numbers[$0 / area * area + area - 1 - $0 % area] }, shape: w.shape)
    return try right.convTranspose2d(x, w: turned, b: b, stride: stride, padding: padding)
  }
}

private struct GradientDividedByBatch: MostlyRight {
  func convTranspose2dBackward(
    _ x: Tensor, w: Tensor, upstream: Tensor, stride: Int, padding: Int
  ) throws -> (x: Tensor, w: Tensor, b: Tensor) {
    var gradients = try right.convTranspose2dBackward(x, w: w, upstream: upstream, stride: stride, padding: padding)
    gradients.w = gradients.w / Float(x.shape[0])
    return gradients
  }
}

private struct SaturatingGenerator: MostlyRight {
  func generatorLoss(fake: Tensor) throws -> Tensor { -fake.softplus().mean() }
}

/// Sigmoid in the discriminator, then a logarithm: infinite once the discriminator is sure.
private struct LogarithmOfProbability: MostlyRight {
  func discriminatorLoss(real: Tensor, fake: Tensor) throws -> Tensor {
    (-real.sigmoid().log().mean() - (1 - fake.sigmoid()).log().mean()) * 0.5
  }
}

private struct ProductOfRoots: MostlyRight {
  func frechetDistance(_ a: Matrix, _ b: Matrix) throws -> Double {
    var mean = 0.0
    let (momentsA, momentsB) = (moments(a), moments(b))
    for (x, y) in zip(momentsA.mean, momentsB.mean) { mean += (x - y) * (x - y) }
    let (rootA, rootB) = try (root(momentsA.covariance), root(momentsB.covariance))
    let product = rootA.times(rootB)
    return (0..<a.columns).reduce(mean) {
      $0 + momentsA.covariance[$1, $1] + momentsB.covariance[$1, $1] - 2 * product[$1, $1]
    }
  }

  private func root(_ covariance: Matrix) throws -> Matrix {
    try SymmetricEigen(of: covariance).mapped { max($0, 0).squareRoot() }
  }

  private func moments(_ samples: Matrix) -> (mean: [Double], covariance: Matrix) {
    let mean = (0..<samples.columns).map { column in
      (0..<samples.rows).reduce(0) { $0 + samples[$1, column] } / Double(samples.rows)
    }
    var centred = samples
    for row in 0..<samples.rows {
      for column in 0..<samples.columns { centred[row, column] -= mean[column] }
    }
    var covariance = centred.transposed().times(centred)
    for index in covariance.values.indices { covariance.values[index] /= Double(samples.rows - 1) }
    return (mean, covariance)
  }
}

private struct AnyPixelWillDo: MostlyRight {
  func alternateStep(
    g: any TensorLayer, d: any TensorLayer, real: Tensor, using random: inout SeededRandom, optG: inout Adam,
    optD: inout Adam
  ) throws -> GANStep {
    try right.alternateStep(
      g: g, d: d, real: real.clipped(to: -1...1), using: &random, optG: &optG, optD: &optD)
  }
}
