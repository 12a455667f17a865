extension Tensor {
  /// A gated recurrent unit over whole sequences, with its backward pass written by hand.
  ///
  ///     r, z = σ(…)   n = tanh(W·x + b + r·(U·h + c))   h ← (1 − z)·n + z·h
  ///
  /// where W, U, b, c are a gate's rows of the input weights, the recurrent weights and the two biases, in the order
  /// r, z, n, and r multiplies after the product (PyTorch's form). Cho et al., EMNLP 2014.
  ///
  /// N sequences, L steps, D inputs, H hidden units; self is `[N, L, D]`.
  ///
  /// - Parameters:
  ///   - inputWeights: `[3H, D]`.
  ///   - recurrentWeights: `[3H, H]`.
  ///   - inputBias: `[3H]`.
  ///   - recurrentBias: `[3H]`.
  ///   - hidden: the state before the first step, `[N, H]`.
  ///   - lengths: how many steps of each sequence count, N numbers; nil for all. Afterwards the state stays as it is.
  /// - Returns: the hidden states after every step `[N, L, H]`, and the last one `[N, H]`.
  public func gru(
    inputWeights: Tensor, recurrentWeights: Tensor, inputBias: Tensor, recurrentBias: Tensor, hidden: Tensor,
    lengths: [Int]? = nil
  ) -> (sequence: Tensor, hidden: Tensor) {
    let (x, W, U) = (self, inputWeights, recurrentWeights)
    requireShape(x.rank == 3 && W.rank == 2 && W.shape[1] == x.shape[2], "gru: \(x.shape) and input weights \(W.shape)")
    let (N, L, H) = (x.shape[0], x.shape[1], W.shape[0] / 3)
    requireShape(
      W.shape[0] % 3 == 0 && U.shape == [3 * H, H], "gru: input weights \(W.shape) and recurrent weights \(U.shape)")
    requireShape(
      inputBias.shape == [3 * H] && recurrentBias.shape == [3 * H],
      "gru: input weights \(W.shape) and biases \(inputBias.shape), \(recurrentBias.shape)")
    requireShape(hidden.shape == [N, H], "gru: \(x.shape), \(H) hidden units and state \(hidden.shape)")
    requireShape(
      lengths.map { $0.count == N && $0.allSatisfy { $0 >= 0 && $0 <= L } } ?? true,
      "gru: \(x.shape) and lengths \(lengths ?? [])")
    let s = RecurrentShape(sequences: N, steps: L, inputs: x.shape[2], hidden: H, gates: 3, lengths: lengths)
    let trace = Kernels.gru(
      x.scalars, inputWeights: W.scalars, recurrentWeights: U.scalars, inputBias: inputBias.scalars,
      recurrentBias: recurrentBias.scalars, hidden: hidden.scalars, s)
    let operands = [x, W, U, inputBias, recurrentBias, hidden]
    let plain = operands.map { $0.detached() }
    let states = Tensor(trace.states, shape: [N, L, H]).recording(operands) { g, wanted in
      let gradients = Kernels.gruGradients(
        g.scalars, trace, inputWeights: plain[1].scalars, recurrentWeights: plain[2].scalars, s, wantsInput: wanted[0])
      return [
        gradients.input.map { plain[0].with($0) }, plain[1].with(gradients.inputWeights),
        plain[2].with(gradients.recurrentWeights), plain[3].with(gradients.inputBias),
        plain[4].with(gradients.recurrentBias), plain[5].with(gradients.hidden),
      ]
    }
    return (states, L == 0 ? hidden : states.selected(L - 1, axis: 1))
  }
}
