import Contracts
import Learning
import Tensors

// A convolutional network by hand, without automatic differentiation.
// `dojo show mnist-cnn-from-scratch` has the question, `dojo hint` helps.
//
// Shapes: B pictures, F filters, H hidden units; the channel comes last.
//
//   [B, 28, 28, 1] → conv 3×3 → [B, 26, 26, F] → ReLU → 2×2 maxima → [B, 13, 13, F], read as [B, 169F]
//                  → dense → [B, H] → ReLU → dense → [B, 10]
//
// A tensor's numbers are `x.scalars`, row-major: x[b, i, j, f] stands at ((b·rows + i)·columns + j)·F + f. Work on local
// arrays (`let pixels = x.scalars`), let the innermost loop run over the filters or the units, which lie side by side,
// and make the result with `Tensor(numbers, shape: …)`. The training checks are passed with plain loops like that.
// Where an input makes no sense, throw an error: `throw BadInput("…")`.

struct MNISTCNNFromScratch: MNISTCNNFromScratchExercise {
  /// y[b, i, j, f] = bias[f] + Σ x[b, i + u, j + v, 0] · w[u, v, 0, f]. x [B, 28, 28, 1], w [3, 3, 1, F], bias [F];
  /// the result is [B, 26, 26, F]. Throw if there is no picture or a picture is not 28×28×1.
  func convForward(_ x: Tensor, _ w: Tensor, _ bias: Tensor) throws -> Tensor {
    throw Unfinished()
  }

  /// The gradients of w [3, 3, 1, F] and bias [F] from the gradient of the convolution's output, [B, 26, 26, F].
  func convBackward(_ x: Tensor, upstream: Tensor) throws -> (w: Tensor, bias: Tensor) {
    throw Unfinished()
  }

  /// The maxima of the 2×2 windows of x [B, 2h, 2w, F], and where each stood: an index into x.scalars. Of equal numbers
  /// the first wins: top left, top right, bottom left, bottom right.
  func maxPool2(_ x: Tensor) throws -> (y: Tensor, argmax: [Int32]) {
    throw Unfinished()
  }

  /// The gradient of what was pooled: each upstream number goes to where its maximum stood, everything else gets zero.
  func maxPool2Backward(_ upstream: Tensor, argmax: [Int32], inputShape: [Int]) throws -> Tensor {
    throw Unfinished()
  }

  /// The mean over the rows of −log softmax(logits)[label], and its gradient [B, 10]. Logits may be as large as 1,000.
  /// Throw if there is no row, a label lies outside 0..<10, or there is not one label a row.
  func softmaxCrossEntropy(_ logits: Tensor, _ labels: [Int]) throws -> (loss: Float, dLogits: Tensor) {
    throw Unfinished()
  }

  /// The network forward; [B, 10], no softmax yet.
  func logits(_ model: SmallCNN, _ x: Tensor) throws -> Tensor {
    throw Unfinished()
  }

  /// The network forward and backward: the loss, and the gradient of every parameter in the parameter's own place.
  func lossAndGradients(_ model: SmallCNN, _ x: Tensor, _ labels: [Int]) throws -> (loss: Float, gradients: SmallCNN) {
    throw Unfinished()
  }

  /// Forward, backward, one `adam.update(&model.tensors, gradients: …)`; returns the loss before the update.
  func trainStep(_ model: inout SmallCNN, _ x: Tensor, _ labels: [Int], _ adam: inout Adam) throws -> Float {
    throw Unfinished()
  }
}
