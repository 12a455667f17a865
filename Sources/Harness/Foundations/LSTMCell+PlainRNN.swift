import Contracts
import Foundation
import Tensors

/// The baseline: h' = tanh(W·x + U·h + b), a network without gates and without a memory that adds up.
package struct PlainRNN: LatchCell {
  private var input: Matrix  // [H, D]
  private var hidden: Matrix  // [H, H]
  private var bias: [Double]

  package init(using random: inout SeededRandom) {
    let size = LatchTask.hidden
    let bound = 1 / Double(size).squareRoot()
    input = Matrix(rows: size, columns: LatchTask.inputs)
    hidden = Matrix(rows: size, columns: size)
    bias = [Double](repeating: 0, count: size)
    parameters = parameters.map { _ in random.uniform(in: -bound..<bound) }
  }

  package var parameters: [Double] {
    get { input.values + hidden.values + bias }
    set {
      let (first, second) = (input.values.count, hidden.values.count)
      input.values = Array(newValue[..<first])
      hidden.values = Array(newValue[first..<first + second])
      bias = Array(newValue[(first + second)...])
    }
  }

  private func states(_ steps: [Matrix]) -> [Matrix] {
    var states = [Matrix(rows: steps[0].rows, columns: bias.count)]
    let (inputTransposed, hiddenTransposed) = (input.transposed(), hidden.transposed())
    for x in steps {
      var next = x.times(inputTransposed)
      let fromState = states[states.count - 1].times(hiddenTransposed)
      for row in 0..<next.rows {
        for unit in bias.indices { next[row, unit] = tanh(next[row, unit] + fromState[row, unit] + bias[unit]) }
      }
      states.append(next)
    }
    return states
  }

  package func run(_ steps: [Matrix]) throws -> (last: Matrix, backward: (Matrix) throws -> [Double]) {
    let states = states(steps)
    return (
      states[states.count - 1],
      { upstream in
        var sum = [Double](repeating: 0, count: parameters.count)
        var dh = upstream
        for t in steps.indices.reversed() {
          let dz = throughTanh(dh, states[t + 1])
          let dzTransposed = dz.transposed()
          var own = dzTransposed.times(steps[t]).values + dzTransposed.times(states[t]).values
          for unit in bias.indices { own.append(dzTransposed.row(unit).reduce(0, +)) }
          for index in sum.indices { sum[index] += own[index] }
          dh = dz.times(hidden)
        }
        return sum
      }
    )
  }

  /// As `LatchLSTM.fading`, along the only way that there is.
  package func fading(_ steps: [Matrix], using random: inout SeededRandom) -> [Double] {
    let states = states(steps)
    var dh = Matrix.normal(rows: steps[0].rows, columns: bias.count, using: &random)
    let start = dh.norm
    return states.dropFirst().reversed().map { state in
      let here = dh.norm / start
      dh = throughTanh(dh, state).times(hidden)
      return here
    }
  }

  private func throughTanh(_ dh: Matrix, _ state: Matrix) -> Matrix {
    Matrix(rows: dh.rows, columns: dh.columns, values: zip(dh.values, state.values).map { $0 * (1 - $1 * $1) })
  }
}

extension Matrix {
  /// The square root of the sum of all squares.
  package var norm: Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
