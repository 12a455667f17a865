/// A long short-term memory over whole sequences: N sequences, L steps, D inputs, H hidden units.
///
/// The inputs of all steps are one matrix product. The steps follow each other for sixteen sequences at a time, which
/// share nothing with the others: the threads meet once, not once a step.
struct LSTMShape {
  let (sequences, steps, inputs, hidden): (Int, Int, Int, Int)
  /// How many steps of each sequence count; nil for all. Afterwards the state stays as it is.
  let lengths: [Int]?

  fileprivate static let group = 16
  fileprivate var groups: Int { (sequences + Self.group - 1) / Self.group }
  fileprivate var work: Int { sequences * steps * hidden * hidden * 4 }

  fileprivate func counts(_ step: Int, _ sequence: Int) -> Bool {
    guard let lengths else { return true }
    return step < lengths[sequence]
  }
}

/// What the backward pass needs of the forward pass.
struct LSTMTrace: Sendable {
  /// The activations of the gates i, f, g, o, `[N, L, 4H]`.
  var gates: [Float]
  /// The cell states c, each followed by tanh c, `[N, L, 2H]`.
  var cells: [Float]
  /// The hidden states, and last the final cell state, `[N, L + 1, H]`.
  var states: [Float]
}

struct LSTMGradients {
  var input: [Float]?
  var inputWeights: [Float]
  var recurrentWeights: [Float]
  var bias: [Float]
  var hidden: [Float]
  var cell: [Float]
}

extension Kernels {
  static func lstm(
    _ x: [Float], inputWeights: [Float], recurrentWeights: [Float], bias: [Float], hidden: [Float], cell: [Float],
    _ s: LSTMShape
  ) -> LSTMTrace {
    let (L, H) = (s.steps, s.hidden)
    var gates = product(
      x, inputWeights, rows: s.sequences * L, columns: 4 * H, depth: s.inputs, transposedB: true)
    var cells = [Float](repeating: 0, count: s.sequences * L * 2 * H)
    var states = [Float](repeating: 0, count: s.sequences * (L + 1) * H)
    recurrentWeights.withUnsafeBufferPointer { U in
      bias.withUnsafeBufferPointer { bias in
        hidden.withUnsafeBufferPointer { hidden in
          cell.withUnsafeBufferPointer { cell in
            gates.withUnsafeMutableBufferPointer { gates in
              cells.withUnsafeMutableBufferPointer { cells in
                states.withUnsafeMutableBufferPointer { states in
                  guard let U = U.baseAddress, let bias = bias.baseAddress, let hidden = hidden.baseAddress,
                    let cell = cell.baseAddress, let gates = gates.baseAddress, let cells = cells.baseAddress,
                    let states = states.baseAddress
                  else { return }
                  let panels = (4 * H + 31) / 32
                  let packed = scratch(packedColumnCount(4 * H) * H)
                  for panel in 0..<panels {
                    packColumns(Matrix(U, columns: H).transposed, columns: 4 * H, depth: H, panel: panel, into: packed)
                  }
                  Threads.forEach(s.groups, work: s.work) { group in
                    let sequences = group * LSTMShape.group..<Swift.min((group + 1) * LSTMShape.group, s.sequences)
                    let rows = sequences.count
                    let left = scratch(packedRowCount(rows) * H)
                    for t in 0..<L {
                      let previous =
                        t == 0
                        ? Matrix(hidden + sequences.lowerBound * H, columns: H)
                        : Matrix(states + (sequences.lowerBound * (L + 1) + t - 1) * H, columns: (L + 1) * H)
                      for panel in 0..<rowPanels(rows) {
                        packRows(previous, rows: rows, depth: H, panel: panel, into: left)
                      }
                      multiplyPacked(
                        left, packed, rows: rows, columns: 4 * H, depth: H, panels: 0..<rowPanels(rows),
                        columnPanels: 0..<panels, into: gates + (sequences.lowerBound * L + t) * 4 * H,
                        stride: L * 4 * H, adding: true)
                      for n in sequences {
                        let before = t == 0 ? cell + n * H : UnsafePointer(cells + (n * L + t - 1) * 2 * H)
                        let after = cells + (n * L + t) * 2 * H
                        let state = states + (n * (L + 1) + t) * H
                        if s.counts(t, n) {
                          lstmStep(
                            gates: gates + (n * L + t) * 4 * H, bias: bias, previousCell: before, cell: after,
                            hidden: state, count: H)
                        } else {
                          after.update(from: before, count: H)
                          state.update(from: t == 0 ? hidden + n * H : UnsafePointer(state - H), count: H)
                        }
                      }
                    }
                    for n in sequences {
                      let last = L == 0 ? cell + n * H : UnsafePointer(cells + (n * L + L - 1) * 2 * H)
                      (states + (n * (L + 1) + L) * H).update(from: last, count: H)
                    }
                    left.deallocate()
                  }
                  packed.deallocate()
                }
              }
            }
          }
        }
      }
    }
    return LSTMTrace(gates: gates, cells: cells, states: states)
  }

  /// Backpropagation through time, from the gradient `g` of `trace.states`.
  static func lstmGradients(
    _ g: [Float], _ trace: LSTMTrace, x: [Float], inputWeights: [Float], recurrentWeights: [Float], hidden: [Float],
    cell: [Float], _ s: LSTMShape, wantsInput: Bool
  ) -> LSTMGradients {
    let (N, L, H) = (s.sequences, s.steps, s.hidden)
    var gateGradients = [Float](repeating: 0, count: N * L * 4 * H)
    var hiddenGradient = [Float](repeating: 0, count: N * H)
    var cellGradient = [Float](repeating: 0, count: N * H)
    var previous = [Float](repeating: 0, count: N * L * H)  // the hidden state before each step
    g.withUnsafeBufferPointer { g in
      recurrentWeights.withUnsafeBufferPointer { U in
        hidden.withUnsafeBufferPointer { hidden in
          cell.withUnsafeBufferPointer { cell in
            gateGradients.withUnsafeMutableBufferPointer { gateGradients in
              hiddenGradient.withUnsafeMutableBufferPointer { hiddenGradient in
                cellGradient.withUnsafeMutableBufferPointer { cellGradient in
                  previous.withUnsafeMutableBufferPointer { previous in
                    guard let g = g.baseAddress, let U = U.baseAddress, let hidden = hidden.baseAddress,
                      let cell = cell.baseAddress, let dG = gateGradients.baseAddress,
                      let dh = hiddenGradient.baseAddress, let dc = cellGradient.baseAddress
                    else { return }
                    let panels = (H + 31) / 32
                    let packed = scratch(packedColumnCount(H) * 4 * H)
                    for panel in 0..<panels {
                      packColumns(Matrix(U, columns: H), columns: H, depth: 4 * H, panel: panel, into: packed)
                    }
                    trace.gates.withUnsafeBufferPointer { gates in
                      trace.cells.withUnsafeBufferPointer { cells in
                        trace.states.withUnsafeBufferPointer { states in
                          guard let states = states.baseAddress else { return }
                          Threads.forEach(s.groups, work: s.work) { group in
                            let first = group * LSTMShape.group
                            let rows = Swift.min(LSTMShape.group, N - first)
                            let left = scratch(packedRowCount(rows) * 4 * H)
                            let through = scratch(rows * H)
                            for n in first..<first + rows {
                              (dc + n * H).update(from: g + (n * (L + 1) + L) * H, count: H)
                              if L > 0, let previous = previous.baseAddress {
                                (previous + n * L * H).update(from: hidden + n * H, count: H)
                                (previous + (n * L + 1) * H).update(from: states + n * (L + 1) * H, count: (L - 1) * H)
                              }
                            }
                            var t = L - 1
                            while t >= 0, let gates = gates.baseAddress, let cells = cells.baseAddress {
                              for n in first..<first + rows {
                                addScaled(1, g + (n * (L + 1) + t) * H, to: dh + n * H, count: H)
                                if s.counts(t, n) {
                                  let before = t == 0 ? cell + n * H : cells + (n * L + t - 1) * 2 * H
                                  lstmStepBackward(
                                    gates: gates + (n * L + t) * 4 * H, previousCell: before,
                                    cell: cells + (n * L + t) * 2 * H, hiddenGradient: dh + n * H,
                                    cellGradient: dc + n * H, gateGradients: dG + (n * L + t) * 4 * H, count: H)
                                }
                              }
                              let upstream = Matrix(dG + (first * L + t) * 4 * H, columns: L * 4 * H)
                              for panel in 0..<rowPanels(rows) {
                                packRows(upstream, rows: rows, depth: 4 * H, panel: panel, into: left)
                              }
                              multiplyPacked(
                                left, packed, rows: rows, columns: H, depth: 4 * H, panels: 0..<rowPanels(rows),
                                columnPanels: 0..<panels, into: through, stride: H, adding: false)
                              for row in 0..<rows where s.counts(t, first + row) {
                                (dh + (first + row) * H).update(from: through + row * H, count: H)
                              }
                              t -= 1
                            }
                            through.deallocate()
                            left.deallocate()
                          }
                        }
                      }
                    }
                    packed.deallocate()
                  }
                }
              }
            }
          }
        }
      }
    }
    let steps = N * L
    return LSTMGradients(
      input: wantsInput
        ? product(gateGradients, inputWeights, rows: steps, columns: s.inputs, depth: 4 * H) : nil,
      inputWeights: product(gateGradients, x, rows: 4 * H, columns: s.inputs, depth: steps, transposedA: true),
      recurrentWeights: product(gateGradients, previous, rows: 4 * H, columns: H, depth: steps, transposedA: true),
      bias: columnSums(gateGradients, width: 4 * H), hidden: hiddenGradient, cell: cellGradient)
  }

  /// The sums of the columns of a matrix of `width` columns.
  static func columnSums(_ x: [Float], width: Int) -> [Float] {
    var sums = [Float](repeating: 0, count: width)
    guard width > 0 else { return sums }
    let rows = x.count / width
    x.withUnsafeBufferPointer { x in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let x = x.baseAddress, let sums = sums.baseAddress else { return }
        for row in 0..<rows { addScaled(1, x + row * width, to: sums, count: width) }
      }
    }
    return sums
  }
}
