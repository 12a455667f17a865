extension Tensor {
  /// Elman's recurrent network over whole sequences: h ← tanh(inputWeights · x + recurrentWeights · h + bias).
  ///
  /// N sequences, L steps, D inputs, H hidden units; self is `[N, L, D]`. Elman, Cognitive Science 14 (1990).
  ///
  /// - Parameters:
  ///   - inputWeights: `[H, D]`.
  ///   - recurrentWeights: `[H, H]`.
  ///   - bias: `[H]`.
  ///   - hidden: the state before the first step, `[N, H]`.
  /// - Returns: the hidden states after every step `[N, L, H]`, and the last one `[N, H]`.
  public func rnn(
    inputWeights: Tensor, recurrentWeights: Tensor, bias: Tensor, hidden: Tensor
  ) -> (sequence: Tensor, hidden: Tensor) {
    requireShape(
      rank == 3 && inputWeights.rank == 2 && inputWeights.shape[1] == shape[2],
      "rnn: \(shape) and input weights \(inputWeights.shape)")
    let width = inputWeights.shape[0]
    requireShape(
      recurrentWeights.shape == [width, width] && bias.shape == [width] && hidden.shape == [shape[0], width],
      "rnn: recurrent weights \(recurrentWeights.shape), bias \(bias.shape) and state \(hidden.shape)")
    let fromInput = matmul(inputWeights, transposingSecond: true) + bias  // [N, L, H]
    if shape[1] == 0 { return (fromInput, hidden) }
    var h = hidden
    let sequence = fromInput.split([Int](repeating: 1, count: shape[1]), axis: 1).map { step in
      h = (step.removingAxis(1) + h.matmul(recurrentWeights, transposingSecond: true)).tanh()
      return h
    }
    return (Tensor.stacked(sequence, axis: 1), h)
  }
}
