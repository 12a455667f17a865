import Foundation
import Tensors

/// The sequence model, one event at a time and without a graph: the numbers of `SequenceModel` in the order in which
/// a step reads them.
///
/// A step costs 4H·(D + H) multiply-adds; an action's share of the gates is a row of a table.
struct SequenceStepper: Sendable {
  let shape: SequenceModel.Shape
  private let numbers = EventEncoder.numberNames.count
  private let actionGates: [Float]  // [V + 1, 4H], with the bias
  private let numberGates: [Float]  // [D, 4H]
  private let hiddenGates: [Float]  // [H, 4H]
  private let headWeights: [Float]  // [H, outputs]
  private let headBias: [Float]

  init(_ model: SequenceModel) {
    shape = model.shape
    let (hidden, width, count) = (shape.hidden, shape.embedding, EventEncoder.numberNames.count)
    let gates = 4 * hidden
    let input = model.lstm.inputWeights.value.scalars  // [4H, E + D]
    let recurrent = model.lstm.recurrentWeights.value.scalars  // [4H, H]
    let bias = model.lstm.bias.value.scalars
    let table = model.embedding.table.value.scalars
    let columns = width + count
    var actionGates = [Float](repeating: 0, count: (shape.actions + 1) * gates)
    for action in 0...shape.actions {
      for gate in 0..<gates {
        var sum = bias[gate]
        for k in 0..<width { sum += input[gate * columns + k] * table[action * width + k] }
        actionGates[action * gates + gate] = sum
      }
    }
    self.actionGates = actionGates
    numberGates = (0..<count * gates).map { input[($0 % gates) * columns + width + $0 / gates] }
    hiddenGates = (0..<hidden * gates).map { recurrent[($0 % gates) * hidden + $0 / gates] }
    let outputs = shape.outputs
    let head = model.head.weight.value.scalars  // [outputs, H]
    headWeights = (0..<hidden * outputs).map { head[($0 % outputs) * hidden + $0 / outputs] }
    headBias = model.head.bias?.value.scalars ?? [Float](repeating: 0, count: outputs)
  }

  /// Takes one event into the state.
  ///
  /// - Parameters:
  ///   - action: its number; V for the beginning.
  ///   - scaled: its D numbers, scaled.
  ///   - state: `[2H]`: hidden, then cell.
  ///   - gates: room for 4H numbers.
  func step(action: Int, _ scaled: [Float], state: inout [Float], gates: inout [Float]) {
    let hidden = shape.hidden
    let width = 4 * hidden
    gates.withUnsafeMutableBufferPointer { gates in
      state.withUnsafeMutableBufferPointer { state in
        actionGates.withUnsafeBufferPointer { actionGates in
          for gate in 0..<width { gates[gate] = actionGates[action * width + gate] }
        }
        scaled.withUnsafeBufferPointer { scaled in
          numberGates.withUnsafeBufferPointer { weights in
            for k in 0..<numbers where scaled[k] != 0 { add(weights, k * width, scaled[k], width, gates) }
          }
        }
        hiddenGates.withUnsafeBufferPointer { weights in
          for k in 0..<hidden where state[k] != 0 { add(weights, k * width, state[k], width, gates) }
        }
        for unit in 0..<hidden {
          let input = sigmoid(gates[unit])
          let forget = sigmoid(gates[hidden + unit])
          let candidate = tanhf(gates[2 * hidden + unit])
          let output = sigmoid(gates[3 * hidden + unit])
          let cell = forget * state[hidden + unit] + input * candidate
          state[hidden + unit] = cell
          state[unit] = output * tanhf(cell)
        }
      }
    }
  }

  /// The logits `range` of a state.
  func logits(_ range: Range<Int>, state: [Float], into output: inout [Float]) {
    let outputs = shape.outputs
    output.withUnsafeMutableBufferPointer { output in
      headBias.withUnsafeBufferPointer { bias in for k in range { output[k] = bias[k] } }
      state.withUnsafeBufferPointer { state in
        headWeights.withUnsafeBufferPointer { weights in
          for unit in 0..<shape.hidden {
            let factor = state[unit]
            let row = unit * outputs
            for k in range { output[k] += weights[row + k] * factor }
          }
        }
      }
    }
  }

  @inline(__always)
  private func add(
    _ weights: UnsafeBufferPointer<Float>, _ start: Int, _ factor: Float, _ count: Int,
    _ sums: UnsafeMutableBufferPointer<Float>
  ) {
    for k in 0..<count { sums[k] += weights[start + k] * factor }
  }

  @inline(__always) private func sigmoid(_ x: Float) -> Float { 1 / (1 + expf(-x)) }
}

/// log Σ exp of some entries.
func logSumExp(_ values: [Float], _ range: Range<Int>) -> Float {
  values.withUnsafeBufferPointer { values in
    var top = -Float.infinity
    for k in range { top = max(top, values[k]) }
    var sum: Float = 0
    for k in range { sum += expf(values[k] - top) }
    return top + logf(sum)
  }
}
