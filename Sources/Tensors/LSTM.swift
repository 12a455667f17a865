extension Tensor {
  /// A long short-term memory over whole sequences, with its backward pass written by hand.
  ///
  ///     i, f, o = σ(…)   g = tanh(…)   c ← f·c + i·g   h ← o·tanh(c)
  ///
  /// where each gate sees `inputWeights · x + recurrentWeights · h + bias`, its rows in the order i, f, g, o (PyTorch's).
  /// Hochreiter & Schmidhuber, Neural Computation 9 (1997), with the forget gate of Gers et al. (2000).
  ///
  /// N sequences, L steps, D inputs, H hidden units; self is `[N, L, D]`.
  ///
  /// - Parameters:
  ///   - inputWeights: `[4H, D]`.
  ///   - recurrentWeights: `[4H, H]`.
  ///   - bias: `[4H]`.
  ///   - hidden: the state before the first step, `[N, H]`.
  ///   - cell: the cell state before the first step, `[N, H]`.
  ///   - lengths: how many steps of each sequence count, N numbers; nil for all. Afterwards the state stays as it is.
  /// - Returns: the hidden states after every step `[N, L, H]`, and the last states `[N, H]`.
  public func lstm(
    inputWeights: Tensor, recurrentWeights: Tensor, bias: Tensor, hidden: Tensor, cell: Tensor, lengths: [Int]? = nil
  ) -> (sequence: Tensor, hidden: Tensor, cell: Tensor) {
    let (x, W, U) = (self, inputWeights, recurrentWeights)
    requireShape(
      x.rank == 3 && W.rank == 2 && W.shape[1] == x.shape[2], "lstm: \(x.shape) and input weights \(W.shape)")
    let (N, L, H) = (x.shape[0], x.shape[1], W.shape[0] / 4)
    requireShape(
      W.shape[0] % 4 == 0 && U.shape == [4 * H, H], "lstm: input weights \(W.shape) and recurrent weights \(U.shape)")
    requireShape(bias.shape == [4 * H], "lstm: input weights \(W.shape) and bias \(bias.shape)")
    requireShape(hidden.shape == [N, H] && cell.shape == [N, H], "lstm: state \(hidden.shape) and cell \(cell.shape)")
    requireShape(
      lengths.map { $0.count == N && $0.allSatisfy { $0 >= 0 && $0 <= L } } ?? true,
      "lstm: \(x.shape) and lengths \(lengths ?? [])")
    let s = RecurrentShape(sequences: N, steps: L, inputs: x.shape[2], hidden: H, gates: 4, lengths: lengths)
    let trace = Kernels.lstm(
      x.scalars, inputWeights: W.scalars, recurrentWeights: U.scalars, bias: bias.scalars, hidden: hidden.scalars,
      cell: cell.scalars, s)
    let operands = [x, W, U, bias, hidden, cell]
    let plain = operands.map { $0.detached() }
    // One result holds all states, so that one pullback sees all their gradients.
    let states = Tensor(trace.states, shape: [N, L + 1, H]).recording(operands) { g, wanted in
      let gradients = Kernels.lstmGradients(
        g.scalars, trace, inputWeights: plain[1].scalars, recurrentWeights: plain[2].scalars, s, wantsInput: wanted[0])
      return [
        gradients.input.map { plain[0].with($0) }, plain[1].with(gradients.inputWeights),
        plain[2].with(gradients.recurrentWeights), plain[3].with(gradients.bias), plain[4].with(gradients.hidden),
        plain[5].with(gradients.cell),
      ]
    }
    return (
      states.sliced(0..<L, axis: 1), L == 0 ? hidden : states.selected(L - 1, axis: 1), states.selected(L, axis: 1)
    )
  }
}
