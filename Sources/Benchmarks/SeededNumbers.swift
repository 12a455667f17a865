import Learning
import Tensors

// Every workload draws its weights from `weights`, its inputs from `inputs`, and its labels from `labels`. The same is
// written in Tests/Peers/networks.py.

/// The source of the numbers that are called `label`.
func numbers(_ label: String) -> SeededRandom { SeededRandom(seed: 3).fork(label) }

/// Gives all trainable parameters, in order, numbers that do not depend on any library's defaults.
///
/// A matrix, or a filter, of `n` numbers for each unit is uniform in ±1/√n; a vector in ±0.1, or in 1 ± 0.1 if it
/// scales.
func drawWeights(_ parameters: [Parameter]) {
  var random = numbers("weights")
  for parameter in parameters where !parameter.isFrozen {
    let shape = parameter.value.shape
    let isVector = shape.count == 1
    let bound = isVector ? 0.1 : 1 / Double(parameter.value.count / shape[0]).squareRoot()
    let middle: Double = isVector && parameter.name.hasSuffix("weight") ? 1 : 0
    let drawn = (0..<parameter.value.count).map { _ in Float(middle + (2 * random.uniform() - 1) * bound) }
    parameter.value = Tensor(drawn, shape: shape)
  }
}

extension Tensor {
  /// Numbers uniform in 0..<1.
  static func drawn(_ shape: [Int], _ random: inout SeededRandom) -> Tensor {
    Tensor((0..<count(of: shape)).map { _ in Float(random.uniform()) }, shape: shape)
  }
}

extension SeededRandom {
  /// Labels in 0..<classes.
  mutating func labels(_ count: Int, classes: Int) -> [Int] {
    (0..<count).map { _ in Int(uniform() * Double(classes)) }
  }
}
