/// Loops over rows in which the order of the numbers matters: the largest ones, and running sums.
extension Kernels {
  /// Where the largest number of each row stands; NaN wins, then the first.
  static func argmax(_ x: [Float], rows: Int, width: Int) -> [Int] {
    var result = [Int](repeating: 0, count: rows)
    x.withUnsafeBufferPointer { x in
      for row in 0..<rows {
        var best = row * width
        for i in row * width..<(row + 1) * width where precedes(x[i], x[best]) { best = i }
        result[row] = best - row * width
      }
    }
    return result
  }

  /// Where the `count` largest numbers of each row stand, largest first; NaN before all, then the earlier.
  static func largest(_ x: [Float], rows: Int, width: Int, count: Int) -> [[Int]] {
    x.withUnsafeBufferPointer { x in
      (0..<rows).map { row in
        let numbers = UnsafeBufferPointer(rebasing: x[row * width..<(row + 1) * width])
        return count <= 64 ? fewLargest(numbers, count) : manyLargest(numbers, count)
      }
    }
  }

  /// By insertion into the few that are kept: most numbers are compared once and passed over.
  private static func fewLargest(_ x: UnsafeBufferPointer<Float>, _ count: Int) -> [Int] {
    var kept: [Int] = []
    guard count > 0 else { return kept }
    kept.reserveCapacity(count + 1)
    for i in 0..<x.count {
      if kept.count == count {
        if !precedes(x[i], x[kept[count - 1]]) { continue }
        kept.removeLast()
      }
      var place = kept.count
      while place > 0 && precedes(x[i], x[kept[place - 1]]) { place -= 1 }
      kept.insert(i, at: place)
    }
    return kept
  }

  /// By sorting the whole row.
  private static func manyLargest(_ x: UnsafeBufferPointer<Float>, _ count: Int) -> [Int] {
    let order = x.indices.sorted { i, j in precedes(x[i], x[j]) || (!precedes(x[j], x[i]) && i < j) }
    return Array(order.prefix(count))
  }

  /// Whether a stands before b where the largest comes first and NaN before all.
  @inline(__always)
  private static func precedes(_ a: Float, _ b: Float) -> Bool { a > b || (a != a && b == b) }

  /// The sums of each number and those before it (after it, if `backwards`) along an axis of `length` entries that lie
  /// `inner` numbers apart, gathered in Double.
  static func runningSums(_ x: [Float], length: Int, inner: Int, backwards: Bool) -> [Float] {
    var result = [Float](repeating: 0, count: x.count)
    var sums = [Double](repeating: 0, count: inner)
    x.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { result in
        sums.withUnsafeMutableBufferPointer { sums in
          guard !x.isEmpty else { return }
          for outer in 0..<x.count / (length * inner) {
            sums.update(repeating: 0)
            for step in 0..<length {
              let start = (outer * length + (backwards ? length - 1 - step : step)) * inner
              for i in 0..<inner {
                sums[i] += Double(x[start + i])
                result[start + i] = Float(sums[i])
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Each number to a power, computed in Double.
  static func power(_ x: [Float], _ exponent: Float) -> [Float] {
    var result = [Float](repeating: 0, count: x.count)
    let exponent = Double(exponent)
    for i in 0..<x.count { result[i] = Float(Tensors.power(Double(x[i]), exponent)) }
    return result
  }
}
