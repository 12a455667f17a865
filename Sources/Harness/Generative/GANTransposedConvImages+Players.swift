import Contracts
import Datasets
import Foundation
import Learning
import Tensors

/// A candidate's transposed convolution as a layer whose weights can be trained.
///
/// A layer cannot throw, so an error is kept and thrown by `rethrow()` after the step.
package final class UpsamplingLayer: TensorLayer {
  private let gan: any GANTransposedConvImagesExercise
  private let weight: Parameter
  private let bias: Parameter
  private let stride: Int
  private let padding: Int
  private var failure: (any Error)?

  package init(
    _ gan: any GANTransposedConvImagesExercise, _ channels: Int, _ filters: Int, kernel: Int, stride: Int,
    padding: Int = 1, using random: inout SeededRandom
  ) {
    self.gan = gan
    // A number of the output is reached by (kernel / stride)² numbers of each input channel.
    let reach = max(1, kernel * kernel / (stride * stride)) * channels
    weight = Parameter(
      "weight",
      Initializer.kaimingUniform([channels, filters, kernel, kernel], fanIn: reach, fanOut: filters, using: &random))
    bias = Parameter("bias", .zeros([filters]))
    self.stride = stride
    self.padding = padding
  }

  package var parameters: [Parameter] { [weight, bias] }

  package func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    let (x, w) = (input.detached(), weight.value.detached())
    let side = { [stride, padding] in ($0 - 1) * stride - 2 * padding + w.shape[2] }
    let shape = [x.shape[0], w.shape[1], side(x.shape[2]), side(x.shape[3])]
    do {
      let y = try gan.convTranspose2d(x, w: w, b: bias.value.detached(), stride: stride, padding: padding)
      guard y.shape == shape else { throw BadInput("convTranspose2d: expected shape \(shape), seen \(y.shape)") }
      return y.detached().recording([input, weight.value, bias.value]) { upstream, _ in
        do {
          let gradient = try self.gan.convTranspose2dBackward(
            x, w: w, upstream: upstream, stride: self.stride, padding: self.padding)
          return [gradient.x, gradient.w, gradient.b]
        } catch {
          self.failure = error
          return [.zeros(x.shape), .zeros(w.shape), .zeros([w.shape[1]])]
        }
      }
    } catch {
      failure = error
      return .zeros(shape)
    }
  }

  package func rethrow() throws {
    if let failure { throw failure }
  }
}

/// A generator and a discriminator of 28×28 pictures, with their optimizers.
package struct PicturePlayers {
  /// How the generator gets from 7×7 to 28×28.
  package enum Growth {
    /// 7 → 14 → 28 by two transposed convolutions of stride 2.
    case strided
    /// The document's layers: stride 1, so 7 stays 7, and each pixel is blown up to 4×4.
    case blownUp
  }

  package let generator: Sequential
  package let discriminator: Sequential
  package var optG = Adam(learningRate: 1e-3, beta1: 0.5)
  package var optD = Adam(learningRate: 4e-4, beta1: 0.5)
  private let upsampling: [UpsamplingLayer]

  package init(
    _ gan: any GANTransposedConvImagesExercise, channels: Int, growth: Growth = .strided,
    using random: inout SeededRandom
  ) {
    let (kernel, stride) = growth == .strided ? (4, 2) : (3, 1)
    upsampling = [
      UpsamplingLayer(gan, 2 * channels, channels, kernel: kernel, stride: stride, using: &random),
      UpsamplingLayer(gan, channels, 1, kernel: kernel, stride: stride, using: &random),
    ]
    generator = Sequential(
      Dense(100, 49 * 2 * channels, initializer: .kaimingUniform, using: &random), Activation.relu,
      Activation { $0.reshaped([$0.shape[0], 2 * channels, 7, 7]) }, upsampling[0], Activation.relu, upsampling[1],
      Activation.tanh, Activation { growth == .strided ? $0 : Self.blownUp($0) })
    discriminator = Sequential(
      Conv2D(1, channels, kernel: 4, stride: 2, padding: 1, initializer: .kaimingUniform, using: &random),
      Activation.leakyRelu(0.2),
      Conv2D(channels, 2 * channels, kernel: 4, stride: 2, padding: 1, initializer: .kaimingUniform, using: &random),
      Activation.leakyRelu(0.2), Activation.flatten,
      Dense(2 * channels * 49, 1, initializer: .kaimingUniform, using: &random))
  }

  /// Each player's turn, once.
  package mutating func step(
    _ gan: any GANTransposedConvImagesExercise, real: Tensor, using random: inout SeededRandom
  ) throws -> GANStep {
    let step = try gan.alternateStep(
      g: generator, d: discriminator, real: real, using: &random, optG: &optG, optD: &optD)
    for layer in upsampling { try layer.rethrow() }
    return step
  }

  /// Pictures in −1...1, `[count, 1, 28, 28]`.
  package func paint(_ count: Int, using random: inout SeededRandom) throws -> Tensor {
    var parts: [Tensor] = []
    for start in stride(from: 0, to: count, by: 100) {
      parts.append(generator(.normal([min(100, count - start), 100], using: &random)).detached())
    }
    for layer in upsampling { try layer.rethrow() }
    return Tensor.concatenated(parts)
  }

  private static func blownUp(_ x: Tensor) -> Tensor {
    x.reshaped([x.shape[0], 1, 7, 1, 7, 1]).broadcast(to: [x.shape[0], 1, 7, 4, 7, 4])
      .reshaped([x.shape[0], 1, 28, 28])
  }
}

/// Trousers, sneakers and bags of Fashion-MNIST: three kinds that even a small judge tells apart.
package struct ThreeKinds {
  package static let classes = [1, 7, 8]

  package let train: LabelledImages
  package let test: LabelledImages

  package init() throws {
    let fashion = try Datasets.fashion()
    train = fashion.train.only(classes: Self.classes)
    test = fashion.test.only(classes: Self.classes)
  }

  /// Pictures in −1...1, `[indices.count, 1, 28, 28]`.
  package static func scaled(_ pictures: LabelledImages, _ indices: [Int]) -> Tensor {
    (pictures.images(at: indices) * 2 - 1).reshaped([indices.count, 1, 28, 28])
  }
}

/// A small classifier of the three kinds; its 64 hidden features are where pictures are compared.
///
/// It is trained anew, always from the same seed, in less than two seconds: no weights are shipped, and every distance in one
/// program is measured in the same features.
package struct PictureJudge {
  private let features: Sequential
  private let head: Dense
  package let accuracy: Double
  private let realFeatures: Matrix

  package init(_ kinds: ThreeKinds) throws {
    var random = SeededRandom(seed: 64)
    features = Sequential(
      Conv2D(1, 16, kernel: 3, stride: 2, padding: 1, initializer: .kaimingUniform, using: &random), Activation.relu,
      Conv2D(16, 32, kernel: 3, stride: 2, padding: 1, initializer: .kaimingUniform, using: &random), Activation.relu,
      Activation.flatten, Dense(1_568, 64, initializer: .kaimingUniform, using: &random), Activation.relu)
    head = Dense(64, 3, initializer: .kaimingUniform, using: &random)
    let parameters = features.parameters + head.parameters
    var adam = Adam(learningRate: 2e-3)
    for _ in 0..<5 {
      let order = random.permutation(of: kinds.train.count)
      for start in stride(from: 0, to: order.count, by: 32) {
        let batch = Array(order[start..<min(start + 32, order.count)])
        let labels = batch.map { ThreeKinds.classes.firstIndex(of: kinds.train.labels[$0]) ?? 0 }
        let loss = softmaxCrossEntropy(head(features(ThreeKinds.scaled(kinds.train, batch))), labels)
        adam.update(parameters, loss.gradients(of: parameters))
      }
    }
    for parameter in parameters { parameter.isFrozen = true }
    let real = features(ThreeKinds.scaled(kinds.test, Array(0..<kinds.test.count)))
    realFeatures = Self.matrix(real)
    accuracy = try Metrics.accuracy(
      kinds.test.labels, predicted: head(real).argmax().map { ThreeKinds.classes[$0] })
  }

  /// What the judge makes of some pictures.
  package struct Verdict: Codable {
    /// The Fréchet distance from the held-out real pictures.
    package var distance: Double
    /// The share of each of the three kinds.
    package var shares: [Double]
  }

  /// Judges pictures in −1...1, `[N, 1, 28, 28]`.
  package func verdict(on pictures: Tensor, by reference: any GANTransposedConvImagesExercise) throws -> Verdict {
    let hidden = features(pictures)
    var shares = [0.0, 0.0, 0.0]
    for kind in head(hidden).argmax() { shares[kind] += 1 / Double(pictures.shape[0]) }
    return Verdict(distance: try reference.frechetDistance(Self.matrix(hidden), realFeatures), shares: shares)
  }

  private static func matrix(_ x: Tensor) -> Matrix {
    Matrix(rows: x.shape[0], columns: x.shape[1], values: x.scalars.map(Double.init))
  }
}

/// Samplers that know the pixels' means and (co)variances and nothing else: what a GAN has to beat.
package enum GaussianPictures {
  /// Every pixel by itself.
  package static func pixelwise(_ pictures: Tensor, _ count: Int, using random: inout SeededRandom) -> Tensor {
    let flat = pictures.flattened()
    let (mean, deviation) = (flat.mean(axis: 0), flat.variance(axis: 0).sqrt())
    return (Tensor.normal([count, 784], using: &random) * deviation + mean).clipped(to: -1...1)
      .reshaped([count, 1, 28, 28])
  }

  /// All pixels with all their covariances: random combinations of the real pictures' deviations from their mean have
  /// exactly the sample's covariance.
  package static func correlated(_ pictures: Tensor, _ count: Int, using random: inout SeededRandom) -> Tensor {
    let flat = pictures.flattened()
    let mean = flat.mean(axis: 0)
    let weights = Tensor.normal([count, flat.shape[0]], using: &random) / Float(flat.shape[0]).squareRoot()
    return (weights.matmul(flat - mean) + mean).clipped(to: -1...1).reshaped([count, 1, 28, 28])
  }
}
