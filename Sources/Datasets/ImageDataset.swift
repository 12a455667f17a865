import Foundation
import Tensors

/// Grey images of one size with a class each.
///
/// `N` images, `H` height, `W` width.
public struct LabelledImages: Sendable, Hashable {
  /// H.
  public let height: Int
  /// W.
  public let width: Int
  /// The brightness of each pixel, 0 to 255, image by image and row by row: N·H·W bytes.
  public let pixels: [UInt8]
  /// The class of each image.
  public let labels: [Int]

  /// Images from their bytes.
  ///
  /// - Precondition: `pixels.count` is `labels.count · height · width`.
  public init(height: Int, width: Int, pixels: [UInt8], labels: [Int]) {
    precondition(
      pixels.count == labels.count * height * width,
      "LabelledImages: \(labels.count) images of \(height)×\(width) need \(labels.count * height * width) pixels, "
        + "found \(pixels.count)")
    self.height = height
    self.width = width
    self.pixels = pixels
    self.labels = labels
  }

  /// N.
  public var count: Int { labels.count }

  /// All images, `[N, H·W]`, each pixel in 0...1. Every call makes the tensor anew: keep it.
  ///
  /// For a convolution reshape it to `[N, 1, H, W]` or `[N, H, W, 1]`: with one channel both are the same numbers.
  public var images: Tensor { Tensor(scaled(0..<count), shape: [count, height * width]) }

  /// Some images, `[indices.count, H·W]`, each pixel in 0...1.
  public func images(at indices: [Int]) -> Tensor {
    Tensor(scaled(indices), shape: [indices.count, height * width])
  }

  /// The images of the given classes, in the order they have here; the labels stay.
  public func only(classes: [Int]) -> LabelledImages {
    selecting(labels.indices.filter { classes.contains(labels[$0]) })
  }

  /// The images at the given places, in that order.
  public func selecting(_ indices: [Int]) -> LabelledImages {
    let size = height * width
    var chosen: [UInt8] = []
    chosen.reserveCapacity(indices.count * size)
    for index in indices { chosen += pixels[(index * size)..<((index + 1) * size)] }
    return LabelledImages(height: height, width: width, pixels: chosen, labels: indices.map { labels[$0] })
  }

  private func scaled(_ indices: some Sequence<Int>) -> [Float] {
    let size = height * width
    var scalars: [Float] = []
    pixels.withUnsafeBufferPointer { pixels in
      for index in indices {
        for pixel in (index * size)..<((index + 1) * size) { scalars.append(Float(pixels[pixel]) / 255) }
      }
    }
    return scalars
  }
}

/// A set of images, divided into a part to learn from and a part to be judged on.
///
///     let digits = try Datasets.mnist()
///     digits.train.images   // [4000, 784]
///     digits.test.labels    // 1,000 numbers from 0 to 9
public struct ImageDataset: Sendable, Hashable {
  /// What to learn from.
  public let train: LabelledImages
  /// What to be judged on.
  public let test: LabelledImages
  /// What the classes are called.
  public let classNames: [String]

  /// A set.
  public init(train: LabelledImages, test: LabelledImages, classNames: [String]) {
    self.train = train
    self.test = test
    self.classNames = classNames
  }

  /// The whole of MNIST or Fashion-MNIST from a folder with its four files, as they are published, but unpacked:
  /// `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`.
  ///
  /// - Throws: `DatasetError` that names the file, what was expected and what was found.
  public init(folder: URL, classNames: [String]) throws(DatasetError) {
    func part(_ name: String) throws(DatasetError) -> LabelledImages {
      try LabelledImages(
        images: folder.appending(path: "\(name)-images-idx3-ubyte"),
        labels: folder.appending(path: "\(name)-labels-idx1-ubyte"), classes: classNames.count)
    }
    self.init(train: try part("train"), test: try part("t10k"), classNames: classNames)
  }
}

extension LabelledImages {
  /// Reads images and labels from two IDX files.
  ///
  /// - Parameters:
  ///   - images: a file with three axes.
  ///   - labels: a file with one axis, as long as the first of the images.
  ///   - classes: how many classes there are; every label must be below it.
  /// - Throws: `DatasetError` that names the file, what was expected and what was found.
  public init(images: URL, labels: URL, classes: Int) throws(DatasetError) {
    let pixels = try IDXArray(contentsOf: images, rank: 3)
    let numbers = try IDXArray(contentsOf: labels, rank: 1)
    guard numbers.shape[0] == pixels.shape[0] else {
      throw .malformed(
        file: labels.path, expected: "\(pixels.shape[0]) labels, one for each image", found: "\(numbers.shape[0])")
    }
    if let index = numbers.bytes.firstIndex(where: { $0 >= classes }) {
      throw .malformed(
        file: labels.path, expected: "labels below \(classes)", found: "\(numbers.bytes[index]) for image \(index)")
    }
    self.init(
      height: pixels.shape[1], width: pixels.shape[2], pixels: pixels.bytes, labels: numbers.bytes.map { Int($0) })
  }
}

/// The embedded sets. Where each comes from and its licence: `docs/data.md`.
public enum Datasets {
  /// 5,000 handwritten digits of 28×28 pixels: 4,000 to learn from and 1,000 to be judged on, shuffled.
  ///
  /// - Throws: `DatasetError` if the files are missing or damaged.
  public static func mnist() throws -> ImageDataset {
    try images("mnist", classNames: (0...9).map { "\($0)" })
  }

  /// 7,500 pictures of clothes of 28×28 pixels: 6,000 to learn from and 1,500 to be judged on.
  ///
  /// - Throws: `DatasetError` if the files are missing or damaged.
  public static func fashion() throws -> ImageDataset {
    try images("fashion", classNames: fashionClasses)
  }

  /// What the ten classes of Fashion-MNIST are called.
  public static let fashionClasses = [
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
  ]

  private static func images(_ name: String, classNames: [String]) throws(DatasetError) -> ImageDataset {
    func part(_ part: String) throws(DatasetError) -> LabelledImages {
      try LabelledImages(
        images: Resources.url("\(name)/\(part)-images.idx"), labels: Resources.url("\(name)/\(part)-labels.idx"),
        classes: classNames.count)
    }
    return ImageDataset(train: try part("train"), test: try part("test"), classNames: classNames)
  }
}
