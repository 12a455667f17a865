import Contracts
import Curriculum
import Learning
import Solutions
import Tensors

let mnistCNNFromScratchMistakes = [
  Mistake(
    SoftmaxThenLogarithm.self, in: .mnistCNNFromScratch,
    rejectedBy: "the loss of ten equal logits is ln 10, and no logit overflows",
    saying: "−log of a clipped probability"),
  Mistake(
    KernelTurnedRound.self, in: .mnistCNNFromScratch, rejectedBy: "the convolution equals PyTorch's",
    saying: "You turned the kernel by 180°"),
  Mistake(
    LastMaximumWins.self, in: .mnistCNNFromScratch, rejectedBy: "of equal maxima the first wins",
    saying: "you keep the last one"),
  Mistake(
    GradientShared.self, in: .mnistCNNFromScratch, rejectedBy: "a gradient goes back to its maximum alone",
    saying: "the gradient of average pooling"),
  Mistake(
    GradientOfTheSum.self, in: .mnistCNNFromScratch,
    rejectedBy: "the loss of ten equal logits is ln 10, and no logit overflows", saying: "carries 1/B"),
  Mistake(
    ReLUForgotten.self, in: .mnistCNNFromScratch, rejectedBy: "loss and all gradients of one batch equal PyTorch's",
    saying: "A ReLU that was silent"),
  Mistake(
    FrozenFilters.self, in: .mnistCNNFromScratch, rejectedBy: "loss and all gradients of one batch equal PyTorch's",
    saying: "this does not learn"),
  Mistake(
    FiltersTurnedRoundBackward.self, in: .mnistCNNFromScratch, rejectedBy: "the gradients equal central differences",
    saying: "the gradient of convWeight"),
  Mistake(
    LossAfterTheUpdate.self, in: .mnistCNNFromScratch,
    rejectedBy: "a training step is one Adam step along the gradient", saying: "the loss after the update"),
  Mistake(
    OnlyTheOutputLearns.self, in: .mnistCNNFromScratch, rejectedBy: "held-out digits are read",
    saying: "expected at least"),
  Mistake(
    ClimbsTheHill.self, in: .mnistCNNFromScratch, rejectedBy: "it learns 32 pictures by heart in 60 steps",
    saying: "broken backward pass"),
  Mistake(
    TakesAnyLabel.self, in: .mnistCNNFromScratch, rejectedBy: "bad input is refused", saying: "a label of 10"),
]

/// Passes everything on to the reference; a mistake overrides one function. The whole is built from the parts.
private protocol MostlyRight: MNISTCNNFromScratchExercise {}

extension MostlyRight {
  var right: MNISTCNNFromScratch { MNISTCNNFromScratch() }

  func convForward(_ x: Tensor, _ w: Tensor, _ bias: Tensor) throws -> Tensor { try right.convForward(x, w, bias) }
  func convBackward(_ x: Tensor, upstream: Tensor) throws -> (w: Tensor, bias: Tensor) {
    try right.convBackward(x, upstream: upstream)
  }
  func maxPool2(_ x: Tensor) throws -> (y: Tensor, argmax: [Int32]) { try right.maxPool2(x) }
  func maxPool2Backward(_ upstream: Tensor, argmax: [Int32], inputShape: [Int]) throws -> Tensor {
    try right.maxPool2Backward(upstream, argmax: argmax, inputShape: inputShape)
  }
  func softmaxCrossEntropy(_ logits: Tensor, _ labels: [Int]) throws -> (loss: Float, dLogits: Tensor) {
    try right.softmaxCrossEntropy(logits, labels)
  }
  func logits(_ model: SmallCNN, _ x: Tensor) throws -> Tensor { try right.logits(model, x) }
  func lossAndGradients(_ model: SmallCNN, _ x: Tensor, _ labels: [Int]) throws -> (loss: Float, gradients: SmallCNN) {
    try right.lossAndGradients(model, x, labels)
  }
  func trainStep(_ model: inout SmallCNN, _ x: Tensor, _ labels: [Int], _ adam: inout Adam) throws -> Float {
    let (loss, gradients) = try lossAndGradients(model, x, labels)
    adam.update(&model.tensors, gradients: gradients.tensors)
    return loss
  }
}

/// The document's arrangement: softmax inside the model, then the logarithm of a probability clipped at 10⁻⁷.
private struct SoftmaxThenLogarithm: MostlyRight {
  func softmaxCrossEntropy(_ logits: Tensor, _ labels: [Int]) throws -> (loss: Float, dLogits: Tensor) {
    let probabilities = logits.softmax().clipped(to: 1e-7...1).log()
    let loss = labels.enumerated().reduce(Float(0)) { $0 - probabilities[$1.offset, $1.element] }
    return (loss / Float(labels.count), try right.softmaxCrossEntropy(logits, labels).dLogits)
  }
}

private struct KernelTurnedRound: MostlyRight {
  func convForward(_ x: Tensor, _ w: Tensor, _ bias: Tensor) throws -> Tensor {
    try right.convForward(x, turned(w), bias)
  }
}

private func turned(_ w: Tensor) -> Tensor {
  let filters = w.shape[3]
  return Tensor((0..<9).reversed().flatMap { w.scalars[$0 * filters..<($0 + 1) * filters] }, shape: w.shape)
}

private struct LastMaximumWins: MostlyRight {
  func maxPool2(_ x: Tensor) throws -> (y: Tensor, argmax: [Int32]) {
    // Read backwards, the first of equals is the last.
    let mirrored = try right.maxPool2(Tensor(x.scalars.reversed(), shape: x.shape))
    return (
      Tensor(mirrored.y.scalars.reversed(), shape: mirrored.y.shape),
      mirrored.argmax.reversed().map { Int32(x.count) - 1 - $0 }
    )
  }
}

private struct GradientShared: MostlyRight {
  func maxPool2Backward(_ upstream: Tensor, argmax: [Int32], inputShape: [Int]) throws -> Tensor {
    var gradient = Tensor.zeros(inputShape)
    for b in 0..<inputShape[0] {
      for i in 0..<inputShape[1] {
        for j in 0..<inputShape[2] {
          for f in 0..<inputShape[3] { gradient[b, i, j, f] = upstream[b, i / 2, j / 2, f] / 4 }
        }
      }
    }
    return gradient
  }
}

private struct GradientOfTheSum: MostlyRight {
  func softmaxCrossEntropy(_ logits: Tensor, _ labels: [Int]) throws -> (loss: Float, dLogits: Tensor) {
    let (loss, dLogits) = try right.softmaxCrossEntropy(logits, labels)
    return (loss, dLogits * Float(labels.count))
  }
}

private struct ReLUForgotten: MostlyRight {
  func lossAndGradients(_ model: SmallCNN, _ x: Tensor, _ labels: [Int]) throws -> (loss: Float, gradients: SmallCNN) {
    var (loss, gradients) = try right.lossAndGradients(model, x, labels)
    let (maxima, _) = try right.maxPool2(try right.convForward(x, model.convWeight, model.convBias).relu())
    let pooled = maxima.reshaped([x.shape[0], model.hiddenWeight.shape[0]])
    let dLogits = try right.softmaxCrossEntropy(try right.logits(model, x), labels).dLogits
    let dHidden = dLogits.matmul(model.outputWeight, transposingSecond: true)  // the mask is missing
    gradients.hiddenWeight = pooled.matmul(dHidden, transposingFirst: true)
    gradients.hiddenBias = dHidden.sum(axis: 0)
    return (loss, gradients)
  }
}

private struct FrozenFilters: MostlyRight {
  func lossAndGradients(_ model: SmallCNN, _ x: Tensor, _ labels: [Int]) throws -> (loss: Float, gradients: SmallCNN) {
    var (loss, gradients) = try right.lossAndGradients(model, x, labels)
    gradients.convWeight = .zeros(gradients.convWeight.shape)
    return (loss, gradients)
  }
}

private struct FiltersTurnedRoundBackward: MostlyRight {
  func lossAndGradients(_ model: SmallCNN, _ x: Tensor, _ labels: [Int]) throws -> (loss: Float, gradients: SmallCNN) {
    var (loss, gradients) = try right.lossAndGradients(model, x, labels)
    gradients.convWeight = turned(gradients.convWeight)
    return (loss, gradients)
  }
}

private struct LossAfterTheUpdate: MostlyRight {
  func trainStep(_ model: inout SmallCNN, _ x: Tensor, _ labels: [Int], _ adam: inout Adam) throws -> Float {
    _ = try right.trainStep(&model, x, labels, &adam)
    return try right.lossAndGradients(model, x, labels).loss
  }
}

/// Random features under a linear model.
private struct OnlyTheOutputLearns: MostlyRight {
  func lossAndGradients(_ model: SmallCNN, _ x: Tensor, _ labels: [Int]) throws -> (loss: Float, gradients: SmallCNN) {
    var (loss, gradients) = try right.lossAndGradients(model, x, labels)
    gradients.convWeight = .zeros(gradients.convWeight.shape)
    gradients.convBias = .zeros(gradients.convBias.shape)
    gradients.hiddenWeight = .zeros(gradients.hiddenWeight.shape)
    gradients.hiddenBias = .zeros(gradients.hiddenBias.shape)
    return (loss, gradients)
  }
}

private struct ClimbsTheHill: MostlyRight {
  func softmaxCrossEntropy(_ logits: Tensor, _ labels: [Int]) throws -> (loss: Float, dLogits: Tensor) {
    let (loss, dLogits) = try right.softmaxCrossEntropy(logits, labels)
    return (loss, -dLogits)
  }
  func trainStep(_ model: inout SmallCNN, _ x: Tensor, _ labels: [Int], _ adam: inout Adam) throws -> Float {
    adam.learningRate = -adam.learningRate.magnitude
    return try right.trainStep(&model, x, labels, &adam)
  }
}

private struct TakesAnyLabel: MostlyRight {
  func softmaxCrossEntropy(_ logits: Tensor, _ labels: [Int]) throws -> (loss: Float, dLogits: Tensor) {
    try right.softmaxCrossEntropy(logits, labels.map { ($0 % 10 + 10) % 10 })
  }
}
