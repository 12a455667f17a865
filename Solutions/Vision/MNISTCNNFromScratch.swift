import Contracts
import Foundation
import Learning
import Tensors

/// Convolution, pooling, loss and training step by hand.
///
/// LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition", Proceedings of the IEEE
/// 86 (1998); Goodfellow, Bengio & Courville, "Deep Learning" (2016), chapters 6.5 and 9.
///
/// Every innermost loop runs over the filters, which lie side by side in memory, so that it becomes vector code.
public struct MNISTCNNFromScratch: MNISTCNNFromScratchExercise {
  /// Makes the reference.
  public init() {}

  // MARK: - Convolution

  /// A valid cross-correlation, tap by tap.
  public func convForward(_ x: Tensor, _ w: Tensor, _ bias: Tensor) throws -> Tensor {
    try requirePictures(x)
    let (batch, filters) = (x.shape[0], bias.count)
    var y = [Float](repeating: 0, count: batch * 26 * 26 * filters)
    y.withUnsafeMutableBufferPointer { y in
      x.scalars.withUnsafeBufferPointer { x in
        w.scalars.withUnsafeBufferPointer { w in
          bias.scalars.withUnsafeBufferPointer { bias in
            for b in 0..<batch {
              for i in 0..<26 {
                for j in 0..<26 {
                  let output = ((b * 26 + i) * 26 + j) * filters
                  for f in 0..<filters { y[output + f] = bias[f] }
                  for u in 0..<3 {
                    for v in 0..<3 {
                      let pixel = x[(b * 28 + i + u) * 28 + j + v]
                      if pixel == 0 { continue }  // most of a picture is background
                      let tap = (u * 3 + v) * filters
                      for f in 0..<filters { y[output + f] += pixel * w[tap + f] }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return Tensor(y, shape: [batch, 26, 26, filters])
  }

  /// The same loops; what was read with a weight now adds to that weight's gradient.
  public func convBackward(_ x: Tensor, upstream: Tensor) throws -> (w: Tensor, bias: Tensor) {
    try requirePictures(x)
    let (batch, filters) = (x.shape[0], upstream.shape[3])
    var dw = [Float](repeating: 0, count: 9 * filters)
    var dBias = [Float](repeating: 0, count: filters)
    dw.withUnsafeMutableBufferPointer { dw in
      dBias.withUnsafeMutableBufferPointer { dBias in
        x.scalars.withUnsafeBufferPointer { x in
          upstream.scalars.withUnsafeBufferPointer { upstream in
            for b in 0..<batch {
              for i in 0..<26 {
                for j in 0..<26 {
                  let output = ((b * 26 + i) * 26 + j) * filters
                  for f in 0..<filters { dBias[f] += upstream[output + f] }
                  for u in 0..<3 {
                    for v in 0..<3 {
                      let pixel = x[(b * 28 + i + u) * 28 + j + v]
                      if pixel == 0 { continue }
                      let tap = (u * 3 + v) * filters
                      for f in 0..<filters { dw[tap + f] += pixel * upstream[output + f] }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return (Tensor(dw, shape: [3, 3, 1, filters]), Tensor(dBias))
  }

  // MARK: - Pooling

  /// A window's later numbers win only when they are larger, so the first of equals stays.
  public func maxPool2(_ x: Tensor) throws -> (y: Tensor, argmax: [Int32]) {
    try BadInput.unless(
      x.rank == 4 && x.shape[1] % 2 == 0 && x.shape[2] % 2 == 0,
      "maxPool2: expected [B, 2h, 2w, F], found shape \(x.shape)")
    let (batch, height, width, filters) = (x.shape[0], x.shape[1] / 2, x.shape[2] / 2, x.shape[3])
    let row = x.shape[2] * filters
    var maxima = [Float](repeating: 0, count: batch * height * width * filters)
    var argmax = [Int32](repeating: 0, count: maxima.count)
    maxima.withUnsafeMutableBufferPointer { maxima in
      argmax.withUnsafeMutableBufferPointer { argmax in
        x.scalars.withUnsafeBufferPointer { x in
          for line in 0..<batch * height {
            for j in 0..<width {
              let output = (line * width + j) * filters
              let corner = 2 * line * row + 2 * j * filters
              for f in 0..<filters {
                var best = corner + f
                var largest = x[best]
                for place in [corner + f + filters, corner + f + row, corner + f + row + filters]
                where x[place] > largest {
                  best = place
                  largest = x[place]
                }
                maxima[output + f] = largest
                argmax[output + f] = Int32(best)
              }
            }
          }
        }
      }
    }
    return (Tensor(maxima, shape: [batch, height, width, filters]), argmax)
  }

  /// Windows do not overlap, so every place receives at most one gradient.
  public func maxPool2Backward(_ upstream: Tensor, argmax: [Int32], inputShape: [Int]) throws -> Tensor {
    try BadInput.unless(
      argmax.count == upstream.count, "maxPool2Backward: \(upstream.count) gradients, but \(argmax.count) places")
    var gradient = [Float](repeating: 0, count: Tensor.count(of: inputShape))
    let upstream = upstream.scalars
    for (index, place) in argmax.enumerated() { gradient[Int(place)] += upstream[index] }
    return Tensor(gradient, shape: inputShape)
  }

  // MARK: - Loss

  /// With m the row's maximum, −log softmax(z)[y] = log Σ exp(z − m) − (z[y] − m); its gradient is (softmax − one-hot) / B.
  public func softmaxCrossEntropy(_ logits: Tensor, _ labels: [Int]) throws -> (loss: Float, dLogits: Tensor) {
    let (batch, classes) = (logits.shape[0], logits.shape[1])
    try BadInput.unless(batch > 0, "softmaxCrossEntropy: the batch is empty")
    try BadInput.unless(labels.count == batch, "\(batch) rows of logits, but \(labels.count) labels")
    try BadInput.unless(
      labels.allSatisfy { (0..<classes).contains($0) }, "a label lies outside 0..<\(classes): \(labels)")
    var loss: Float = 0
    var gradient = logits.scalars
    for (b, label) in labels.enumerated() {
      let row = b * classes..<(b + 1) * classes
      let target = b * classes + label
      let largest = gradient[row].max() ?? 0
      let targetLogit = gradient[target] - largest
      var sum: Float = 0
      for index in row {
        gradient[index] = exp(gradient[index] - largest)
        sum += gradient[index]
      }
      loss += log(sum) - targetLogit
      for index in row { gradient[index] /= sum * Float(batch) }
      gradient[target] -= 1 / Float(batch)
    }
    return (loss / Float(batch), Tensor(gradient, shape: logits.shape))
  }

  // MARK: - The network

  /// Forward, and nothing kept.
  public func logits(_ model: SmallCNN, _ x: Tensor) throws -> Tensor {
    try forward(model, x).logits
  }

  /// Forward keeps what backward needs: the pooled picture, where the maxima stood, and the hidden units.
  public func lossAndGradients(
    _ model: SmallCNN, _ x: Tensor, _ labels: [Int]
  ) throws -> (loss: Float, gradients: SmallCNN) {
    let pass = try forward(model, x)
    let (loss, dLogits) = try softmaxCrossEntropy(pass.logits, labels)

    // A dense layer y = xW + b has dW = xᵀ dy, db = Σ dy over the batch, dx = dy Wᵀ.
    let dHidden = behindReLU(dLogits.matmul(model.outputWeight, transposingSecond: true), pass.hidden)  // [B, H]
    let dPooled = dHidden.matmul(model.hiddenWeight, transposingSecond: true)  // [B, 169F]
    let shape = [x.shape[0], 26, 26, model.convBias.count]
    let dRectified = try maxPool2Backward(dPooled, argmax: pass.argmax, inputShape: shape)  // [B, 26, 26, F]
    let conv = try convBackward(x, upstream: behindReLU(dRectified, pass.rectified))

    return (
      loss,
      SmallCNN(
        convWeight: conv.w, convBias: conv.bias,
        hiddenWeight: pass.pooled.matmul(dHidden, transposingFirst: true), hiddenBias: dHidden.sum(axis: 0),
        outputWeight: pass.hidden.matmul(dLogits, transposingFirst: true), outputBias: dLogits.sum(axis: 0))
    )
  }

  /// One step down the gradient.
  public func trainStep(
    _ model: inout SmallCNN, _ x: Tensor, _ labels: [Int], _ adam: inout Adam
  ) throws -> Float {
    let (loss, gradients) = try lossAndGradients(model, x, labels)
    adam.update(&model.tensors, gradients: gradients.tensors)
    return loss
  }

  private struct Pass {
    var rectified: Tensor  // [B, 26, 26, F]
    var argmax: [Int32]
    var pooled: Tensor  // [B, 169F]
    var hidden: Tensor  // [B, H]
    var logits: Tensor  // [B, 10]
  }

  private func forward(_ model: SmallCNN, _ x: Tensor) throws -> Pass {
    let rectified = try convForward(x, model.convWeight, model.convBias).relu()
    let (maxima, argmax) = try maxPool2(rectified)
    let pooled = maxima.reshaped([x.shape[0], model.hiddenWeight.shape[0]])
    let hidden = (pooled.matmul(model.hiddenWeight) + model.hiddenBias).relu()
    let logits = hidden.matmul(model.outputWeight) + model.outputBias
    return Pass(rectified: rectified, argmax: argmax, pooled: pooled, hidden: hidden, logits: logits)
  }

  /// A rectified unit that is silent passes no gradient on.
  private func behindReLU(_ gradient: Tensor, _ rectified: Tensor) -> Tensor {
    var masked = gradient.scalars
    let count = masked.count
    masked.withUnsafeMutableBufferPointer { masked in
      rectified.scalars.withUnsafeBufferPointer { rectified in
        for index in 0..<count where rectified[index] <= 0 { masked[index] = 0 }
      }
    }
    return Tensor(masked, shape: gradient.shape)
  }

  private func requirePictures(_ x: Tensor) throws {
    try BadInput.unless(
      x.rank == 4 && x.shape[0] > 0 && Array(x.shape.dropFirst()) == [28, 28, 1],
      "expected pictures [B, 28, 28, 1] with B > 0, found shape \(x.shape)")
  }
}
