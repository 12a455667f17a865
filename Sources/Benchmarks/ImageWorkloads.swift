import Learning
import Tensors

extension Workload {
  /// A small convolution network for digits.
  static let convolutionNetwork = Workload(
    "cnn-28x28-b32",
    multiplyAdds: 32 * (2 * 26 * 26 * 32 * 9 + 3 * (11 * 11 * 64 * 32 * 9 + 1600 * 128 + 128 * 10))
  ) {
    var random = numbers("first")
    let model = Sequential(
      Conv2D(1, 32, kernel: 3, using: &random), Activation.relu, Activation.maxPool2d(2),
      Conv2D(32, 64, kernel: 3, using: &random), Activation.relu, Activation.maxPool2d(2), Activation.flatten,
      Dense(1600, 128, using: &random), Activation.relu, Dense(128, 10, using: &random))
    drawWeights(model.parameters)
    var (inputs, labels) = (numbers("inputs"), numbers("labels"))
    let images = Tensor.drawn([32, 1, 28, 28], &inputs)
    let digits = labels.labels(32, classes: 10)
    return trainingStep(model.parameters) { softmaxCrossEntropy(model(images, training: true), digits) }
  }

  /// An autoencoder with a code of eight numbers, on the pixels as probabilities.
  static let autoencoder = Workload(
    "autoencoder-784-b32", multiplyAdds: 32 * (5 * 784 * 64 + 6 * (64 * 32 + 32 * 16 + 16 * 8))
  ) {
    var random = numbers("first")
    let widths = [784, 64, 32, 16, 8, 16, 32, 64, 784]
    var layers: [any TensorLayer] = []
    for (inputs, outputs) in zip(widths, widths.dropFirst()) {
      if !layers.isEmpty { layers.append(Activation.relu) }
      layers.append(Dense(inputs, outputs, using: &random))
    }
    let model = Sequential(layers)
    drawWeights(model.parameters)
    var inputs = numbers("inputs")
    let images = Tensor.drawn([32, 784], &inputs)
    // The cross-entropy takes the numbers before the sigmoid, and applies it itself.
    return trainingStep(model.parameters) { binaryCrossEntropy(model(images, training: true), images) }
  }

  /// A step of both networks of a deep convolutional GAN (Radford et al. 2016): the discriminator on a real and a
  /// generated batch, then the generator through the changed discriminator.
  static let generativeAdversarial = Workload(
    "dcgan-28x28-b32", multiplyAdds: 32 * (generatorProducts + discriminatorProducts)
  ) {
    var random = numbers("first")
    let generator = Sequential(
      Dense(100, 256 * 7 * 7, using: &random), Activation { $0.reshaped([-1, 256, 7, 7]) },
      ConvTranspose2D(256, 128, kernel: 4, stride: 2, padding: 1, hasBias: false, using: &random), BatchNorm2D(128),
      Activation.relu, ConvTranspose2D(128, 1, kernel: 4, stride: 2, padding: 1, using: &random), Activation.tanh)
    let discriminator = Sequential(
      Conv2D(1, 64, kernel: 4, stride: 2, padding: 1, using: &random), Activation.leakyRelu(0.2),
      Conv2D(64, 128, kernel: 4, stride: 2, padding: 1, hasBias: false, using: &random), BatchNorm2D(128),
      Activation.leakyRelu(0.2), Activation.flatten, Dense(128 * 7 * 7, 1, using: &random))
    drawWeights(generator.parameters + discriminator.parameters)
    var inputs = numbers("inputs")
    let images = Tensor.drawn([32, 1, 28, 28], &inputs)
    let noise = Tensor.drawn([32, 100], &inputs)
    let (ones, zeros) = (Tensor.ones([32, 1]), Tensor.zeros([32, 1]))
    var ofGenerator = Adam(learningRate: 2e-4, beta1: 0.5)
    var ofDiscriminator = Adam(learningRate: 2e-4, beta1: 0.5)
    return {
      let made = generator(noise, training: true)
      let judged = step(discriminator.parameters, &ofDiscriminator) {
        binaryCrossEntropy(discriminator(images, training: true), ones)
          + binaryCrossEntropy(discriminator(made.detached(), training: true), zeros)
      }
      discriminator.freeze()
      let fooled = step(generator.parameters, &ofGenerator) {
        binaryCrossEntropy(discriminator(made, training: true), ones)
      }
      discriminator.freeze(false)
      return judged + fooled
    }
  }
}

// Forward, and the gradients of the input and of the weights, each cost as much as the layer; the first layer's input
// needs no gradient.
private let generatorProducts = 2 * 100 * 256 * 49 + 3 * (256 * 128 * 16 * 49 + 128 * 16 * 196)

// Twice forward and backward for the weights; once more forward, and backward for the input alone.
private let discriminatorProducts = 6 * 64 * 16 * 196 + 8 * (128 * 64 * 16 * 49 + 128 * 49)
