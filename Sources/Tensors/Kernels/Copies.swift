/// Loops that move numbers about.
extension Kernels {
  /// `count` blocks of `length` numbers, `step` apart in the source and in the result.
  static func copyBlocks(
    _ source: [Float], from: Int, step: Int, into target: inout [Float], at start: Int, step targetStep: Int,
    length: Int, count: Int
  ) {
    guard length > 0, count > 0 else { return }
    source.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        for block in 0..<count {
          (target + start + block * targetStep).update(from: source + from + block * step, count: length)
        }
      }
    }
  }

  /// The plan's second operand, repeated to the shape of the result.
  static func repeated(_ x: [Float], _ plan: Broadcast) -> [Float] {
    [Float](unsafeUninitializedCapacity: plan.count) { buffer, initialized in
      initialized = plan.count
      x.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, let target = buffer.baseAddress else { return }
        plan.forEachRun { to, from, length, inner in
          if inner == 0 {
            (target + to).update(repeating: source[from], count: length)
          } else {
            (target + to).update(from: source + from, count: length)
          }
        }
      }
    }
  }

  /// The tensor of the given shape whose neighbours along each axis lie `steps` apart in `x`.
  static func gather(_ x: [Float], shape: [Int], steps: [Int]) -> [Float] {
    // Axes of length 1 go, and axes that are walked in step are merged.
    var (lengths, strides): ([Int], [Int]) = ([], [])
    for (length, step) in zip(shape, steps) where length != 1 {
      if let outer = strides.last, outer == step * length {
        lengths[lengths.count - 1] *= length
        strides[strides.count - 1] = step
      } else {
        lengths.append(length)
        strides.append(step)
      }
    }
    let total = lengths.reduce(1, *)
    let innerLength = lengths.popLast() ?? 1
    let innerStep = strides.popLast() ?? 1
    return [Float](unsafeUninitializedCapacity: total) { buffer, initialized in
      initialized = total
      x.withUnsafeBufferPointer { source in
        guard total > 0, let source = source.baseAddress, var target = buffer.baseAddress else { return }
        var index = [Int](repeating: 0, count: lengths.count)
        var from = 0
        while true {
          if innerStep == 1 {
            target.update(from: source + from, count: innerLength)
          } else {
            for i in 0..<innerLength { target[i] = source[from + i * innerStep] }
          }
          target += innerLength
          var axis = lengths.count - 1
          while axis >= 0 {
            index[axis] += 1
            from += strides[axis]
            if index[axis] < lengths[axis] { break }
            from -= strides[axis] * lengths[axis]
            index[axis] = 0
            axis -= 1
          }
          if axis < 0 { return }
        }
      }
    }
  }

  /// The rows with the given numbers.
  static func rows(_ x: [Float], _ indices: [Int], width: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: indices.count * width) { buffer, initialized in
      initialized = indices.count * width
      x.withUnsafeBufferPointer { source in
        guard width > 0, let source = source.baseAddress, let target = buffer.baseAddress else { return }
        for (row, index) in indices.enumerated() {
          (target + row * width).update(from: source + index * width, count: width)
        }
      }
    }
  }

  /// target[indices[i]] = x[i], row by row.
  static func replaceRows(_ x: [Float], _ indices: [Int], width: Int, in target: inout [Float]) {
    x.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        guard width > 0, let source = source.baseAddress, let target = target.baseAddress else { return }
        for (row, index) in indices.enumerated() {
          (target + index * width).update(from: source + row * width, count: width)
        }
      }
    }
  }

  /// The distinct numbers among `indices`, ascending, and for each index its position among them.
  static func distinct(_ indices: [Int], below limit: Int) -> (numbers: [Int], positions: [Int]) {
    var numbers: [Int] = []
    if limit <= 64 * indices.count {
      // A place for each number that could come costs less than sorting.
      var places = [Int](repeating: -1, count: limit)
      for index in indices { places[index] = 0 }
      for number in 0..<limit where places[number] == 0 {
        places[number] = numbers.count
        numbers.append(number)
      }
      return (numbers, indices.map { places[$0] })
    }
    var positions = [Int](repeating: 0, count: indices.count)
    for place in indices.indices.sorted(by: { indices[$0] < indices[$1] }) {
      if numbers.last != indices[place] { numbers.append(indices[place]) }
      positions[place] = numbers.count - 1
    }
    return (numbers, positions)
  }

  /// target[indices[i]] += x[i], row by row.
  static func addRows(_ x: [Float], _ indices: [Int], width: Int, into target: inout [Float]) {
    x.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        guard width > 0, let source = source.baseAddress, let target = target.baseAddress else { return }
        for (row, index) in indices.enumerated() {
          let (from, to) = (source + row * width, target + index * width)
          addScaled(1, from, to: to, count: width)
        }
      }
    }
  }
}

extension Kernels {
  /// A sparse matrix times a dense one of `width` columns.
  static func sparseProduct(_ sparse: CSRMatrix, _ dense: [Float], width: Int) -> [Float] {
    var result = [Float](repeating: 0, count: sparse.rows * width)
    guard width > 0 else { return result }
    let blocks = (sparse.rows + 255) / 256
    dense.withUnsafeBufferPointer { dense in
      result.withUnsafeMutableBufferPointer { result in
        guard let dense = dense.baseAddress, let result = result.baseAddress else { return }
        Threads.forEach(blocks, work: sparse.values.count * width * 2) { block in
          for row in block * 256..<Swift.min(block * 256 + 256, sparse.rows) {
            for index in sparse.rowStarts[row]..<sparse.rowStarts[row + 1] {
              addScaled(
                sparse.values[index], dense + sparse.columnIndices[index] * width, to: result + row * width,
                count: width)
            }
          }
        }
      }
    }
    return result
  }
}
