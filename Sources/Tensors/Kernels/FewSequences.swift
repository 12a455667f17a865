/// The recurrent layers over few sequences, with hidden units in the lanes: see `UnitLanes.swift`.
///
/// Here N sequences go through L steps of D inputs and P units: the H hidden ones and zeros up to whole vectors.
extension Kernels {
  // MARK: Long short-term memory

  static func lstmOfFew(
    _ x: [Float], inputWeights: [Float], recurrentWeights: [Float], bias: [Float], hidden: [Float], cell: [Float],
    _ s: RecurrentShape
  ) -> LSTMTrace {
    let (N, L, H, P) = (s.sequences, s.steps, s.hidden, s.padded)
    let gates = LaneBlocks(sequences: N, steps: L, size: 4 * P)
    let cells = LaneBlocks(sequences: N, steps: L + 1, size: P)
    let squashed = LaneBlocks(sequences: N, steps: L, size: P)
    let first = padded(cell, H, to: P)
    first.withUnsafeBufferPointer { first in
      guard let start = first.baseAddress else { return }
      for n in 0..<N { cells[n, 0].update(from: start + n * P, count: P) }
    }
    var result = [Float](repeating: 0, count: N * (L + 1) * H)
    let seen = result.withUnsafeMutableBufferPointer { result in
      let states = result.baseAddress
      seeInputs(x, inputWeights, bias, s, into: gates)
      let seen = forwards(x, recurrentWeights, hidden, s) { t, weights, state in
        weights.multiply(state, P, into: gates[0, t], L * 4 * P, sequences: N)
        for n in 0..<N {
          let h = state + n * P
          lstmStep(
            gates: gates[n, t], bias: nil, cells: (cells[n, t], cells[n, t + 1]), squashed: squashed[n, t],
            hidden: (h, h), counts: s.counts(t, n), units: s.rows)
          states?.advanced(by: (n * (L + 1) + t) * H).update(from: h, count: H)
        }
      }
      for n in 0..<N { states?.advanced(by: (n * (L + 1) + L) * H).update(from: cells[n, L], count: H) }
      return seen
    }
    return LSTMTrace(seen: seen, gates: gates, cells: cells, squashed: squashed, states: result)
  }

  static func lstmGradientsOfFew(
    _ g: [Float], _ trace: LSTMTrace, inputWeights: [Float], recurrentWeights: [Float], _ s: RecurrentShape,
    wantsInput: Bool
  ) -> LSTMGradients {
    let (N, L, H, P) = (s.sequences, s.steps, s.hidden, s.padded)
    let ofGates = LaneBlocks(sequences: N, steps: L, size: 4 * P)
    var ofCells = [Float](repeating: 0, count: N * P)
    for n in 0..<N {
      for unit in 0..<H { ofCells[n * P + unit] = g[(n * (L + 1) + L) * H + unit] }
    }
    let hidden = ofCells.withUnsafeMutableBufferPointer { ofCells in
      let dc = ofCells.baseAddress
      return backwards(g, stepsOfGradient: L + 1, recurrentWeights, s, ofState: ofGates) { n, t, upstream, dh in
        guard let dc else { return }
        lstmStepBackward(
          gates: trace.gates[n, t], previousCell: trace.cells[n, t], squashed: trace.squashed[n, t],
          upstream: upstream, hiddenGradient: dh, cellGradient: dc + n * P, gateGradients: ofGates[n, t],
          counts: s.counts(t, n), units: s.rows)
      }
    }
    let (D, weights) = (s.inputs, weightGradients(ofGates, trace.seen, columns: s.inputs + P, s))
    return LSTMGradients(
      input: wantsInput ? inputGradient(ofGates, inputWeights, s) : nil,
      inputWeights: columns(0..<D, of: weights, width: D + P),
      recurrentWeights: columns(D..<D + H, of: weights, width: D + P), bias: biasGradient(ofGates, s), hidden: hidden,
      cell: padded(ofCells, P, to: H))
  }

  // MARK: Elman's network

  static func rnnOfFew(
    _ x: [Float], inputWeights: [Float], recurrentWeights: [Float], bias: [Float], hidden: [Float],
    _ s: RecurrentShape
  ) -> ElmanTrace {
    let (N, L, H, P) = (s.sequences, s.steps, s.hidden, s.padded)
    let sums = LaneBlocks(sequences: N, steps: L, size: P)
    var result = [Float](repeating: 0, count: N * L * H)
    let seen = result.withUnsafeMutableBufferPointer { result in
      let states = result.baseAddress
      seeInputs(x, inputWeights, bias, s, into: sums)
      return forwards(x, recurrentWeights, hidden, s) { t, weights, state in
        weights.multiply(state, P, into: sums[0, t], L * P, sequences: N)
        for n in 0..<N {
          let h = state + n * P
          tanhRows(sums[n, t], bias: nil, rows: s.rows, into: sums[n, t])
          keep(h, in: sums[n, t], unless: s.counts(t, n), rows: s.rows)
          h.update(from: sums[n, t], count: P)
          states?.advanced(by: (n * L + t) * H).update(from: h, count: H)
        }
      }
    }
    return ElmanTrace(seen: seen, states: result)
  }

  static func rnnGradientsOfFew(
    _ g: [Float], _ trace: ElmanTrace, inputWeights: [Float], recurrentWeights: [Float], _ s: RecurrentShape,
    wantsInput: Bool
  ) -> RecurrentGradients {
    let (N, L, D, H, P) = (s.sequences, s.steps, s.inputs, s.hidden, s.padded)
    let sums = LaneBlocks(sequences: N, steps: L, size: P)
    let after = padded(trace.states, H, to: P)
    let hidden = after.withUnsafeBufferPointer { after in
      let states = after.baseAddress
      return backwards(g, stepsOfGradient: L, recurrentWeights, s, ofState: sums) { n, t, upstream, dh in
        guard let states else { return }
        elmanStepBackward(
          upstream: upstream, hiddenGradient: dh, hidden: states + (n * L + t) * P, into: sums[n, t],
          counts: s.counts(t, n), units: s.rows)
      }
    }
    let (weights, bias) = (weightGradients(sums, trace.seen, columns: D + P, s), biasGradient(sums, s))
    return RecurrentGradients(
      input: wantsInput ? inputGradient(sums, inputWeights, s) : nil,
      inputWeights: columns(0..<D, of: weights, width: D + P),
      recurrentWeights: columns(D..<D + H, of: weights, width: D + P), inputBias: bias, recurrentBias: bias,
      hidden: hidden)
  }

  // MARK: Gated recurrent unit

  static func gruOfFew(
    _ x: [Float], inputWeights: [Float], recurrentWeights: [Float], inputBias: [Float], recurrentBias: [Float],
    hidden: [Float], _ s: RecurrentShape
  ) -> GRUTrace {
    let (N, L, H, P) = (s.sequences, s.steps, s.hidden, s.padded)
    let gates = LaneBlocks(sequences: N, steps: L, size: 3 * P)
    let candidates = LaneBlocks(sequences: N, steps: L, size: P)
    let bias = padded(recurrentBias, H, to: P)
    // What r, z, n see of the state.
    let recurrent = LaneBlocks(sequences: N, steps: 1, size: 3 * P)
    var result = [Float](repeating: 0, count: N * L * H)
    let seen = result.withUnsafeMutableBufferPointer { result in
      let states = result.baseAddress
      seeInputs(x, inputWeights, inputBias, s, into: gates)
      return forwards(x, recurrentWeights, hidden, s) { t, weights, state in
        bias.withUnsafeBufferPointer { bias in
          guard let bias = bias.baseAddress else { return }
          for n in 0..<N { recurrent[n, 0].update(from: bias, count: 3 * P) }
        }
        weights.multiply(state, P, into: recurrent[0, 0], 3 * P, sequences: N)
        for n in 0..<N {
          let (h, after) = (state + n * P, recurrent[n, 0])
          gruStep(
            gates: gates[n, t], recurrent: recurrent[n, 0], inputBias: nil, recurrentBias: nil,
            candidates: candidates[n, t], hidden: (h, after), units: s.rows)
          keep(h, in: after, unless: s.counts(t, n), rows: s.rows)
          h.update(from: after, count: P)
          states?.advanced(by: (n * L + t) * H).update(from: h, count: H)
        }
      }
    }
    return GRUTrace(seen: seen, gates: gates, candidates: candidates, states: result)
  }

  static func gruGradientsOfFew(
    _ g: [Float], _ trace: GRUTrace, inputWeights: [Float], recurrentWeights: [Float], _ s: RecurrentShape,
    wantsInput: Bool
  ) -> RecurrentGradients {
    let (N, L, D, H, P) = (s.sequences, s.steps, s.inputs, s.hidden, s.padded)
    let ofInput = LaneBlocks(sequences: N, steps: L, size: 3 * P)
    let ofState = LaneBlocks(sequences: N, steps: L, size: 3 * P)
    let hidden = backwards(g, stepsOfGradient: L, recurrentWeights, s, ofState: ofState) { n, t, upstream, dh in
      gruStepBackward(
        gates: trace.gates[n, t], candidates: trace.candidates[n, t], previous: trace.seen[n, t] + D,
        upstream: upstream, hiddenGradient: dh, inputGradients: ofInput[n, t], recurrentGradients: ofState[n, t],
        counts: s.counts(t, n), units: s.rows)
    }
    return RecurrentGradients(
      input: wantsInput ? inputGradient(ofInput, inputWeights, s) : nil,
      inputWeights: weightGradients(ofInput, trace.seen, columns: D, s),
      recurrentWeights: columns(0..<H, of: weightGradients(ofState, trace.seen, from: D, columns: P, s), width: P),
      inputBias: biasGradient(ofInput, s), recurrentBias: biasGradient(ofState, s), hidden: hidden)
  }

  // MARK: What the three share

  /// Rows of `width` numbers with zeros after them up to `padded` numbers; or, if that is fewer, cut.
  private static func padded(_ x: [Float], _ width: Int, to padded: Int) -> [Float] {
    if width == padded || width == 0 { return x }
    let rows = x.count / width
    return making([rows * padded], cleared: padded > width) { into in
      x.withUnsafeBufferPointer { x in
        guard let x = x.baseAddress else { return }
        let count = Swift.min(width, padded)
        for row in 0..<rows { (into[0] + row * padded).update(from: x + row * width, count: count) }
      }
    }[0]
  }

  /// Some columns of a matrix of `width` columns.
  private static func columns(_ part: Range<Int>, of x: [Float], width: Int) -> [Float] {
    if part.count == width || width == 0 { return x }
    let rows = x.count / width
    return making([rows * part.count], cleared: false) { into in
      x.withUnsafeBufferPointer { x in
        guard let x = x.baseAddress else { return }
        for row in 0..<rows {
          (into[0] + row * part.count).update(from: x + row * width + part.lowerBound, count: part.count)
        }
      }
    }[0]
  }

  /// What the gates see of the inputs of all steps, with the bias.
  private static func seeInputs(
    _ x: [Float], _ inputWeights: [Float], _ bias: [Float], _ s: RecurrentShape, into gates: LaneBlocks
  ) {
    let (count, D, width) = (s.sequences * s.steps, s.inputs, s.gates * s.padded)
    if count == 0 { return }
    let read = [x, padded(inputWeights, s.hidden * D, to: s.padded * D), padded(bias, s.hidden, to: s.padded)]
    reading(read) { read in
      let target = gates[0, 0]
      if D == 0 { target.update(repeating: 0, count: count * width) }
      multiplyOnThreads(
        Matrix(read[0], columns: D), Matrix(read[1], columns: D).transposed, rows: count, columns: width, depth: D,
        into: target)
      for row in 0..<count { addScaled(1, read[2], to: target + row * width, count: width) }
    }
  }

  /// Runs `step` for all steps in turn; it is given the recurrent weights and the states `[N, P]`, and puts the new
  /// states in their place.
  ///
  /// - Returns: what each step saw: D inputs, then the P states before it.
  private static func forwards(
    _ x: [Float], _ recurrentWeights: [Float], _ hidden: [Float], _ s: RecurrentShape,
    step: (_ t: Int, _ weights: borrowing StepWeights, _ states: UnsafeMutablePointer<Float>) -> Void
  ) -> LaneBlocks {
    let (N, L, D, H, P) = (s.sequences, s.steps, s.inputs, s.hidden, s.padded)
    let seen = LaneBlocks(sequences: N, steps: L, size: D + P)
    var states = padded(hidden, H, to: P)
    states.withUnsafeMutableBufferPointer { states in
      reading([x, recurrentWeights]) { read in
        guard let states = states.baseAddress else { return }
        let weights = StepWeights(read[1], s, backwards: false)
        for t in 0..<L {
          for n in 0..<N {
            seen[n, t].update(from: read[0] + (n * L + t) * D, count: D)
            (seen[n, t] + D).update(from: states + n * P, count: P)
          }
          step(t, weights, states)
        }
      }
    }
    return seen
  }

  /// Runs `step` for all steps and sequences, last step first. It is given what arrives at the P states from outside
  /// and from the next step, replaces the latter by what goes past the gates, and fills the block of `ofState` with the
  /// gradients of what the gates see of the state.
  ///
  /// `g` has `stepsOfGradient` rows of H numbers for each sequence.
  ///
  /// - Returns: the gradient of the states before the first step, `[N, H]`.
  private static func backwards(
    _ g: [Float], stepsOfGradient: Int, _ recurrentWeights: [Float], _ s: RecurrentShape, ofState: LaneBlocks,
    step: (
      _ n: Int, _ t: Int, _ upstream: UnsafePointer<Float>, _ hiddenGradient: UnsafeMutablePointer<Float>
    ) -> Void
  ) -> [Float] {
    let (N, L, H, P) = (s.sequences, s.steps, s.hidden, s.padded)
    let made = making([N * P, P]) { into in
      reading([g, recurrentWeights]) { read in
        let (dh, upstream) = (into[0], into[1])
        let weights = StepWeights(read[1], s, backwards: true)
        for t in (0..<L).reversed() {
          for n in 0..<N {
            upstream.update(from: read[0] + (n * stepsOfGradient + t) * H, count: H)
            step(n, t, upstream, dh + n * P)
          }
          weights.multiply(ofState[0, t], L * s.gates * P, into: dh, P, sequences: N)
        }
      }
    }
    return padded(made[0], P, to: H)
  }

  /// The gradient of the input, from those of what the gates see of it.
  private static func inputGradient(_ ofGates: LaneBlocks, _ inputWeights: [Float], _ s: RecurrentShape) -> [Float] {
    let (rows, D, width) = (s.sequences * s.steps, s.inputs, s.gates * s.padded)
    if rows * width == 0 { return [Float](repeating: 0, count: rows * D) }
    return making([rows * D], cleared: false) { into in
      padded(inputWeights, s.hidden * D, to: s.padded * D).withUnsafeBufferPointer { weights in
        guard let weights = weights.baseAddress else { return }
        multiplyOnThreads(
          Matrix(ofGates[0, 0], columns: width), Matrix(weights, columns: D), rows: rows, columns: D, depth: width,
          into: into[0])
      }
    }[0]
  }

  /// Σ gradients · seenᵀ, `[gates · H, columns]`, for what the steps saw from number `first` on.
  private static func weightGradients(
    _ ofGates: LaneBlocks, _ seen: LaneBlocks, from first: Int = 0, columns: Int, _ s: RecurrentShape
  ) -> [Float] {
    let (steps, width, seenWidth) = (s.sequences * s.steps, s.gates * s.padded, s.inputs + s.padded)
    if steps == 0 { return [Float](repeating: 0, count: s.width * columns) }
    let product = making([width * columns], cleared: false) { into in
      multiplyOnThreads(
        Matrix(ofGates[0, 0], columns: width).transposed, Matrix(seen[0, 0] + first, columns: seenWidth), rows: width,
        columns: columns, depth: steps, into: into[0])
    }
    return padded(product[0], s.padded * columns, to: s.hidden * columns)
  }

  private static func biasGradient(_ ofGates: LaneBlocks, _ s: RecurrentShape) -> [Float] {
    let width = s.gates * s.padded
    let sums = making([width]) { into in
      for row in 0..<s.sequences * s.steps { addScaled(1, ofGates[0, 0] + row * width, to: into[0], count: width) }
    }
    return padded(sums[0], s.padded, to: s.hidden)
  }
}
