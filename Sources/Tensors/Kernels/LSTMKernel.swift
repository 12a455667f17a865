/// What the LSTM's backward pass needs of its forward pass, for each group of sequences and each step; with few sequences,
/// which have the units in the lanes, for each sequence.
struct LSTMTrace: Sendable {
  /// What the step sees: D inputs, then the H hidden states before it. One step more, for the last states.
  let seen: LaneBlocks
  /// The activations of the gates i, f, g, o.
  let gates: LaneBlocks
  /// The cell states before the step. One step more, for the last ones.
  let cells: LaneBlocks
  /// tanh of the cell states after the step.
  let squashed: LaneBlocks
  /// The hidden states, and last the final cell state, `[N, L + 1, H]`.
  let states: [Float]
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
  /// A long short-term memory over whole sequences.
  static func lstm(
    _ x: [Float], inputWeights: [Float], recurrentWeights: [Float], bias: [Float], hidden: [Float], cell: [Float],
    _ s: RecurrentShape
  ) -> LSTMTrace {
    Memory.keepFreed()
    if s.isFew {
      return lstmOfFew(
        x, inputWeights: inputWeights, recurrentWeights: recurrentWeights, bias: bias, hidden: hidden, cell: cell, s)
    }
    let (L, D, H) = (s.steps, s.inputs, s.hidden)
    let seen = LaneBlocks(groups: s.groups, steps: L + 1, rows: D + H)
    let gates = LaneBlocks(groups: s.groups, steps: L, rows: 4 * H)
    let cells = LaneBlocks(groups: s.groups, steps: L + 1, rows: H)
    let squashed = LaneBlocks(groups: s.groups, steps: L, rows: H)
    let states = making([s.sequences * (L + 1) * H]) { into in
      reading([x, inputWeights, recurrentWeights, bias, hidden, cell]) { read in
        let weights = LaneWeights(
          [(Matrix(read[1], columns: D), D), (Matrix(read[2], columns: H), H)], rows: 4 * H)
        s.forEachGroup { group in
          func hiddenState(before t: Int) -> UnsafeMutablePointer<Float> {
            seen[group.number, t] + D * LaneGroup.size
          }
          let states = into[0] + group.first * (L + 1) * H
          gather(read[4] + group.first * H, step: H, rows: H, group, into: hiddenState(before: 0))
          gather(read[5] + group.first * H, step: H, rows: H, group, into: cells[group.number, 0])
          for t in 0..<L {
            let block = seen[group.number, t]
            gather(read[0] + (group.first * L + t) * D, step: L * D, rows: D, group, into: block)
            weights.multiply(block, into: gates[group.number, t], adding: false)
            lstmStep(
              gates: gates[group.number, t], bias: read[3],
              cells: (cells[group.number, t], cells[group.number, t + 1]), squashed: squashed[group.number, t],
              hidden: (hiddenState(before: t), hiddenState(before: t + 1)), counts: group.counts(t), units: H)
            scatter(hiddenState(before: t + 1), rows: H, group, into: states + t * H, step: (L + 1) * H)
          }
          scatter(cells[group.number, L], rows: H, group, into: states + L * H, step: (L + 1) * H)
        }
      }
    }
    return LSTMTrace(seen: seen, gates: gates, cells: cells, squashed: squashed, states: states[0])
  }

  /// Backpropagation through time, from the gradient `g` of `trace.states`.
  static func lstmGradients(
    _ g: [Float], _ trace: LSTMTrace, inputWeights: [Float], recurrentWeights: [Float], _ s: RecurrentShape,
    wantsInput: Bool
  ) -> LSTMGradients {
    if s.isFew {
      return lstmGradientsOfFew(
        g, trace, inputWeights: inputWeights, recurrentWeights: recurrentWeights, s, wantsInput: wantsInput)
    }
    let (N, L, D, H) = (s.sequences, s.steps, s.inputs, s.hidden)
    let gradients = LaneGradients(groups: s.groups, steps: L, rows: 4 * H)
    let made = making([wantsInput ? N * L * D : 0, N * H, N * H]) { into in
      reading([g, inputWeights, recurrentWeights]) { read in
        let toState = LaneWeights([(Matrix(read[2], columns: H).transposed, 4 * H)], rows: H)
        let toInput = LaneWeights([(Matrix(read[1], columns: D).transposed, 4 * H)], rows: wantsInput ? D : 0)
        s.forEachGroup { group in
          let arriving = read[0] + group.first * (L + 1) * H
          let space = LaneBlocks(groups: 1, steps: 3, rows: H)
          let (upstream, dh, dc) = (space[0, 0], space[0, 1], space[0, 2])
          let ofGates = LaneBlocks(groups: 1, steps: 1, rows: 4 * H)
          let input = LaneBlocks(groups: 1, steps: 1, rows: wantsInput ? D : 0)
          let block = ofGates[0, 0]
          dh.update(repeating: 0, count: H * LaneGroup.size)
          gather(arriving + L * H, step: (L + 1) * H, rows: H, group, into: dc)
          for t in (0..<L).reversed() {
            gather(arriving + t * H, step: (L + 1) * H, rows: H, group, into: upstream)
            lstmStepBackward(
              gates: trace.gates[group.number, t], previousCell: trace.cells[group.number, t],
              squashed: trace.squashed[group.number, t], upstream: upstream, hiddenGradient: dh, cellGradient: dc,
              gateGradients: block, counts: group.counts(t), units: H)
            gradients.append(block, group, t)
            toState.multiply(block, into: dh, adding: true)
            if wantsInput {
              toInput.multiply(block, into: input[0, 0], adding: false)
              scatter(input[0, 0], rows: D, group, into: into[0] + (group.first * L + t) * D, step: L * D)
            }
          }
          scatter(dh, rows: H, group, into: into[1] + group.first * H, step: H)
          scatter(dc, rows: H, group, into: into[2] + group.first * H, step: H)
          withExtendedLifetime((space, ofGates, input)) {}
        }
      }
    }
    let (toInput, toState) = split(gradients.product(trace.seen, columns: D + H), at: D, of: D + H)
    return LSTMGradients(
      input: wantsInput ? made[0] : nil, inputWeights: toInput, recurrentWeights: toState, bias: gradients.total(),
      hidden: made[1], cell: made[2])
  }

  // MARK: One step of sixteen sequences

  /// One step of an LSTM. With units in the lanes, `units` counts rows of them.
  ///
  /// - Parameters:
  ///   - gates: the four pre-activations i, f, g, o without bias; replaced by the activations.
  ///   - bias: the biases of the four gates; nil if they are in there already.
  ///   - cells: the cell states before the step, and where those after it go.
  ///   - squashed: receives tanh of the cell states after the step.
  ///   - hidden: the hidden states before the step, and where those after it go.
  ///   - counts: the sequences whose state changes.
  ///   - units: how many hidden units.
  static func lstmStep(
    gates: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?,
    cells: (before: UnsafeMutablePointer<Float>, after: UnsafeMutablePointer<Float>),
    squashed: UnsafeMutablePointer<Float>,
    hidden: (before: UnsafeMutablePointer<Float>, after: UnsafeMutablePointer<Float>),
    counts: LaneGroup.Mask, units: Int
  ) {
    let gate = units * LaneGroup.size
    logisticRows(gates, bias: bias, rows: 2 * units, into: gates)
    tanhRows(gates + 2 * gate, bias: bias.map { $0 + 2 * units }, rows: units, into: gates + 2 * gate)
    logisticRows(gates + 3 * gate, bias: bias.map { $0 + 3 * units }, rows: units, into: gates + 3 * gate)
    for k in stride(from: 0, to: gate, by: LaneGroup.size) {
      let before = load(cells.before + k)
      let c = (load(gates + k) * load(gates + 2 * gate + k)).addingProduct(load(gates + gate + k), before)
      store(before.replacing(with: c, where: counts), cells.after + k)
    }
    tanhRows(cells.after, bias: nil, rows: units, into: squashed)
    for k in stride(from: 0, to: gate, by: LaneGroup.size) {
      let h = load(gates + 3 * gate + k) * load(squashed + k)
      store(load(hidden.before + k).replacing(with: h, where: counts), hidden.after + k)
    }
  }

  /// The step backwards.
  ///
  /// - Parameters:
  ///   - gates: the four activations i, f, g, o.
  ///   - previousCell: the cell states before the step.
  ///   - squashed: tanh of those after it.
  ///   - upstream: what arrives at the hidden states from outside.
  ///   - hiddenGradient: what arrives there from the next step; replaced by what goes past this step.
  ///   - cellGradient: of the cell states after the step; replaced by that of those before it.
  ///   - gateGradients: receives the gradients of the four pre-activations.
  ///   - counts: the sequences whose state the step changed.
  ///   - units: how many hidden units.
  static func lstmStepBackward(
    gates: UnsafePointer<Float>, previousCell: UnsafePointer<Float>, squashed: UnsafePointer<Float>,
    upstream: UnsafePointer<Float>, hiddenGradient: UnsafeMutablePointer<Float>,
    cellGradient: UnsafeMutablePointer<Float>, gateGradients: UnsafeMutablePointer<Float>, counts: LaneGroup.Mask,
    units: Int
  ) {
    let gate = units * LaneGroup.size
    for k in stride(from: 0, to: gate, by: LaneGroup.size) {
      let (i, f) = (load(gates + k), load(gates + gate + k))
      let (g, o) = (load(gates + 2 * gate + k), load(gates + 3 * gate + k))
      let t = load(squashed + k)
      let dh = load(hiddenGradient + k) + load(upstream + k)
      let after = load(cellGradient + k)
      let dc = after.addingProduct(dh, o * (1 - t * t))
      let none = Vector.zero
      store(none.replacing(with: dc * g * (i * (1 - i)), where: counts), gateGradients + k)
      store(
        none.replacing(with: dc * load(previousCell + k) * (f * (1 - f)), where: counts), gateGradients + gate + k)
      store(none.replacing(with: dc * i * (1 - g * g), where: counts), gateGradients + 2 * gate + k)
      store(none.replacing(with: dh * t * (o * (1 - o)), where: counts), gateGradients + 3 * gate + k)
      store(after.replacing(with: dc * f, where: counts), cellGradient + k)
      store(dh.replacing(with: none, where: counts), hiddenGradient + k)
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  private static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }
}
