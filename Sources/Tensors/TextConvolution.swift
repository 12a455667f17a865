// A convolution along texts and the maximum over time, with its backward pass written by hand. Kim, "Convolutional
// neural networks for sentence classification", EMNLP 2014, section 2.
//
// N texts, L words, D numbers a word, F filters, K words a window.

extension Tensor {
  /// The strongest response of each filter over all windows of a text, or 0 if none is positive: a convolution along the
  /// words, ReLU, and the maximum over time.
  ///
  ///     words.permuted([0, 2, 1]).conv1d(filters, bias: bias).relu().max(axis: 2)     // the same numbers
  ///
  /// Only one window of each text moves a filter's response, so that the gradients take L − K + 1 times fewer
  /// multiply-adds than the convolution's; and a window of words is one run of numbers where it lies. On a tie the first
  /// window takes the gradient, as in `maxOverSteps`; NaN wins, and its gradient passes.
  ///
  /// - Parameters:
  ///   - filters: `[F, D, K]`, as `conv1d` has them; self is `[N, L, D]` with L ≥ K.
  ///   - bias: `[F]`.
  /// - Returns: `[N, F]`.
  public func strongestResponses(_ filters: Tensor, bias: Tensor) -> Tensor {
    requireShape(
      rank == 3 && filters.rank == 3 && shape[2] == filters.shape[1] && filters.shape[2] > 0
        && shape[1] >= filters.shape[2] && bias.shape == [filters.shape[0]],
      "strongestResponses: \(shape), filters \(filters.shape) and bias \(bias.shape)")
    let s = TextShape(
      texts: shape[0], words: shape[1], width: shape[2], filters: filters.shape[0], window: filters.shape[2])
    // [F, K, D], in the order in which a window lies.
    let ordered = filters.detached().permuted([0, 2, 1])
    let (values, places) = Kernels.strongestResponses(scalars, ordered.scalars, bias: bias.scalars, s)
    let result = Tensor(values, shape: [s.texts, s.filters])
    return result.recording([self, filters, bias]) { [x = detached()] g, wanted in
      let slope = g.with(Kernels.reluGradient(g.scalars, at: result.scalars))  // [N, F]
      return [
        wanted[0] ? x.with(Kernels.strongestInputGradient(slope.scalars, ordered.scalars, places, s)) : nil,
        wanted[1]
          ? ordered.with(Kernels.strongestFilterGradient(slope.scalars, x.scalars, places, s)).permuted([0, 2, 1])
          : nil,
        wanted[2] ? Tensor(Kernels.columnSums(slope.scalars, width: s.filters)) : nil,
      ]
    }
  }
}

private struct TextShape {
  let (texts, words, width, filters, window): (Int, Int, Int, Int, Int)

  init(texts: Int, words: Int, width: Int, filters: Int, window: Int) {
    (self.texts, self.words, self.width, self.filters, self.window) = (texts, words, width, filters, window)
  }

  /// Numbers in a window.
  var run: Int { window * width }
  /// Windows of a text.
  var windows: Int { words - window + 1 }
}

extension Kernels {
  /// The responses `[N, F]`, and for each the window that it comes from.
  fileprivate static func strongestResponses(
    _ x: [Float], _ filters: [Float], bias: [Float], _ s: TextShape
  ) -> (values: [Float], places: [Int32]) {
    var places = [Int32](repeating: 0, count: s.texts * s.filters)
    let made = making([s.texts * s.filters]) { into in
      if s.filters == 0 { return }
      reading([x, filters, bias]) { read in
        places.withUnsafeMutableBufferPointer { buffer in
          guard let places = buffer.baseAddress else { return }
          let panels = (s.filters + 31) / 32
          let right = scratch(panels * 32 * s.run)
          for panel in 0..<panels {
            packColumns(
              Matrix(read[1], columns: s.run).transposed, columns: s.filters, depth: s.run, panel: panel, into: right)
          }
          Threads.forEach(s.texts, work: s.texts * s.windows * s.filters * s.run) { text in
            let left = scratch(packedRowCount(s.windows) * s.run)
            let responses = scratch(s.windows * s.filters)
            // Windows overlap: they are rows that begin one word apart.
            let windows = Matrix(read[0] + text * s.words * s.width, rowStep: s.width, columnStep: 1)
            for panel in 0..<rowPanels(s.windows) {
              packRows(windows, rows: s.windows, depth: s.run, panel: panel, into: left)
            }
            multiplyPacked(
              left, right, rows: s.windows, columns: s.filters, depth: s.run, panels: 0..<rowPanels(s.windows),
              columnPanels: 0..<panels, into: responses, stride: s.filters, adding: false)
            strongest(
              responses, rows: s.windows, width: s.filters, bias: read[2], into: into[0] + text * s.filters,
              places: places + text * s.filters)
            responses.deallocate()
            left.deallocate()
          }
          right.deallocate()
        }
      }
    }
    return (made[0], places)
  }

  /// max(0, the largest number of each column + its bias), and its row; the first on a tie, NaN before all.
  private static func strongest(
    _ x: UnsafePointer<Float>, rows: Int, width: Int, bias: UnsafePointer<Float>,
    into values: UnsafeMutablePointer<Float>, places: UnsafeMutablePointer<Int32>
  ) {
    values.update(from: x, count: width)
    for row in 1..<Swift.max(rows, 1) {
      let numbers = x + row * width
      for i in 0..<width {
        let isBetter = numbers[i] > values[i] || numbers[i] != numbers[i]
        values[i] = isBetter ? numbers[i] : values[i]
        places[i] = isBetter ? Int32(truncatingIfNeeded: row) : places[i]
      }
    }
    for i in 0..<width {
      let sum = values[i] + bias[i]
      values[i] = sum < 0 ? 0 : sum
    }
  }

  /// Each window that was the strongest gets its filter, times the gradient of the response.
  fileprivate static func strongestInputGradient(
    _ g: [Float], _ filters: [Float], _ places: [Int32], _ s: TextShape
  ) -> [Float] {
    making([s.texts * s.words * s.width]) { into in
      reading([g, filters]) { read in
        Threads.forEach(s.texts, work: s.texts * s.filters * s.run) { text in
          for filter in 0..<s.filters {
            let at = text * s.filters + filter
            if read[0][at] == 0 { continue }
            addScaled(
              read[0][at], read[1] + filter * s.run, to: into[0] + (text * s.words + Int(places[at])) * s.width,
              count: s.run)
          }
        }
      }
    }[0]
  }

  /// Each filter `[K, D]` gets the windows that answered it most strongly, times the gradients of the responses.
  fileprivate static func strongestFilterGradient(
    _ g: [Float], _ x: [Float], _ places: [Int32], _ s: TextShape
  ) -> [Float] {
    making([s.filters * s.run]) { into in
      reading([g, x]) { read in
        Threads.forEach(s.filters, work: s.texts * s.filters * s.run) { filter in
          let target = into[0] + filter * s.run
          // 64 numbers of a filter at a time, which stay in registers over all texts.
          var start = 0
          while start + 64 <= s.run {
            var (s0, s1, s2, s3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
            for text in 0..<s.texts {
              let at = text * s.filters + filter
              let slope = read[0][at]
              if slope == 0 { continue }
              let window = read[1] + (text * s.words + Int(places[at])) * s.width + start
              let slopes = Vector(repeating: slope)
              s0.addProduct(slopes, load(window))
              s1.addProduct(slopes, load(window + 16))
              s2.addProduct(slopes, load(window + 32))
              s3.addProduct(slopes, load(window + 48))
            }
            store(s0, target + start)
            store(s1, target + start + 16)
            store(s2, target + start + 32)
            store(s3, target + start + 48)
            start += 64
          }
          if start == s.run { return }
          for text in 0..<s.texts {
            let at = text * s.filters + filter
            let window = read[1] + (text * s.words + Int(places[at])) * s.width
            if read[0][at] != 0 {
              addScaled(read[0][at], window + start, to: target + start, count: s.run - start)
            }
          }
        }
      }
    }[0]
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  private static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }
}
