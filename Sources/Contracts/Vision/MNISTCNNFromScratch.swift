import Learning
import Tensors

/// A small convolutional classifier of 28×28 pictures, forward and backward by hand: no automatic differentiation.
///
/// Shapes: `B` pictures, `F` filters, `H` hidden units. Pictures are `[B, 28, 28, 1]` with brightness in 0...1, the
/// channel last (NHWC), labels lie in 0..<10. LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to
/// document recognition", Proceedings of the IEEE 86 (1998).
public protocol MNISTCNNFromScratchExercise: ExerciseContract {
  /// A valid cross-correlation: y[b, i, j, f] = bias[f] + Σ x[b, i + u, j + v, 0] · w[u, v, 0, f] over u, v in 0..<3.
  ///
  /// - Parameters:
  ///   - x: pictures `[B, 28, 28, 1]`.
  ///   - w: filters `[3, 3, 1, F]`.
  ///   - bias: one number a filter, `[F]`.
  /// - Returns: `[B, 26, 26, F]`.
  /// - Throws: if there is no picture, or the pictures are not `[B, 28, 28, 1]`.
  func convForward(_ x: Tensor, _ w: Tensor, _ bias: Tensor) throws -> Tensor

  /// The gradients of the filters and the biases. (The pictures themselves need none.)
  ///
  /// - Parameters:
  ///   - x: the pictures that went forward, `[B, 28, 28, 1]`.
  ///   - upstream: the gradient of the convolution's output, `[B, 26, 26, F]`.
  /// - Returns: `[3, 3, 1, F]` and `[F]`.
  /// - Throws: as `convForward`.
  func convBackward(_ x: Tensor, upstream: Tensor) throws -> (w: Tensor, bias: Tensor)

  /// The maximum of every 2×2 window, windows side by side.
  ///
  /// - Parameter x: `[B, 2h, 2w, F]`.
  /// - Returns: the maxima `[B, h, w, F]`, and for each of them, in the order of `y.scalars`, where it stood: an index
  ///   into `x.scalars`. Of equal numbers the first wins: top left, top right, bottom left, bottom right.
  /// - Throws: if `x` has not four axes, or a side is odd.
  func maxPool2(_ x: Tensor) throws -> (y: Tensor, argmax: [Int32])

  /// Sends each gradient back to where its maximum stood; everything else gets zero.
  ///
  /// - Parameters:
  ///   - upstream: the gradient of the maxima, `[B, h, w, F]`.
  ///   - argmax: what `maxPool2` returned.
  ///   - inputShape: the shape of what was pooled, `[B, 2h, 2w, F]`.
  /// - Returns: the gradient of what was pooled, of shape `inputShape`.
  /// - Throws: if there is not one place for each gradient.
  func maxPool2Backward(_ upstream: Tensor, argmax: [Int32], inputShape: [Int]) throws -> Tensor

  /// The mean over the batch of −log softmax(logits)[label], and its gradient. No logit, however large, may overflow.
  ///
  /// - Parameters:
  ///   - logits: `[B, 10]`.
  ///   - labels: one of 0..<10 a row.
  /// - Returns: the loss, and its gradient with respect to the logits, `[B, 10]`.
  /// - Throws: if there is no row, a label lies outside 0..<10, or there is not one label a row.
  func softmaxCrossEntropy(_ logits: Tensor, _ labels: [Int]) throws -> (loss: Float, dLogits: Tensor)

  /// The network forward: convolution, ReLU, 2×2 maxima, dense, ReLU, dense.
  ///
  /// - Returns: `[B, 10]`, no softmax yet.
  /// - Throws: as `convForward`.
  func logits(_ model: SmallCNN, _ x: Tensor) throws -> Tensor

  /// The network forward and backward.
  ///
  /// - Returns: the mean loss of the batch, and the gradient of every parameter in the parameter's own place.
  /// - Throws: as `convForward` and `softmaxCrossEntropy`.
  func lossAndGradients(_ model: SmallCNN, _ x: Tensor, _ labels: [Int]) throws -> (loss: Float, gradients: SmallCNN)

  /// One step of training: forward, backward, one update with Adam. Adam is given: `adam.update(&model.tensors, gradients: …)`.
  ///
  /// - Returns: the mean loss of the batch before the update.
  /// - Throws: as `lossAndGradients`; the model is left alone then.
  func trainStep(_ model: inout SmallCNN, _ x: Tensor, _ labels: [Int], _ adam: inout Adam) throws -> Float
}

/// The parameters of the network, or the gradients of its parameters.
///
///     [B, 28, 28, 1] → conv 3×3 → [B, 26, 26, F] → ReLU → 2×2 maxima → [B, 13, 13, F], read as [B, 169F]
///                    → dense → [B, H] → ReLU → dense → [B, 10]
public struct SmallCNN: Codable, Sendable {
  /// The filters, `[3, 3, 1, F]`.
  public var convWeight: Tensor
  /// The filters' biases, `[F]`.
  public var convBias: Tensor
  /// From the pooled picture to the hidden units, `[169F, H]`: the pooled picture is flattened as it lies in memory.
  public var hiddenWeight: Tensor
  /// `[H]`.
  public var hiddenBias: Tensor
  /// From the hidden units to the logits, `[H, 10]`.
  public var outputWeight: Tensor
  /// `[10]`.
  public var outputBias: Tensor

  /// Parameters, or their gradients.
  public init(
    convWeight: Tensor, convBias: Tensor, hiddenWeight: Tensor, hiddenBias: Tensor, outputWeight: Tensor,
    outputBias: Tensor
  ) {
    self.convWeight = convWeight
    self.convBias = convBias
    self.hiddenWeight = hiddenWeight
    self.hiddenBias = hiddenBias
    self.outputWeight = outputWeight
    self.outputBias = outputBias
  }

  /// Weights uniform in ±1/√(inputs of a unit), biases of zero.
  public static func random(filters: Int, hidden: Int, using random: inout SeededRandom) -> SmallCNN {
    func weight(_ shape: [Int], inputs: Int) -> Tensor {
      let bound = 1 / Double(inputs).squareRoot()
      return Tensor.uniform(shape, in: -bound..<bound, using: &random)
    }
    return SmallCNN(
      convWeight: weight([3, 3, 1, filters], inputs: 9), convBias: .zeros([filters]),
      hiddenWeight: weight([169 * filters, hidden], inputs: 169 * filters), hiddenBias: .zeros([hidden]),
      outputWeight: weight([hidden, 10], inputs: hidden), outputBias: .zeros([10]))
  }

  /// The six tensors, from the input to the output: what an optimizer wants.
  public var tensors: [Tensor] {
    get { [convWeight, convBias, hiddenWeight, hiddenBias, outputWeight, outputBias] }
    set {
      precondition(newValue.count == 6, "SmallCNN has six tensors, found \(newValue.count)")
      (convWeight, convBias) = (newValue[0], newValue[1])
      (hiddenWeight, hiddenBias) = (newValue[2], newValue[3])
      (outputWeight, outputBias) = (newValue[4], newValue[5])
    }
  }

  /// The tensors' names, in the same order.
  package static let names = ["convWeight", "convBias", "hiddenWeight", "hiddenBias", "outputWeight", "outputBias"]

  /// How many numbers there are to learn.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.count } }
}
