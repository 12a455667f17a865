/// A recurrent layer over whole sequences: N sequences, L steps, D inputs, H hidden units.
///
/// As in the LSTM's kernel: the inputs of all steps are one matrix product, and the steps follow each other for sixteen
/// sequences at a time, which share nothing with the others.
struct RecurrentShape {
  let (sequences, steps, inputs, hidden): (Int, Int, Int, Int)
  /// How many gates a unit has: 1 for Elman's network, 3 for the GRU.
  let gates: Int
  /// How many steps of each sequence count; nil for all. Afterwards the state stays as it is.
  let lengths: [Int]?

  /// How many numbers one step of one sequence has before its activations.
  var width: Int { gates * hidden }

  fileprivate func counts(_ step: Int, _ sequence: Int) -> Bool {
    guard let lengths else { return true }
    return step < lengths[sequence]
  }

  /// Runs `body` for each group of sequences.
  fileprivate func forEachGroup(_ body: (Range<Int>) -> Void) {
    let size = 16
    Threads.forEach((sequences + size - 1) / size, work: sequences * steps * hidden * width) { group in
      body(group * size..<Swift.min(group * size + size, sequences))
    }
  }
}

/// The gradients of a recurrent layer.
struct RecurrentGradients {
  var input: [Float]?
  var inputWeights: [Float]
  var recurrentWeights: [Float]
  var inputBias: [Float]
  var recurrentBias: [Float]
  var hidden: [Float]
}

/// What the GRU's backward pass needs of its forward pass.
struct GRUTrace: Sendable {
  /// The activations of r, z, n, `[N, L, 3H]`.
  var gates: [Float]
  /// What r multiplies inside n, `[N, L, H]`.
  var candidates: [Float]
  /// The hidden states, `[N, L, H]`.
  var states: [Float]
}

extension Kernels {
  /// The right operand of a product that each step makes again, packed once.
  private final class Packed: @unchecked Sendable {
    let numbers: UnsafeMutablePointer<Float>
    let (columns, depth): (Int, Int)

    init(_ matrix: Matrix, columns: Int, depth: Int) {
      (self.columns, self.depth) = (columns, depth)
      numbers = scratch(packedColumnCount(columns) * depth)
      for panel in 0..<(columns + 31) / 32 {
        packColumns(matrix, columns: columns, depth: depth, panel: panel, into: numbers)
      }
    }

    deinit { numbers.deallocate() }

    /// left·self, into or onto `result`; `space` holds `packedRowCount(rows) * depth` numbers.
    func multiplied(
      by left: Matrix, rows: Int, space: UnsafeMutablePointer<Float>, into result: UnsafeMutablePointer<Float>,
      stride: Int, adding: Bool
    ) {
      for panel in 0..<rowPanels(rows) { packRows(left, rows: rows, depth: depth, panel: panel, into: space) }
      multiplyPacked(
        space, numbers, rows: rows, columns: columns, depth: depth, panels: 0..<rowPanels(rows),
        columnPanels: 0..<(columns + 31) / 32, into: result, stride: stride, adding: adding)
    }
  }

  /// The states before step `t` of the sequences from `first` on.
  private static func statesBefore(
    _ t: Int, _ first: Int, hidden: UnsafePointer<Float>, states: UnsafePointer<Float>, _ s: RecurrentShape
  ) -> Matrix {
    let H = s.hidden
    return t == 0
      ? Matrix(hidden + first * H, columns: H) : Matrix(states + (first * s.steps + t - 1) * H, columns: s.steps * H)
  }

  // MARK: Elman's network

  /// The hidden states after every step, `[N, L, H]`.
  static func rnn(
    _ x: [Float], inputWeights: [Float], recurrentWeights: [Float], bias: [Float], hidden: [Float],
    _ s: RecurrentShape
  ) -> [Float] {
    let (L, H) = (s.steps, s.hidden)
    var states = product(x, inputWeights, rows: s.sequences * L, columns: H, depth: s.inputs, transposedB: true)
    states.withUnsafeMutableBufferPointer { buffer in
      guard let states = buffer.baseAddress else { return }
      reading([recurrentWeights, bias, hidden]) { read in
        let weights = Packed(Matrix(read[0], columns: H).transposed, columns: H, depth: H)
        s.forEachGroup { group in
          let space = scratch(packedRowCount(group.count) * H)
          for t in 0..<L {
            weights.multiplied(
              by: statesBefore(t, group.lowerBound, hidden: read[2], states: states, s), rows: group.count,
              space: space, into: states + (group.lowerBound * L + t) * H, stride: L * H, adding: true)
            for n in group {
              let state = states + (n * L + t) * H
              if s.counts(t, n) {
                elmanStep(state, bias: read[1], count: H)
              } else {
                state.update(from: t == 0 ? read[2] + n * H : UnsafePointer(state - H), count: H)
              }
            }
          }
          space.deallocate()
        }
      }
    }
    return states
  }

  /// Backpropagation through time, from the gradient `g` of the states.
  static func rnnGradients(
    _ g: [Float], states: [Float], x: [Float], inputWeights: [Float], recurrentWeights: [Float], hidden: [Float],
    _ s: RecurrentShape, wantsInput: Bool
  ) -> RecurrentGradients {
    let (N, L, H) = (s.sequences, s.steps, s.hidden)
    let made = making([N * L * H, N * H, N * L * H]) { into in
      reading([g, states, recurrentWeights, hidden]) { read in
        let (sums, dh) = (into[0], into[1])
        let weights = Packed(Matrix(read[2], columns: H), columns: H, depth: H)
        s.forEachGroup { group in
          let first = group.lowerBound
          let space = scratch(packedRowCount(group.count) * H)
          let through = scratch(group.count * H)
          copyPrevious(group, hidden: read[3], states: read[1], into: into[2], s)
          for t in (0..<L).reversed() {
            for n in group {
              addScaled(1, read[0] + (n * L + t) * H, to: dh + n * H, count: H)
              if s.counts(t, n) {
                elmanStepBackward(
                  dh + n * H, hidden: read[1] + (n * L + t) * H, into: sums + (n * L + t) * H, count: H)
              }
            }
            weights.multiplied(
              by: Matrix(sums + (first * L + t) * H, columns: L * H), rows: group.count, space: space, into: through,
              stride: H, adding: false)
            for n in group where s.counts(t, n) { (dh + n * H).update(from: through + (n - first) * H, count: H) }
          }
          through.deallocate()
          space.deallocate()
        }
      }
    }
    return gradients(made[0], made[0], hidden: made[1], previous: made[2], x: x, inputWeights, s, wantsInput)
  }

  // MARK: Gated recurrent unit

  static func gru(
    _ x: [Float], inputWeights: [Float], recurrentWeights: [Float], inputBias: [Float], recurrentBias: [Float],
    hidden: [Float], _ s: RecurrentShape
  ) -> GRUTrace {
    let (N, L, H) = (s.sequences, s.steps, s.hidden)
    var gates = product(x, inputWeights, rows: N * L, columns: 3 * H, depth: s.inputs, transposedB: true)
    let made = making([N * L * H, N * L * H]) { into in
      gates.withUnsafeMutableBufferPointer { buffer in
        guard let gates = buffer.baseAddress else { return }
        reading([recurrentWeights, inputBias, recurrentBias, hidden]) { read in
          let (candidates, states) = (into[0], into[1])
          let weights = Packed(Matrix(read[0], columns: H).transposed, columns: 3 * H, depth: H)
          s.forEachGroup { group in
            let first = group.lowerBound
            let space = scratch(packedRowCount(group.count) * H)
            let recurrent = scratch(group.count * 3 * H)
            for t in 0..<L {
              let before = statesBefore(t, first, hidden: read[3], states: states, s)
              weights.multiplied(
                by: before, rows: group.count, space: space, into: recurrent, stride: 3 * H, adding: false)
              for n in group {
                let previous = before.start + (n - first) * before.rowStep
                let state = states + (n * L + t) * H
                if s.counts(t, n) {
                  gruStep(
                    gates: gates + (n * L + t) * 3 * H, recurrent: recurrent + (n - first) * 3 * H,
                    inputBias: read[1], recurrentBias: read[2], previous: previous,
                    candidate: candidates + (n * L + t) * H, hidden: state, count: H)
                } else {
                  state.update(from: previous, count: H)
                }
              }
            }
            recurrent.deallocate()
            space.deallocate()
          }
        }
      }
    }
    return GRUTrace(gates: gates, candidates: made[0], states: made[1])
  }

  /// Backpropagation through time, from the gradient `g` of the states.
  static func gruGradients(
    _ g: [Float], _ trace: GRUTrace, x: [Float], inputWeights: [Float], recurrentWeights: [Float], hidden: [Float],
    _ s: RecurrentShape, wantsInput: Bool
  ) -> RecurrentGradients {
    let (N, L, H) = (s.sequences, s.steps, s.hidden)
    let made = making([N * L * 3 * H, N * L * 3 * H, N * H, N * L * H]) { into in
      reading([g, trace.gates, trace.candidates, trace.states, recurrentWeights, hidden]) { read in
        let (fromInput, fromState, dh) = (into[0], into[1], into[2])
        let weights = Packed(Matrix(read[4], columns: H), columns: H, depth: 3 * H)
        s.forEachGroup { group in
          let first = group.lowerBound
          let space = scratch(packedRowCount(group.count) * 3 * H)
          copyPrevious(group, hidden: read[5], states: read[3], into: into[3], s)
          for t in (0..<L).reversed() {
            let before = statesBefore(t, first, hidden: read[5], states: read[3], s)
            for n in group {
              addScaled(1, read[0] + (n * L + t) * H, to: dh + n * H, count: H)
              if s.counts(t, n) {
                gruStepBackward(
                  gates: read[1] + (n * L + t) * 3 * H, candidate: read[2] + (n * L + t) * H,
                  previous: before.start + (n - first) * before.rowStep, hiddenGradient: dh + n * H,
                  inputGradients: fromInput + (n * L + t) * 3 * H, recurrentGradients: fromState + (n * L + t) * 3 * H,
                  count: H)
              }
            }
            // Where a step does not count, its gradients are zeros and add nothing.
            weights.multiplied(
              by: Matrix(fromState + (first * L + t) * 3 * H, columns: L * 3 * H), rows: group.count, space: space,
              into: dh + first * H, stride: H, adding: true)
          }
          space.deallocate()
        }
      }
    }
    return gradients(made[0], made[1], hidden: made[2], previous: made[3], x: x, inputWeights, s, wantsInput)
  }

  // MARK: What both share

  /// The states before every step, `[N, L, H]`.
  private static func copyPrevious(
    _ group: Range<Int>, hidden: UnsafePointer<Float>, states: UnsafePointer<Float>,
    into previous: UnsafeMutablePointer<Float>, _ s: RecurrentShape
  ) {
    let (L, H) = (s.steps, s.hidden)
    if L == 0 { return }
    for n in group {
      (previous + n * L * H).update(from: hidden + n * H, count: H)
      (previous + (n * L + 1) * H).update(from: states + n * L * H, count: (L - 1) * H)
    }
  }

  /// All gradients from those of what the gates see of the input and of the state, `[N, L, width]`.
  private static func gradients(
    _ fromInput: [Float], _ fromState: [Float], hidden: [Float], previous: [Float], x: [Float],
    _ inputWeights: [Float], _ s: RecurrentShape, _ wantsInput: Bool
  ) -> RecurrentGradients {
    let rows = s.sequences * s.steps
    return RecurrentGradients(
      input: wantsInput ? product(fromInput, inputWeights, rows: rows, columns: s.inputs, depth: s.width) : nil,
      inputWeights: product(fromInput, x, rows: s.width, columns: s.inputs, depth: rows, transposedA: true),
      recurrentWeights: product(fromState, previous, rows: s.width, columns: s.hidden, depth: rows, transposedA: true),
      inputBias: columnSums(fromInput, width: s.width), recurrentBias: columnSums(fromState, width: s.width),
      hidden: hidden)
  }
}
