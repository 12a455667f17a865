/// Batch normalisation, a channel at a time: its numbers stay in the cache from the mean to the result.
extension Kernels {
  /// The lengths of `[batch, channels, area]`.
  struct Channels {
    let batch: Int
    let channels: Int
    let area: Int

    /// Calls `body` with the start of each of a channel's planes.
    @inline(__always)
    func forEachPlane(of channel: Int, _ body: (_ start: Int) -> Void) {
      for image in 0..<batch { body((image * channels + channel) * area) }
    }

    /// The sum of what `term` makes of a channel's numbers; each plane's in Float, and theirs in Double.
    @inline(__always)
    func sum(of channel: Int, vector: (Int) -> Vector, scalar: (Int) -> Float) -> Double {
      var total = 0.0
      forEachPlane(of: channel) { start in
        var sums = Vector.zero
        var i = start
        while i + 16 <= start + area {
          sums += vector(i)
          i += 16
        }
        var sum = sums.sum()
        while i < start + area {
          sum += scalar(i)
          i += 1
        }
        total += Double(sum)
      }
      return total
    }
  }

  /// Each channel with mean 0 and variance 1, then scaled, shifted and activated; and its mean, its variance, and
  /// 1 / √(variance + epsilon).
  static func normalizeChannels(
    _ x: [Float], _ s: Channels, scale: [Float], shift: [Float], epsilon: Float, _ activation: FusedActivation
  ) -> (result: [Float], mean: [Float], variance: [Float], inverse: [Float]) {
    let made = reading([x, scale, shift]) { given in
      making([x.count, s.channels, s.channels, s.channels]) { made in
        let (x, y) = (given[0], made[0])
        Threads.forEach(s.channels, work: s.batch * s.channels * s.area * 6) { channel in
          let count = Double(s.batch * s.area)
          let mean = Float(s.sum(of: channel, vector: { load(x + $0) }, scalar: { x[$0] }) / count)
          let squares = s.sum(
            of: channel,
            vector: {
              let deviation = load(x + $0) - mean
              return deviation * deviation
            }, scalar: { (x[$0] - mean) * (x[$0] - mean) })
          let variance = Float(squares / count)
          let inverse = 1 / (variance + epsilon).squareRoot()
          let (scale, shift) = (given[1][channel], given[2][channel])
          s.forEachPlane(of: channel) { start in
            var i = start
            while i + 16 <= start + s.area {
              var v = (load(x + i) - mean) * inverse * scale + shift
              switch activation {
              case .identity: break
              case .relu: v.replace(with: 0, where: v .< 0)
              case .leakyRelu(let slope): v.replace(with: v * slope, where: v .< 0)
              }
              store(v, y + i)
              i += 16
            }
            while i < start + s.area {
              y[i] = activation.value((x[i] - mean) * inverse * scale + shift)
              i += 1
            }
          }
          (made[1][channel], made[2][channel], made[3][channel]) = (mean, variance, inverse)
        }
      }
    }
    return (made[0], made[1], made[2], made[3])
  }

  /// Backwards, with n = (x − mean) · inverse: the gradients of x, scale · inverse · (g − mean g − n · mean(g · n)), of the
  /// scale, Σ g · n, and of the shift, Σ g. The activated result is read only for an activation.
  static func normalizeChannelsBackward(
    _ g: [Float], at x: [Float], result: [Float], _ s: Channels, scale: [Float], mean: [Float], inverse: [Float],
    _ activation: FusedActivation, wantsInput: Bool
  ) -> (input: [Float], scale: [Float], shift: [Float]) {
    let made = reading([g, x, result, scale, mean, inverse]) { given in
      making([wantsInput ? x.count : 0, s.channels, s.channels]) { made in
        let (g, x, y, target) = (given[0], given[1], given[2], made[0])
        @inline(__always) func upstream(_ i: Int) -> Vector {
          let v = load(g + i)
          switch activation {
          case .identity: return v
          case .relu: return v.replacing(with: 0, where: load(y + i) .<= 0)
          case .leakyRelu(let slope): return (v * slope).replacing(with: v, where: load(y + i) .> 0)
          }
        }
        @inline(__always) func upstreamNumber(_ i: Int) -> Float {
          activation == .identity ? g[i] : activation.gradient(g[i], at: y[i])
        }
        Threads.forEach(s.channels, work: s.batch * s.channels * s.area * 8) { channel in
          let (scale, mean, inverse) = (given[3][channel], given[4][channel], given[5][channel])
          // Both sums in one pass over memory.
          var (toScale, toShift) = (0.0, 0.0)
          s.forEachPlane(of: channel) { start in
            var (sums, products) = (Vector.zero, Vector.zero)
            var i = start
            while i + 16 <= start + s.area {
              let v = upstream(i)
              sums += v
              products.addProduct(v, (load(x + i) - mean) * inverse)
              i += 16
            }
            var (sum, product) = (sums.sum(), products.sum())
            while i < start + s.area {
              let v = upstreamNumber(i)
              sum += v
              product += v * ((x[i] - mean) * inverse)
              i += 1
            }
            toShift += Double(sum)
            toScale += Double(product)
          }
          (made[1][channel], made[2][channel]) = (Float(toScale), Float(toShift))
          guard wantsInput else { return }
          let count = Double(s.batch * s.area)
          let (meanOfG, meanOfProduct, factor) = (Float(toShift / count), Float(toScale / count), scale * inverse)
          s.forEachPlane(of: channel) { start in
            var i = start
            while i + 16 <= start + s.area {
              let normal = (load(x + i) - mean) * inverse
              store((upstream(i) - meanOfG - normal * meanOfProduct) * factor, target + i)
              i += 16
            }
            while i < start + s.area {
              let normal = (x[i] - mean) * inverse
              target[i] = (upstreamNumber(i) - meanOfG - normal * meanOfProduct) * factor
              i += 1
            }
          }
        }
      }
    }
    return (made[0], made[1], made[2])
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  private static func load(_ pointer: UnsafeMutablePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  private static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }
}
