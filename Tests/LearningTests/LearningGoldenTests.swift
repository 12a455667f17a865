import EngineTestSupport
import Foundation
import Learning
import Tensors
import Testing

let goldenFile = try? GoldenFile(Bundle.module.bundleURL.appending(path: "Goldens/learning.json"))

@Suite("losses and layers agree with PyTorch and with finite differences")
struct LearningGoldenTests {
  @Test(
    "results and gradients",
    arguments: [
      "softmaxCrossEntropy", "softmaxCrossEntropy weights", "binaryCrossEntropy", "meanSquaredError",
      "meanAbsoluteError", "huber", "rnn", "dense",
    ])
  func agrees(name: String) throws {
    let goldens = try #require(goldenFile)
    let targets = try #require(goldens["targets"])
    let function = try #require(operation(name, targets: targets))
    let inputs = goldens.list(name, "in")
    let leaves = inputs.map { $0.tracked() }
    let upstream = goldens.list(name, "up")
    let outputs = function(leaves)
    var total = Tensor(0)
    for (number, expected) in goldens.list(name, "out").enumerated() {
      #expect(difference(outputs[number], expected, "\(name): result \(number)", tolerance: 2e-6) == nil)
      total += (outputs[number] * upstream[number]).sum()
    }
    let gradients = total.gradients(of: leaves)
    let expected = goldens.list(name, "grad")
    try #require(expected.count == inputs.count && !inputs.isEmpty)
    for (number, gradient) in expected.enumerated() {
      #expect(difference(gradients[number], gradient, "\(name): gradient \(number)", tolerance: 5e-6) == nil)
    }
    if !["meanAbsoluteError", "huber"].contains(name) {  // these have kinks
      let problem = gradientProblem(inputs) { x in Tensor.concatenated(function(x).map { $0.reshaped([-1]) }) }
      #expect(problem == nil)
    }
  }

  private func operation(_ name: String, targets: Tensor) -> (([Tensor]) -> [Tensor])? {
    let labels = [2, 0, 3, 1, 2]
    switch name {
    case "softmaxCrossEntropy": return { [softmaxCrossEntropy($0[0], labels)] }
    case "softmaxCrossEntropy weights":
      return { [softmaxCrossEntropy($0[0], labels, weights: [1, 0, 0.5, 2, 1])] }
    case "binaryCrossEntropy": return { [binaryCrossEntropy($0[0], targets)] }
    case "meanSquaredError": return { [meanSquaredError($0[0], targets)] }
    case "meanAbsoluteError": return { [meanAbsoluteError($0[0], targets)] }
    case "huber": return { [huber($0[0], targets, delta: 0.75)] }
    case "rnn":
      return { x in
        let (sequence, state) = x[0].rnn(
          inputWeights: x[1], recurrentWeights: x[2], bias: x[3], hidden: Tensor.zeros([3, 5]))
        return [sequence, state]
      }
    case "dense":
      return { x in [x[0].affine(x[1], bias: x[2])] }
    default: return nil
    }
  }

  @Test("batch normalisation keeps PyTorch's running estimates and uses them in evaluation")
  func batchNormalization() throws {
    let goldens = try #require(goldenFile)
    let layer = BatchNorm2D(3)
    let (inputs, outputs) = (goldens.list("batchNorm", "in"), goldens.list("batchNorm", "out"))
    try #require(inputs.count == 3)
    for (number, input) in inputs.enumerated() {
      let output = layer(input, training: number < 2)
      #expect(difference(output, outputs[number], "batch \(number)", tolerance: 5e-6) == nil)
    }
    let (mean, variance) = (try #require(goldens["batchNorm mean"]), try #require(goldens["batchNorm variance"]))
    #expect(difference(layer.runningMean.value, mean, "running mean") == nil)
    #expect(difference(layer.runningVariance.value, variance, "running variance") == nil)
  }

  @Test(
    "five steps of each optimizer agree with PyTorch",
    arguments: ["SGD", "SGD momentum", "SGD Nesterov", "Adam", "AdamW", "RMSProp"])
  func optimizers(name: String) throws {
    let goldens = try #require(goldenFile)
    switch name {
    case "SGD": try check(SGD(learningRate: 0.1), name, goldens)
    case "SGD momentum": try check(SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01), name, goldens)
    case "SGD Nesterov": try check(SGD(learningRate: 0.1, momentum: 0.8, nesterov: true), name, goldens)
    case "Adam": try check(Adam(learningRate: 0.01, weightDecay: 0.1), name, goldens)
    case "AdamW": try check(AdamW(learningRate: 0.01, weightDecay: 0.1), name, goldens)
    default: try check(RMSProp(learningRate: 0.02, smoothing: 0.9, weightDecay: 0.01), name, goldens)
    }
  }

  private func check<Rule: Optimizer>(_ rule: Rule, _ name: String, _ goldens: GoldenFile) throws {
    var (forTensors, forParameters) = (rule, rule)
    var tensors = goldens.list("optimizer", "in")
    let parameters = tensors.map { Parameter("p", $0) }
    for step in 0..<5 {
      let gradients = goldens.list("optimizer", "step\(step)grad")
      try #require(gradients.count == 2)
      forTensors.update(&tensors, gradients: gradients)
      forParameters.update(parameters, gradients)
    }
    for (number, expected) in goldens.list("optimizer \(name)", "out").enumerated() {
      #expect(difference(tensors[number], expected, "\(name) \(number)") == nil)
      #expect(parameters[number].value == tensors[number], "parameters and tensors take the same steps")
    }
  }
}

@Suite("metrics")
struct MetricsTests {
  @Test("agree with scikit-learn")
  func agree() throws {
    let goldens = try #require(goldenFile)
    let labels = goldens.numbers("metrics labels").map { Int($0) }
    let scores = goldens.numbers("metrics scores")
    let predicted = scores.map { $0 >= 0.5 ? 1 : 0 }
    let seen = [
      try Metrics.auc(labels, scores: scores), try Metrics.averagePrecision(labels, scores: scores),
      try Metrics.logLoss(labels, probabilities: scores), try Metrics.brier(labels, probabilities: scores),
      try Metrics.accuracy(labels, predicted: predicted),
    ]
    let expected = goldens.numbers("metrics values")
    try #require(expected.count == seen.count)
    for (x, y) in zip(seen, expected) { #expect(abs(x - y) < 1e-12) }
    let curve = try Metrics.rocCurve(labels, scores: scores)
    let (rates, recalls) = (goldens.numbers("metrics fpr"), goldens.numbers("metrics tpr"))
    try #require(curve.count == rates.count)
    for (point, (x, y)) in zip(curve, zip(rates, recalls)) {
      #expect(abs(point.falsePositiveRate - x) < 1e-12 && abs(point.truePositiveRate - y) < 1e-12)
    }
    let confusion = try Metrics.confusionMatrix(labels, predicted: predicted, classes: 2)
    #expect(confusion.flatMap { $0 }.map { Double($0) } == goldens.numbers("metrics confusion"))
  }

  @Test("a tie between a positive and a negative counts one half")
  func ties() throws {
    #expect(try Metrics.auc([0, 1], scores: [1, 1]) == 0.5)
    #expect(try Metrics.auc([0, 1, 1], scores: [0.2, 0.2, 0.9]) == 0.75)
  }

  @Test("bad input is refused by name")
  func refusals() {
    #expect(throws: MetricError.lengths(labels: 2, predictions: 1)) { try Metrics.auc([0, 1], scores: [1]) }
    #expect(throws: MetricError.oneClass(2)) { try Metrics.auc([1, 1], scores: [1, 2]) }
    #expect(throws: MetricError.notANumber) { try Metrics.auc([1, 0], scores: [1, .nan]) }
    #expect(throws: MetricError.label(2, classes: 2)) { try Metrics.auc([1, 2], scores: [1, 2]) }
    #expect(throws: MetricError.probability(1.5)) { try Metrics.brier([1], probabilities: [1.5]) }
    #expect(throws: MetricError.empty) { try Metrics.accuracy([], predicted: []) }
    #expect(throws: MetricError.label(3, classes: 3)) {
      try Metrics.confusionMatrix([0], predicted: [3], classes: 3)
    }
  }
}
