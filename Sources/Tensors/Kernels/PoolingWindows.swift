/// Pooling whose windows differ in length: adaptive over images, and over the valid steps of sequences.
extension Kernels {

  // MARK: Images

  /// The largest number in each window, and where it stands in its image; NaN wins, then the first.
  static func adaptiveMaxPool(_ x: [Float], _ s: ConvolutionShape) -> (values: [Float], places: [Int32]) {
    var values = [Float](repeating: 0, count: s.batch * s.channels * s.places)
    var places = [Int32](repeating: 0, count: values.count)
    x.withUnsafeBufferPointer { x in
      values.withUnsafeMutableBufferPointer { values in
        places.withUnsafeMutableBufferPointer { places in
          forEachWindow(s) { plane, window, rows, columns in
            let image = plane * s.height * s.width
            var best = rows.lowerBound * s.width + columns.lowerBound
            for y in rows {
              for place in y * s.width + columns.lowerBound..<y * s.width + columns.upperBound {
                let (candidate, value) = (x[image + place], x[image + best])
                if candidate > value || (candidate != candidate && value == value) { best = place }
              }
            }
            values[plane * s.places + window] = x[image + best]
            places[plane * s.places + window] = Int32(truncatingIfNeeded: best)
          }
        }
      }
    }
    return (values, places)
  }

  /// The mean of each window, gathered in Double.
  static func adaptiveAveragePool(_ x: [Float], _ s: ConvolutionShape) -> [Float] {
    var result = [Float](repeating: 0, count: s.batch * s.channels * s.places)
    x.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { result in
        forEachWindow(s) { plane, window, rows, columns in
          var sum = 0.0
          for y in rows {
            let row = (plane * s.height + y) * s.width
            for i in row + columns.lowerBound..<row + columns.upperBound { sum += Double(x[i]) }
          }
          result[plane * s.places + window] = Float(sum / Double(rows.count * columns.count))
        }
      }
    }
    return result
  }

  /// Each window's gradient, in equal shares to its entries.
  static func adaptiveAveragePoolGradient(_ g: [Float], _ s: ConvolutionShape) -> [Float] {
    var result = [Float](repeating: 0, count: s.batch * s.imageCount)
    g.withUnsafeBufferPointer { g in
      result.withUnsafeMutableBufferPointer { result in
        forEachWindow(s) { plane, window, rows, columns in
          let share = g[plane * s.places + window] / Float(rows.count * columns.count)
          for y in rows {
            let row = (plane * s.height + y) * s.width
            for i in row + columns.lowerBound..<row + columns.upperBound { result[i] += share }
          }
        }
      }
    }
    return result
  }

  @inline(__always)
  private static func forEachWindow(
    _ s: ConvolutionShape, _ body: (_ plane: Int, _ window: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    for plane in 0..<s.batch * s.channels {
      for oy in 0..<s.outHeight {
        let rows = window(oy, of: s.outHeight, over: s.height)
        for ox in 0..<s.outWidth {
          body(plane, oy * s.outWidth + ox, rows, window(ox, of: s.outWidth, over: s.width))
        }
      }
    }
  }

  private static func window(_ index: Int, of count: Int, over length: Int) -> Range<Int> {
    index * length / count..<((index + 1) * length + count - 1) / count
  }

  // MARK: Sequences

  /// The largest number of each feature over a sequence's valid steps, and at which step it stands; −1 and 0 without
  /// valid steps. NaN wins, then the first.
  static func maxOverSteps(
    _ x: [Float], lengths: [Int], steps: Int, width: Int
  ) -> (values: [Float], places: [Int32]) {
    var values = [Float](repeating: 0, count: lengths.count * width)
    var places = [Int32](repeating: -1, count: values.count)
    x.withUnsafeBufferPointer { x in
      values.withUnsafeMutableBufferPointer { values in
        places.withUnsafeMutableBufferPointer { places in
          for (sequence, length) in lengths.enumerated() {
            for step in 0..<length {
              let (row, target) = ((sequence * steps + step) * width, sequence * width)
              for i in 0..<width {
                let (candidate, value) = (x[row + i], values[target + i])
                if step == 0 || candidate > value || (candidate != candidate && value == value) {
                  values[target + i] = candidate
                  places[target + i] = Int32(truncatingIfNeeded: step)
                }
              }
            }
          }
        }
      }
    }
    return (values, places)
  }

  /// Each feature's gradient, added at the step that it came from.
  static func addAtSteps(_ g: [Float], places: [Int32], steps: Int, width: Int, into target: inout [Float]) {
    g.withUnsafeBufferPointer { g in
      places.withUnsafeBufferPointer { places in
        target.withUnsafeMutableBufferPointer { target in
          for i in 0..<g.count where places[i] >= 0 {
            target[(i / width * steps + Int(places[i])) * width + i % width] += g[i]
          }
        }
      }
    }
  }

  /// The mean of each feature over a sequence's valid steps; 0 without any.
  static func meanOverSteps(_ x: [Float], lengths: [Int], steps: Int, width: Int) -> [Float] {
    var result = [Float](repeating: 0, count: lengths.count * width)
    x.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { result in
        guard width > 0, let x = x.baseAddress, let result = result.baseAddress else { return }
        for (sequence, length) in lengths.enumerated() where length > 0 {
          let target = result + sequence * width
          for step in 0..<length { addScaled(1, x + (sequence * steps + step) * width, to: target, count: width) }
          for i in 0..<width { target[i] /= Float(length) }
        }
      }
    }
    return result
  }

  /// Each feature's gradient, in equal shares to the valid steps.
  static func meanOverStepsGradient(_ g: [Float], lengths: [Int], steps: Int, width: Int) -> [Float] {
    var result = [Float](repeating: 0, count: lengths.count * steps * width)
    g.withUnsafeBufferPointer { g in
      result.withUnsafeMutableBufferPointer { result in
        for (sequence, length) in lengths.enumerated() {
          for step in 0..<length {
            let row = (sequence * steps + step) * width
            for i in 0..<width { result[row + i] = g[sequence * width + i] / Float(length) }
          }
        }
      }
    }
    return result
  }
}
