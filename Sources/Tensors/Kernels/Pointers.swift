/// Several arrays as pointers at once, in place of a pyramid of closures.
extension Kernels {
  /// Lends the numbers of `arrays` for reading; an empty array has a pointer that must not be read.
  static func reading<Result>(_ arrays: [[Float]], _ body: ([UnsafePointer<Float>]) -> Result) -> Result {
    func lend(_ index: Int, _ found: [UnsafePointer<Float>]) -> Result {
      if index == arrays.count { return body(found) }
      return arrays[index].withUnsafeBufferPointer { buffer in
        withUnsafePointer(to: Float(0)) { none in lend(index + 1, found + [buffer.baseAddress ?? none]) }
      }
    }
    return lend(0, [])
  }

  /// New arrays of the given lengths, filled by `body`: zeros at first, unless it writes every number itself.
  static func making(
    _ counts: [Int], cleared: Bool = true, _ body: ([UnsafeMutablePointer<Float>]) -> Void
  ) -> [[Float]] {
    var results: [[Float]] = []
    func make(_ index: Int, _ found: [UnsafeMutablePointer<Float>]) {
      if index == counts.count { return body(found) }
      var none: Float = 0
      withUnsafeMutablePointer(to: &none) { none in
        let made = [Float](unsafeUninitializedCapacity: counts[index]) { buffer, initialized in
          if cleared { buffer.initialize(repeating: 0) }
          initialized = counts[index]
          make(index + 1, found + [buffer.baseAddress ?? none])
        }
        results.append(made)
      }
    }
    make(0, [])
    return results.reversed()
  }
}
