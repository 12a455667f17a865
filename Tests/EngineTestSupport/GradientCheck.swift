import Tensors

/// Compares the gradients that the engine computes with finite differences, at every entry of every input, under a
/// random upstream gradient.
///
/// The differences are of fourth order, (8(f₁ − f₋₁) − (f₂ − f₋₂)) / 12h with h = 1/32, summed in Double: their error is
/// near 1e-5 for smooth functions of numbers near 1.
///
/// - Parameters:
///   - inputs: points at least 1/8 away from any kink.
///   - seed: of the upstream gradient.
///   - tolerance: of the difference, relative to 1 + the largest gradient.
///   - function: from inputs to a result.
/// - Returns: nil if all agree; else where they do not.
public func gradientProblem(
  _ inputs: [Tensor], seed: UInt64 = 1, tolerance: Double = 1e-3, _ function: ([Tensor]) -> Tensor
) -> String? {
  let leaves = inputs.map { $0.tracked() }
  let result = function(leaves)
  var random = SeededRandom(seed: seed)
  let upstream = Tensor.normal(result.shape, using: &random)
  let gradients = result.gradients(of: leaves, upstream: upstream)
  return gradientProblem(inputs, gradients, upstream: upstream, tolerance: tolerance, function)
}

/// Compares given gradients of Σ upstream · function(inputs) with finite differences, as above.
public func gradientProblem(
  _ inputs: [Tensor], _ gradients: [Tensor], upstream: Tensor, tolerance: Double = 1e-3,
  _ function: ([Tensor]) -> Tensor
) -> String? {
  func total(_ inputs: [Tensor]) -> Double {
    let result = function(inputs).scalars
    let weights = upstream.scalars
    var sum = 0.0
    for i in 0..<result.count { sum += Double(result[i]) * Double(weights[i]) }
    return sum
  }
  for (number, input) in inputs.enumerated() {
    let largest = gradients[number].scalars.map { abs(Double($0)) }.max() ?? 0
    guard gradients[number].shape == input.shape else { return "input \(number): gradient \(gradients[number].shape)" }
    for i in 0..<input.count {
      func moved(_ distance: Float) -> Double {
        var changed = inputs
        changed[number].scalars[i] += distance
        return total(changed)
      }
      let h: Float = 1 / 32
      let near = moved(h) - moved(-h)
      let far = moved(2 * h) - moved(-2 * h)
      let expected = (8 * near - far) / (12 * Double(h))
      let seen = Double(gradients[number].scalars[i])
      if !(abs(seen - expected) <= tolerance * (1 + largest)) {
        return "input \(number) \(input.shape), entry \(i): gradient \(seen), finite differences \(expected)"
      }
    }
  }
  return nil
}

/// Nil if two tensors agree to `tolerance`, relative to the largest expected number and at least 1; else where they do not.
public func difference(_ seen: Tensor, _ expected: Tensor, _ what: String, tolerance: Double = 2e-6) -> String? {
  guard seen.shape == expected.shape else { return "\(what): shape \(seen.shape), expected \(expected.shape)" }
  let (x, y) = (seen.scalars, expected.scalars)
  var largest = 1.0
  for number in y { largest = max(largest, abs(Double(number))) }
  for i in 0..<x.count where !(abs(Double(x[i]) - Double(y[i])) <= tolerance * largest) {
    return "\(what): entry \(i) of \(seen.shape) is \(x[i]), expected \(y[i])"
  }
  return nil
}
