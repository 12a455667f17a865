/// The largest number of each window, for windows of one size; the gradient goes to where it stood.
extension Kernels {
  /// The largest number in each window, and where it stands in its image; NaN wins, then the first.
  static func maxPool(_ x: [Float], _ s: ConvolutionShape) -> (values: [Float], places: [Int32]) {
    let (planes, size) = (s.batch * s.channels, s.height * s.width)
    var values = [Float](repeating: 0, count: planes * s.places)
    var places = [Int32](repeating: 0, count: planes * s.places)
    x.withUnsafeBufferPointer { x in
      values.withUnsafeMutableBufferPointer { values in
        places.withUnsafeMutableBufferPointer { places in
          guard let x = x.baseAddress, let values = values.baseAddress, let places = places.baseAddress else { return }
          let isHalving = s.kernelHeight == 2 && s.kernelWidth == 2 && s.strideY == 2 && s.strideX == 2
          Threads.forEach(planes, work: planes * s.places * s.kernelHeight * s.kernelWidth * 4) { plane in
            let (image, first) = (x + plane * size, plane * s.places)
            if isHalving {
              halve(
                image, readable: (planes - plane) * size, s, values: values + first, places: places + first)
            } else {
              poolPlane(image, s, values: values + first, places: places + first)
            }
          }
        }
      }
    }
    return (values, places)
  }

  private static func poolPlane(
    _ image: UnsafePointer<Float>, _ s: ConvolutionShape, values: UnsafeMutablePointer<Float>,
    places: UnsafeMutablePointer<Int32>
  ) {
    var position = 0
    for oy in 0..<s.outHeight {
      for ox in 0..<s.outWidth {
        var best = oy * s.strideY * s.width + ox * s.strideX
        var value = image[best]
        for ky in 0..<s.kernelHeight {
          let row = (oy * s.strideY + ky) * s.width + ox * s.strideX
          for kx in 0..<s.kernelWidth {
            let candidate = image[row + kx]
            if candidate > value || (candidate != candidate && value == value) {
              value = candidate
              best = row + kx
            }
          }
        }
        values[position] = value
        places[position] = Int32(truncatingIfNeeded: best)
        position += 1
      }
    }
  }

  /// Windows of 2 × 2 side by side, sixteen at a time and without branches.
  private static func halve(
    _ image: UnsafePointer<Float>, readable: Int, _ s: ConvolutionShape, values: UnsafeMutablePointer<Float>,
    places: UnsafeMutablePointer<Int32>
  ) {
    typealias Pairs = SIMD32<Float>
    let lanes = SIMD16<Int32>(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
    let width = Int32(truncatingIfNeeded: s.width)
    for oy in 0..<s.outHeight {
      var ox = 0
      while ox < s.outWidth {
        let corner = 2 * oy * s.width + 2 * ox
        let position = oy * s.outWidth + ox
        let count = Swift.min(16, s.outWidth - ox)
        // What lies behind the row's end is read too where it is there, and written where it is this plane's own and
        // written again later.
        if corner + s.width + 32 <= readable {
          let upper = UnsafeRawPointer(image + corner).loadUnaligned(as: Pairs.self)
          let lower = UnsafeRawPointer(image + corner + s.width).loadUnaligned(as: Pairs.self)
          var value = upper.evenHalf
          let start = lanes &+ Int32(truncatingIfNeeded: corner)
          var place = start
          take(upper.oddHalf, start &+ 1, &value, &place)
          take(lower.evenHalf, start &+ width, &value, &place)
          take(lower.oddHalf, start &+ (width &+ 1), &value, &place)
          if position + 16 <= s.places {
            UnsafeMutableRawPointer(values + position).storeBytes(of: value, as: Vector.self)
            UnsafeMutableRawPointer(places + position).storeBytes(of: place, as: SIMD16<Int32>.self)
          } else {
            for i in 0..<count {
              values[position + i] = value[i]
              places[position + i] = place[i]
            }
          }
        } else {
          for i in 0..<count {
            let start = corner + 2 * i
            var (value, best) = (image[start], start)
            for step in 1..<4 {
              let place = start + (step & 1) + (step >> 1) * s.width
              let candidate = image[place]
              let wins = candidate > value || (candidate != candidate && value == value)
              value = wins ? candidate : value
              best = wins ? place : best
            }
            values[position + i] = value
            places[position + i] = Int32(truncatingIfNeeded: best)
          }
        }
        ox += 16
      }
    }
  }

  @inline(__always)
  private static func take(
    _ candidate: Vector, _ its: SIMD16<Int32>, _ value: inout Vector, _ place: inout SIMD16<Int32>
  ) {
    let wins = (candidate .> value) .| ((candidate .!= candidate) .& (value .== value))
    value = value.replacing(with: candidate, where: wins)
    place = place.replacing(with: its, where: wins)
  }

  /// Each window's gradient, added where its largest number stood.
  static func maxPoolGradient(_ g: [Float], places: [Int32], _ s: ConvolutionShape) -> [Float] {
    let (planes, size) = (s.batch * s.channels, s.height * s.width)
    var result = [Float](repeating: 0, count: planes * size)
    g.withUnsafeBufferPointer { g in
      places.withUnsafeBufferPointer { places in
        result.withUnsafeMutableBufferPointer { result in
          guard let g = g.baseAddress, let places = places.baseAddress, let result = result.baseAddress else { return }
          Threads.forEach(planes, work: planes * (s.places * 4 + size)) { plane in
            for i in plane * s.places..<(plane + 1) * s.places { result[plane * size + Int(places[i])] += g[i] }
          }
        }
      }
    }
    return result
  }

  // MARK: Windows of 2 × 2 with the channels last

  /// The largest of each window of a panel `[height, width, 32]` after the bias was added, and which of the four it is, as
  /// a Float, since masks of one element type make short code.
  static func halvePanel(
    _ panel: UnsafePointer<Float>, height: Int, width: Int, bias: UnsafePointer<Float>,
    into pooled: UnsafeMutablePointer<Float>, winners: UnsafeMutablePointer<Float>
  ) {
    func load(_ pointer: UnsafePointer<Float>) -> Vector { UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self) }
    var position = 0
    for oy in 0..<height / 2 {
      for ox in 0..<width / 2 {
        for half in stride(from: 0, to: 32, by: 16) {
          let upper = panel + (2 * oy * width + 2 * ox) * 32 + half
          let lower = upper + width * 32
          let shift = load(bias + half)
          var value = load(upper) + shift
          var winner = Vector.zero
          take(load(upper + 32) + shift, number: 1, &value, &winner)
          take(load(lower) + shift, number: 2, &value, &winner)
          take(load(lower + 32) + shift, number: 3, &value, &winner)
          UnsafeMutableRawPointer(pooled + position + half).storeBytes(of: value, as: Vector.self)
          UnsafeMutableRawPointer(winners + position + half).storeBytes(of: winner, as: Vector.self)
        }
        position += 32
      }
    }
  }

  @inline(__always)
  private static func take(_ candidate: Vector, number: Float, _ value: inout Vector, _ winner: inout Vector) {
    let wins = (candidate .> value) .| ((candidate .!= candidate) .& (value .== value))
    value = value.replacing(with: candidate, where: wins)
    winner = winner.replacing(with: number, where: wins)
  }

  /// Each window's gradient at its largest number, zeros elsewhere.
  static func spreadPanel(
    _ pooled: UnsafePointer<Float>, winners: UnsafePointer<Float>, height: Int, width: Int,
    into panel: UnsafeMutablePointer<Float>
  ) {
    // A last row or column that no window covers has no gradient.
    if height % 2 + width % 2 > 0 { panel.update(repeating: 0, count: height * width * 32) }
    var position = 0
    for oy in 0..<height / 2 {
      for ox in 0..<width / 2 {
        for half in stride(from: 0, to: 32, by: 16) {
          let g = UnsafeRawPointer(pooled + position + half).loadUnaligned(as: Vector.self)
          let winner = UnsafeRawPointer(winners + position + half).loadUnaligned(as: Vector.self)
          let upper = UnsafeMutableRawPointer(panel + (2 * oy * width + 2 * ox) * 32 + half)
          let lower = upper + width * 32 * 4
          upper.storeBytes(of: g.replacing(with: 0, where: winner .!= 0), as: Vector.self)
          (upper + 128).storeBytes(of: g.replacing(with: 0, where: winner .!= 1), as: Vector.self)
          lower.storeBytes(of: g.replacing(with: 0, where: winner .!= 2), as: Vector.self)
          (lower + 128).storeBytes(of: g.replacing(with: 0, where: winner .!= 3), as: Vector.self)
        }
        position += 32
      }
    }
  }
}
