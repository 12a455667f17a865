extension Tensor {
  /// Elman's recurrent network over whole sequences, with its backward pass written by hand:
  /// h ← tanh(inputWeights · x + recurrentWeights · h + bias).
  ///
  /// N sequences, L steps, D inputs, H hidden units; self is `[N, L, D]`. Elman, Cognitive Science 14 (1990).
  ///
  /// - Parameters:
  ///   - inputWeights: `[H, D]`.
  ///   - recurrentWeights: `[H, H]`.
  ///   - bias: `[H]`.
  ///   - hidden: the state before the first step, `[N, H]`.
  ///   - lengths: how many steps of each sequence count, N numbers; nil for all. Afterwards the state stays as it is.
  /// - Returns: the hidden states after every step `[N, L, H]`, and the last one `[N, H]`.
  public func rnn(
    inputWeights: Tensor, recurrentWeights: Tensor, bias: Tensor, hidden: Tensor, lengths: [Int]? = nil
  ) -> (sequence: Tensor, hidden: Tensor) {
    requireShape(
      rank == 3 && inputWeights.rank == 2 && inputWeights.shape[1] == shape[2],
      "rnn: \(shape) and input weights \(inputWeights.shape)")
    let width = inputWeights.shape[0]
    requireShape(
      recurrentWeights.shape == [width, width] && bias.shape == [width] && hidden.shape == [shape[0], width],
      "rnn: recurrent weights \(recurrentWeights.shape), bias \(bias.shape) and state \(hidden.shape)")
    requireShape(
      lengths.map { $0.count == shape[0] && $0.allSatisfy { $0 >= 0 && $0 <= shape[1] } } ?? true,
      "rnn: \(shape) and lengths \(lengths ?? [])")
    let (steps, inputs) = (shape[1], shape[2])
    let s = RecurrentShape(
      sequences: shape[0], steps: steps, inputs: inputs, hidden: width, gates: 1, lengths: lengths)
    let trace = Kernels.rnn(
      scalars, inputWeights: inputWeights.scalars, recurrentWeights: recurrentWeights.scalars, bias: bias.scalars,
      hidden: hidden.scalars, s)
    let operands = [self, inputWeights, recurrentWeights, bias, hidden]
    let plain = operands.map { $0.detached() }
    let states = Tensor(trace.states, shape: [shape[0], steps, width]).recording(operands) { g, wanted in
      let gradients = Kernels.rnnGradients(
        g.scalars, trace, inputWeights: plain[1].scalars, recurrentWeights: plain[2].scalars, s, wantsInput: wanted[0])
      return [
        gradients.input.map { plain[0].with($0) }, plain[1].with(gradients.inputWeights),
        plain[2].with(gradients.recurrentWeights), plain[3].with(gradients.inputBias),
        plain[4].with(gradients.hidden),
      ]
    }
    return (states, steps == 0 ? hidden : states.selected(steps - 1, axis: 1))
  }
}
