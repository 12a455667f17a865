import Contracts
import Learning
import Tensors

/// Transposed convolution, adversarial losses, alternating steps, and the Fréchet distance.
///
/// Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), chapter 4; Goodfellow et al., "Generative
/// adversarial nets", NeurIPS 2014, algorithm 1; Heusel et al., NeurIPS 2017, equation 6.
public struct GANTransposedConvImages: GANTransposedConvImagesExercise {
  /// Makes the reference.
  public init() {}

  // MARK: - Transposed convolution

  /// One matrix product makes all stamps, then they are added where they fall.
  public func convTranspose2d(_ x: Tensor, w: Tensor, b: Tensor?, stride: Int, padding: Int) throws -> Tensor {
    let shape = try Stamps(x, w, stride, padding)
    let stamps = rows(x).matmul(w.reshaped([w.shape[0], shape.stampSize]))  // [BHW, O·k·k]
    var y = [Float](repeating: 0, count: shape.outputCount)
    y.withUnsafeMutableBufferPointer { y in
      stamps.scalars.withUnsafeBufferPointer { stamps in
        shape.forEach { stamp, place in y[place] += stamps[stamp] }
      }
    }
    let result = Tensor(y, shape: shape.output)
    guard let b else { return result }
    return result + b.reshaped([b.count, 1, 1])
  }

  /// The way back reads where the way there wrote: the gradient of every stamp is gathered, and the rest is the gradient of
  /// a matrix product.
  public func convTranspose2dBackward(
    _ x: Tensor, w: Tensor, upstream: Tensor, stride: Int, padding: Int
  ) throws -> (x: Tensor, w: Tensor, b: Tensor) {
    let shape = try Stamps(x, w, stride, padding)
    try BadInput.unless(
      upstream.shape == shape.output, "convTranspose2dBackward: upstream \(upstream.shape), output \(shape.output)")
    var gathered = [Float](repeating: 0, count: x.count / x.shape[1] * shape.stampSize)
    gathered.withUnsafeMutableBufferPointer { gathered in
      upstream.scalars.withUnsafeBufferPointer { upstream in
        shape.forEach { stamp, place in gathered[stamp] = upstream[place] }
      }
    }
    let stamps = Tensor(gathered, shape: [x.count / x.shape[1], shape.stampSize])  // [BHW, O·k·k]
    let dx = stamps.matmul(w.reshaped([w.shape[0], shape.stampSize]), transposingSecond: true)  // [BHW, C]
    let dw = rows(x).matmul(stamps, transposingFirst: true)  // [C, O·k·k]
    return (
      dx.reshaped([x.shape[0], x.shape[2], x.shape[3], x.shape[1]]).permuted([0, 3, 1, 2]),
      dw.reshaped(w.shape), upstream.sum(axes: [0, 2, 3])
    )
  }

  /// `[B, C, H, W]` as one row of C numbers for each place, `[BHW, C]`.
  private func rows(_ x: Tensor) -> Tensor { x.permuted([0, 2, 3, 1]).reshaped([x.count / x.shape[1], x.shape[1]]) }

  /// Where the stamps fall.
  private struct Stamps {
    let batch, height, width, kernel, stride, padding: Int
    let output: [Int]

    init(_ x: Tensor, _ w: Tensor, _ stride: Int, _ padding: Int) throws {
      try BadInput.unless(
        x.rank == 4 && w.rank == 4 && x.shape[1] == w.shape[0] && w.shape[2] == w.shape[3] && stride > 0
          && padding >= 0,
        "convTranspose2d: \(x.shape) with kernels \(w.shape), stride \(stride), padding \(padding)")
      (batch, height, width, kernel) = (x.shape[0], x.shape[2], x.shape[3], w.shape[2])
      (self.stride, self.padding) = (stride, padding)
      let cut = w.shape[2] - 2 * padding
      output = [x.shape[0], w.shape[1], (x.shape[2] - 1) * stride + cut, (x.shape[3] - 1) * stride + cut]
      try BadInput.unless(output[2] > 0 && output[3] > 0, "convTranspose2d: the output would be \(output)")
    }

    var stampSize: Int { output[1] * kernel * kernel }
    var outputCount: Int { Tensor.count(of: output) }

    /// Calls `body` with the index of each stamped number and the index of the output that it falls on.
    @inline(__always)
    func forEach(_ body: (_ stamp: Int, _ place: Int) -> Void) {
      let (channels, rows, columns) = (output[1], output[2], output[3])
      var stamp = 0
      for b in 0..<batch {
        for i in 0..<height {
          for j in 0..<width {
            for o in 0..<channels {
              for u in 0..<kernel {
                let row = i * stride + u - padding
                let start = ((b * channels + o) * rows + row) * columns + j * stride - padding
                if row >= 0 && row < rows {
                  let (first, end) = (max(0, padding - j * stride), min(kernel, columns + padding - j * stride))
                  for v in first..<max(first, end) { body(stamp + v, start + v) }
                }
                stamp += kernel
              }
            }
          }
        }
      }
    }
  }

  // MARK: - Two players

  /// −log σ(z) = softplus(−z) and −log(1 − σ(z)) = softplus(z): no probability is ever computed.
  public func discriminatorLoss(real: Tensor, fake: Tensor) throws -> Tensor {
    try BadInput.unless(real.count > 0 && fake.count > 0, "discriminatorLoss: there is no logit")
    return ((-real).softplus().mean() + fake.softplus().mean()) * 0.5
  }

  /// softplus(−z): its gradient is largest where the discriminator is sure of a fake.
  public func generatorLoss(fake: Tensor) throws -> Tensor {
    try BadInput.unless(fake.count > 0, "generatorLoss: there is no logit")
    return (-fake).softplus().mean()
  }

  /// With replacement, as stochastic gradient descent is analysed.
  public func nextBatch(of count: Int, size: Int, using random: inout SeededRandom) throws -> [Int] {
    try BadInput.unless(count > 0 && size > 0, "nextBatch: \(size) of \(count) pictures")
    return (0..<size).map { _ in random.below(count) }
  }

  /// First the discriminator on detached fakes, then the generator through a frozen discriminator.
  public func alternateStep(
    g: any TensorLayer, d: any TensorLayer, real: Tensor, using random: inout SeededRandom, optG: inout Adam,
    optD: inout Adam
  ) throws -> GANStep {
    try BadInput.unless(real.count > 0, "alternateStep: there is no real picture")
    try BadInput.unless(
      real.scalars.allSatisfy { (-1...1).contains($0) },
      "alternateStep: tanh paints in −1...1, but a real pixel lies outside; scale the pictures")
    let batch = real.shape[0]

    let fake = g(.normal([batch, 100], using: &random), training: true).detached()  // no gradient to the generator
    let (realLogits, fakeLogits) = (d(real, training: true), d(fake, training: true))
    let dLoss = try discriminatorLoss(real: realLogits, fake: fakeLogits)
    optD.update(d.parameters, dLoss.gradients(of: d.parameters))

    d.freeze()  // a judge that may be moved would be moved to accept fakes
    defer { d.freeze(false) }
    let gLoss = try generatorLoss(fake: d(g(.normal([batch, 100], using: &random), training: true), training: true))
    optG.update(g.parameters, gLoss.gradients(of: g.parameters))

    return GANStep(
      discriminatorLoss: Double(dLoss.scalar), generatorLoss: Double(gLoss.scalar),
      realProbability: Double(realLogits.sigmoid().mean().scalar),
      fakeProbability: Double(fakeLogits.sigmoid().mean().scalar))
  }

  // MARK: - How far the pictures are from real ones

  /// tr (ΣaΣb)^½ is the sum of the roots of the eigenvalues of Σa^½ Σb Σa^½.
  public func frechetDistance(_ a: Matrix, _ b: Matrix) throws -> Double {
    try BadInput.unless(a.columns == b.columns, "frechetDistance: \(a.columns) and \(b.columns) features")
    try BadInput.unless(
      min(a.rows, b.rows) > a.columns,
      "frechetDistance: \(a.rows) and \(b.rows) samples of \(a.columns) features; at least \(a.columns + 1) are needed")
    let (meanA, covarianceA) = moments(a)
    let (meanB, covarianceB) = moments(b)
    var distance = 0.0
    for (x, y) in zip(meanA, meanB) { distance += (x - y) * (x - y) }
    for i in 0..<a.columns { distance += covarianceA[i, i] + covarianceB[i, i] }
    let root = try SymmetricEigen(of: covarianceA).mapped { max($0, 0).squareRoot() }
    for value in try SymmetricEigen(of: root.times(covarianceB).times(root)).values {
      distance -= 2 * max(value, 0).squareRoot()
    }
    return max(distance, 0)
  }

  private func moments(_ samples: Matrix) -> (mean: [Double], covariance: Matrix) {
    let (n, k) = (samples.rows, samples.columns)
    var mean = [Double](repeating: 0, count: k)
    for row in 0..<n {
      for column in 0..<k { mean[column] += samples.values[row * k + column] / Double(n) }
    }
    var centred = samples
    for row in 0..<n {
      for column in 0..<k { centred.values[row * k + column] -= mean[column] }
    }
    var covariance = centred.transposed().times(centred)
    for index in 0..<k * k { covariance.values[index] /= Double(n - 1) }
    return (mean, covariance)
  }
}
