import Tensors

/// The most floating-point operations in a second that this machine reaches, in GFLOP/s: multiply-adds on registers
/// alone, on as many threads as numeric work uses. The best of several tries.
public func multiplyAddPeak() -> Double {
  let (rounds, threads) = (1 << 20, Threads.count)
  let operations = Double(rounds * chains * 16 * 2 * threads)
  var sums = [Float](repeating: 0, count: threads)
  let clock = ContinuousClock()
  var best = 0.0
  for _ in 0..<20 {
    let start = clock.now
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums  // each thread writes its own
      Threads.forEach(threads, work: .max) { sums[$0] = multiplyAdds(rounds, factor: 1e-9 * Float($0 + 1)) }
    }
    best = max(best, operations / ((clock.now - start) / .nanoseconds(1)))
  }
  // The sums are used, so that the compiler cannot leave the work out.
  return sums.allSatisfy(\.isFinite) ? best : .nan
}

/// Enough independent sums that none waits for its last multiply-add.
private let chains = 12

@inline(never)
private func multiplyAdds(_ rounds: Int, factor: Float) -> Float {
  typealias Vector = SIMD16<Float>
  let (x, y) = (Vector(repeating: factor), Vector(repeating: 0.5))
  var (s0, s1, s2, s3) = (x, x, x, x)
  var (s4, s5, s6, s7) = (y, y, y, y)
  var (s8, s9, s10, s11) = (x, y, x, y)
  for _ in 0..<rounds {
    s0.addProduct(x, y)
    s1.addProduct(x, y)
    s2.addProduct(x, y)
    s3.addProduct(x, y)
    s4.addProduct(x, y)
    s5.addProduct(x, y)
    s6.addProduct(x, y)
    s7.addProduct(x, y)
    s8.addProduct(x, y)
    s9.addProduct(x, y)
    s10.addProduct(x, y)
    s11.addProduct(x, y)
  }
  let total = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11
  return total.sum()
}
