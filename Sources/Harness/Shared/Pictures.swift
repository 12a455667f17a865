import Contracts
import Datasets
import Foundation
import Tensors

/// Pictures of 28×28 grey pixels with a label each, as bytes: a quarter of what Float32 would take on the way to a
/// candidate's process.
package struct Pictures: Codable {
  package var pixels: Data  // 784 bytes a picture
  package var labels: [Int]

  package var count: Int { labels.count }

  /// The pictures at some indices as brightness 0...1, `[B, 28, 28, 1]`.
  package func tensor(_ indices: some Collection<Int>) -> Tensor {
    var brightness: [Float] = []
    brightness.reserveCapacity(indices.count * 784)
    pixels.withUnsafeBytes { bytes in
      for index in indices {
        for byte in bytes[index * 784..<(index + 1) * 784] { brightness.append(Float(byte) / 255) }
      }
    }
    return Tensor(brightness, shape: [indices.count, 28, 28, 1])
  }

  /// The pictures at some indices.
  package func subset(_ indices: some Collection<Int>) -> Pictures {
    var chosen = Pictures(pixels: Data(capacity: indices.count * 784), labels: [])
    for index in indices {
      chosen.pixels.append(pixels[index * 784..<(index + 1) * 784])
      chosen.labels.append(labels[index])
    }
    return chosen
  }

  /// Two parts that share no picture, drawn at random.
  package func split(_ first: Int, _ second: Int, using random: inout SeededRandom) -> (Pictures, Pictures) {
    let order = random.permutation(of: count)
    return (subset(order[..<first]), subset(order[first..<first + second]))
  }

  /// All handwritten digits of the embedded MNIST, 5,000.
  package static func digits() throws -> Pictures { Pictures(try Datasets.mnist()) }

  /// All articles of clothing of the embedded Fashion-MNIST, 7,500.
  package static func clothes() throws -> Pictures { Pictures(try Datasets.fashion()) }

  private init(_ set: ImageDataset) {
    self.init(pixels: Data(set.train.pixels + set.test.pixels), labels: set.train.labels + set.test.labels)
  }

  package init(pixels: Data, labels: [Int]) {
    self.pixels = pixels
    self.labels = labels
  }
}

/// Softmax regression on the raw pixels: what a classifier without convolution or hidden units reaches.
package struct SoftmaxRegression {
  private var weights = Tensor.zeros([784, 10])
  private var bias = Tensor.zeros([10])

  /// Trains by gradient descent with momentum 0.9 in batches of 32.
  package init(training: Pictures, epochs: Int = 12, learningRate: Float = 0.01, using random: inout SeededRandom) {
    var velocity = Tensor.zeros([784, 10])
    var biasVelocity = Tensor.zeros([10])
    for epoch in 0..<epochs {
      let rate = epoch < epochs - 3 ? learningRate : learningRate / 10
      let order = random.permutation(of: training.count)
      for start in stride(from: 0, to: order.count, by: 32) {
        let batch = order[start..<min(start + 32, order.count)]
        let x = training.tensor(batch).reshaped([batch.count, 784])
        let target = Tensor.oneHot(batch.map { training.labels[$0] }, classes: 10)
        let error = ((x.matmul(weights) + bias).softmax() - target) / Float(batch.count)
        velocity = velocity * 0.9 + x.matmul(error, transposingFirst: true)
        biasVelocity = biasVelocity * 0.9 + error.sum(axis: 0)
        weights -= velocity * rate
        bias -= biasVelocity * rate
      }
    }
  }

  /// The most likely class of each picture.
  package func predict(_ pictures: Pictures) -> [Int] {
    (pictures.tensor(0..<pictures.count).reshaped([pictures.count, 784]).matmul(weights) + bias).argmax()
  }
}
