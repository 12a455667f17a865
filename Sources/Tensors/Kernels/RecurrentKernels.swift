/// The gradients of a recurrent layer.
struct RecurrentGradients {
  var input: [Float]?
  var inputWeights: [Float]
  var recurrentWeights: [Float]
  var inputBias: [Float]
  var recurrentBias: [Float]
  var hidden: [Float]
}

/// What the backward pass of Elman's network needs of its forward pass, for each group of sequences and each step;
/// with few sequences, which have the units in the lanes, for each sequence.
struct ElmanTrace: Sendable {
  /// What the step sees: D inputs, then the H hidden states before it. One step more, for the last states.
  let seen: LaneBlocks
  /// The hidden states, `[N, L, H]`.
  let states: [Float]
}

/// What the GRU's backward pass needs of its forward pass, for each group of sequences and each step;
/// with few sequences, which have the units in the lanes, for each sequence.
struct GRUTrace: Sendable {
  /// What the step sees: D inputs, then the H hidden states before it. One step more, for the last states.
  let seen: LaneBlocks
  /// The activations of r, z, n.
  let gates: LaneBlocks
  /// What r multiplies inside n.
  let candidates: LaneBlocks
  /// The hidden states, `[N, L, H]`.
  let states: [Float]
}

extension Kernels {
  // MARK: Elman's network

  static func rnn(
    _ x: [Float], inputWeights: [Float], recurrentWeights: [Float], bias: [Float], hidden: [Float],
    _ s: RecurrentShape
  ) -> ElmanTrace {
    Memory.keepFreed()
    if s.isFew {
      return rnnOfFew(
        x, inputWeights: inputWeights, recurrentWeights: recurrentWeights, bias: bias, hidden: hidden, s)
    }
    let (L, D, H) = (s.steps, s.inputs, s.hidden)
    let seen = LaneBlocks(groups: s.groups, steps: L + 1, rows: D + H)
    let states = making([s.sequences * L * H]) { into in
      reading([x, inputWeights, recurrentWeights, bias, hidden]) { read in
        let weights = LaneWeights([(Matrix(read[1], columns: D), D), (Matrix(read[2], columns: H), H)], rows: H)
        s.forEachGroup { group in
          let space = LaneBlocks(groups: 1, steps: 1, rows: H)
          let sums = space[0, 0]
          gather(
            read[4] + group.first * H, step: H, rows: H, group, into: seen[group.number, 0] + D * LaneGroup.size)
          for t in 0..<L {
            let block = seen[group.number, t]
            let after = seen[group.number, t + 1] + D * LaneGroup.size
            gather(read[0] + (group.first * L + t) * D, step: L * D, rows: D, group, into: block)
            weights.multiply(block, into: sums, adding: false)
            tanhRows(sums, bias: read[3], rows: H, into: after)
            keep(block + D * LaneGroup.size, in: after, unless: group.counts(t), rows: H)
            scatter(after, rows: H, group, into: into[0] + (group.first * L + t) * H, step: L * H)
          }
          withExtendedLifetime(space) {}
        }
      }
    }
    return ElmanTrace(seen: seen, states: states[0])
  }

  /// Backpropagation through time, from the gradient `g` of the states.
  static func rnnGradients(
    _ g: [Float], _ trace: ElmanTrace, inputWeights: [Float], recurrentWeights: [Float], _ s: RecurrentShape,
    wantsInput: Bool
  ) -> RecurrentGradients {
    if s.isFew {
      return rnnGradientsOfFew(
        g, trace, inputWeights: inputWeights, recurrentWeights: recurrentWeights, s, wantsInput: wantsInput)
    }
    let (L, D, H) = (s.steps, s.inputs, s.hidden)
    let sums = LaneGradients(groups: s.groups, steps: L, rows: H)
    let made = backwards(
      g, inputWeights: inputWeights, recurrentWeights: recurrentWeights, s, wantsInput: wantsInput
    ) { group, t, upstream, dh, fromInput, _ in
      elmanStepBackward(
        upstream: upstream, hiddenGradient: dh, hidden: trace.seen[group.number, t + 1] + D * LaneGroup.size,
        into: fromInput, counts: group.counts(t), units: H)
      sums.append(fromInput, group, t)
      return fromInput
    }
    let (toInput, toState) = split(sums.product(trace.seen, columns: D + H), at: D, of: D + H)
    let bias = sums.total()
    return RecurrentGradients(
      input: made.input, inputWeights: toInput, recurrentWeights: toState, inputBias: bias, recurrentBias: bias,
      hidden: made.hidden)
  }

  // MARK: Gated recurrent unit

  static func gru(
    _ x: [Float], inputWeights: [Float], recurrentWeights: [Float], inputBias: [Float], recurrentBias: [Float],
    hidden: [Float], _ s: RecurrentShape
  ) -> GRUTrace {
    Memory.keepFreed()
    if s.isFew {
      return gruOfFew(
        x, inputWeights: inputWeights, recurrentWeights: recurrentWeights, inputBias: inputBias,
        recurrentBias: recurrentBias, hidden: hidden, s)
    }
    let (L, D, H) = (s.steps, s.inputs, s.hidden)
    let seen = LaneBlocks(groups: s.groups, steps: L + 1, rows: D + H)
    let gates = LaneBlocks(groups: s.groups, steps: L, rows: 3 * H)
    let candidates = LaneBlocks(groups: s.groups, steps: L, rows: H)
    let states = making([s.sequences * L * H]) { into in
      reading([x, inputWeights, recurrentWeights, inputBias, recurrentBias, hidden]) { read in
        let ofInput = LaneWeights([(Matrix(read[1], columns: D), D)], rows: 3 * H)
        let ofState = LaneWeights([(Matrix(read[2], columns: H), H)], rows: 3 * H)
        s.forEachGroup { group in
          let space = LaneBlocks(groups: 1, steps: 1, rows: 3 * H)
          let recurrent = space[0, 0]
          gather(
            read[5] + group.first * H, step: H, rows: H, group, into: seen[group.number, 0] + D * LaneGroup.size)
          for t in 0..<L {
            let block = seen[group.number, t]
            let (before, after) = (block + D * LaneGroup.size, seen[group.number, t + 1] + D * LaneGroup.size)
            gather(read[0] + (group.first * L + t) * D, step: L * D, rows: D, group, into: block)
            ofInput.multiply(block, into: gates[group.number, t], adding: false)
            ofState.multiply(before, into: recurrent, adding: false)
            gruStep(
              gates: gates[group.number, t], recurrent: recurrent, inputBias: read[3], recurrentBias: read[4],
              candidates: candidates[group.number, t], hidden: (before, after), units: H)
            keep(before, in: after, unless: group.counts(t), rows: H)
            scatter(after, rows: H, group, into: into[0] + (group.first * L + t) * H, step: L * H)
          }
          withExtendedLifetime(space) {}
        }
      }
    }
    return GRUTrace(seen: seen, gates: gates, candidates: candidates, states: states[0])
  }

  /// Backpropagation through time, from the gradient `g` of the states.
  static func gruGradients(
    _ g: [Float], _ trace: GRUTrace, inputWeights: [Float], recurrentWeights: [Float], _ s: RecurrentShape,
    wantsInput: Bool
  ) -> RecurrentGradients {
    if s.isFew {
      return gruGradientsOfFew(
        g, trace, inputWeights: inputWeights, recurrentWeights: recurrentWeights, s, wantsInput: wantsInput)
    }
    let (L, D, H) = (s.steps, s.inputs, s.hidden)
    let ofInput = LaneGradients(groups: s.groups, steps: L, rows: 3 * H)
    let ofState = LaneGradients(groups: s.groups, steps: L, rows: 3 * H)
    let made = backwards(
      g, inputWeights: inputWeights, recurrentWeights: recurrentWeights, s, wantsInput: wantsInput
    ) { group, t, upstream, dh, fromInput, fromState in
      gruStepBackward(
        gates: trace.gates[group.number, t], candidates: trace.candidates[group.number, t],
        previous: trace.seen[group.number, t] + D * LaneGroup.size, upstream: upstream, hiddenGradient: dh,
        inputGradients: fromInput, recurrentGradients: fromState, counts: group.counts(t), units: H)
      ofInput.append(fromInput, group, t)
      ofState.append(fromState, group, t)
      return fromState
    }
    return RecurrentGradients(
      input: made.input, inputWeights: ofInput.product(trace.seen, columns: D),
      recurrentWeights: ofState.product(trace.seen, from: D, columns: H), inputBias: ofInput.total(),
      recurrentBias: ofState.total(), hidden: made.hidden)
  }

  // MARK: What both share

  /// One step backwards. It is given what arrives at the states from outside and from the next step, replaces the
  /// latter by what goes past the gates, and fills a block with the gradients of what the gates see of the input; a
  /// second one, if that differs, with those of what they see of the state. It returns the block that holds the latter.
  private typealias StepBackward = (
    _ group: LaneGroup, _ step: Int, _ upstream: UnsafePointer<Float>, _ hiddenGradient: UnsafeMutablePointer<Float>,
    _ fromInput: UnsafeMutablePointer<Float>, _ fromState: UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float>

  /// All steps backwards, from the gradient `g` of the states: the gradients of the input, if wanted, and of the state
  /// before the first step.
  private static func backwards(
    _ g: [Float], inputWeights: [Float], recurrentWeights: [Float], _ s: RecurrentShape, wantsInput: Bool,
    step: StepBackward
  ) -> (input: [Float]?, hidden: [Float]) {
    let (N, L, D, H) = (s.sequences, s.steps, s.inputs, s.hidden)
    let made = making([wantsInput ? N * L * D : 0, N * H]) { into in
      reading([g, inputWeights, recurrentWeights]) { read in
        let toState = LaneWeights([(Matrix(read[2], columns: H).transposed, s.width)], rows: H)
        let toInput = LaneWeights([(Matrix(read[1], columns: D).transposed, s.width)], rows: wantsInput ? D : 0)
        s.forEachGroup { group in
          let space = LaneBlocks(groups: 1, steps: 2, rows: H)
          let ofGates = LaneBlocks(groups: 1, steps: 2, rows: s.width)
          let (upstream, dh) = (space[0, 0], space[0, 1])
          let input = LaneBlocks(groups: 1, steps: 1, rows: wantsInput ? D : 0)
          dh.update(repeating: 0, count: H * LaneGroup.size)
          for t in (0..<L).reversed() {
            gather(read[0] + (group.first * L + t) * H, step: L * H, rows: H, group, into: upstream)
            let fromState = step(group, t, upstream, dh, ofGates[0, 0], ofGates[0, 1])
            toState.multiply(fromState, into: dh, adding: true)
            if wantsInput {
              toInput.multiply(ofGates[0, 0], into: input[0, 0], adding: false)
              scatter(input[0, 0], rows: D, group, into: into[0] + (group.first * L + t) * D, step: L * D)
            }
          }
          scatter(dh, rows: H, group, into: into[1] + group.first * H, step: H)
          withExtendedLifetime((space, ofGates, input)) {}
        }
      }
    }
    return (wantsInput ? made[0] : nil, made[1])
  }

  // MARK: One step of sixteen sequences

  /// Puts `before` back where a sequence's step does not count.
  static func keep(
    _ before: UnsafePointer<Float>, in after: UnsafeMutablePointer<Float>, unless counts: LaneGroup.Mask, rows: Int
  ) {
    for k in stride(from: 0, to: rows * LaneGroup.size, by: LaneGroup.size) {
      store(load(before + k).replacing(with: load(after + k), where: counts), after + k)
    }
  }

  /// The gradient of the sum inside tanh: g·(1 − h²).
  static func elmanStepBackward(
    upstream: UnsafePointer<Float>, hiddenGradient: UnsafeMutablePointer<Float>, hidden: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>, counts: LaneGroup.Mask, units: Int
  ) {
    for k in stride(from: 0, to: units * LaneGroup.size, by: LaneGroup.size) {
      let g = load(hiddenGradient + k) + load(upstream + k)
      let h = load(hidden + k)
      store(Vector.zero.replacing(with: g * (1 - h * h), where: counts), sums + k)
      store(g.replacing(with: Vector.zero, where: counts), hiddenGradient + k)
    }
  }

  /// One step of a GRU. With units in the lanes, `units` counts rows of them.
  ///
  /// - Parameters:
  ///   - gates: what r, z, n see of the input, without bias; replaced by the activations.
  ///   - recurrent: what r, z, n see of the state, without bias.
  ///   - inputBias: the biases of r, z, n on the input's side; nil if they are in `gates` already.
  ///   - recurrentBias: the biases of r, z, n on the state's side; nil if they are in `recurrent` already.
  ///   - candidates: receives the last third of `recurrent` with its bias.
  ///   - hidden: the states before the step, and where those after it go.
  ///   - units: how many hidden units.
  static func gruStep(
    gates: UnsafeMutablePointer<Float>, recurrent: UnsafePointer<Float>, inputBias: UnsafePointer<Float>?,
    recurrentBias: UnsafePointer<Float>?, candidates: UnsafeMutablePointer<Float>,
    hidden: (before: UnsafeMutablePointer<Float>, after: UnsafeMutablePointer<Float>), units: Int
  ) {
    let (lanes, gate) = (LaneGroup.size, units * LaneGroup.size)
    for row in 0..<2 * units {
      let fromState = load(recurrent + row * lanes) + (recurrentBias.map { $0[row] } ?? 0)
      store(load(gates + row * lanes) + fromState, gates + row * lanes)
    }
    logisticRows(gates, bias: inputBias, rows: 2 * units, into: gates)
    let n = gates + 2 * gate
    for row in 0..<units {
      let k = row * lanes
      let q = load(recurrent + 2 * gate + k) + (recurrentBias.map { $0[2 * units + row] } ?? 0)
      store(q, candidates + k)
      store(load(n + k).addingProduct(load(gates + k), q), n + k)
    }
    tanhRows(n, bias: inputBias.map { $0 + 2 * units }, rows: units, into: n)
    for k in stride(from: 0, to: gate, by: lanes) {
      let candidate = load(n + k)
      store(candidate.addingProduct(load(gates + gate + k), load(hidden.before + k) - candidate), hidden.after + k)
    }
  }

  /// The step backwards.
  ///
  /// - Parameters:
  ///   - gates: the activations r, z, n.
  ///   - candidates: as `gruStep` left them.
  ///   - previous: the states before the step.
  ///   - upstream: what arrives at the states after the step from outside.
  ///   - hiddenGradient: what arrives there from the next step; replaced by what goes past the gates to the one before.
  ///   - inputGradients: receives the gradients of what r, z, n see of the input.
  ///   - recurrentGradients: receives the gradients of what they see of the state.
  ///   - counts: the sequences whose state the step changed.
  ///   - units: how many hidden units.
  static func gruStepBackward(
    gates: UnsafePointer<Float>, candidates: UnsafePointer<Float>, previous: UnsafePointer<Float>,
    upstream: UnsafePointer<Float>, hiddenGradient: UnsafeMutablePointer<Float>,
    inputGradients: UnsafeMutablePointer<Float>, recurrentGradients: UnsafeMutablePointer<Float>,
    counts: LaneGroup.Mask, units: Int
  ) {
    let gate = units * LaneGroup.size
    for k in stride(from: 0, to: gate, by: LaneGroup.size) {
      let (second, third) = (gate + k, 2 * gate + k)
      let (r, z, n) = (load(gates + k), load(gates + second), load(gates + third))
      let g = load(hiddenGradient + k) + load(upstream + k)
      let passing = Vector.zero.replacing(with: g, where: counts)
      let toN = passing * (1 - z) * (1 - n * n)
      let toZ = passing * (load(previous + k) - n) * (z * (1 - z))
      let toR = toN * load(candidates + k) * (r * (1 - r))
      store(toR, inputGradients + k)
      store(toZ, inputGradients + second)
      store(toN, inputGradients + third)
      store(toR, recurrentGradients + k)
      store(toZ, recurrentGradients + second)
      store(toN * r, recurrentGradients + third)
      store(g.replacing(with: g * z, where: counts), hiddenGradient + k)
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
