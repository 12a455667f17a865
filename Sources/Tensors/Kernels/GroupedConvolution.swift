/// Convolutions whose filters see only the channels of their group, depthwise ones among them.
///
/// A group has too few channels for a matrix product over patches to pay; each weight is taken along whole rows instead.
extension Kernels {
  /// Each filter's response at each place.
  static func groupedConvolution(_ x: [Float], _ weights: [Float], _ s: ConvolutionShape) -> [Float] {
    var result = [Float](repeating: 0, count: s.batch * s.filters * s.places)
    x.withUnsafeBufferPointer { x in
      weights.withUnsafeBufferPointer { weights in
        result.withUnsafeMutableBufferPointer { y in
          guard let x = x.baseAddress, let weights = weights.baseAddress, let y = y.baseAddress else { return }
          Threads.forEach(s.batch * s.filters, work: s.work) { plane in
            let (image, filter) = (plane / s.filters, plane % s.filters)
            for member in 0..<s.groupChannels {
              let source = x + (image * s.channels + s.channel(member, of: filter)) * s.height * s.width
              s.forEachRow { k, from, to, count in
                let weight = weights[filter * s.patch + member * s.kernelArea + k]
                let (from, to) = (source + from, y + plane * s.places + to)
                if s.strideX == 1 {
                  addRow(weight, from, to: to, count: count)
                } else {
                  for i in 0..<count { to[i] += weight * from[i * s.strideX] }
                }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The gradient of the input from the gradient of the output.
  static func groupedConvolutionInputGradient(_ g: [Float], _ weights: [Float], _ s: ConvolutionShape) -> [Float] {
    var result = [Float](repeating: 0, count: s.batch * s.imageCount)
    let groupFilters = s.filters / s.groups
    g.withUnsafeBufferPointer { g in
      weights.withUnsafeBufferPointer { weights in
        result.withUnsafeMutableBufferPointer { x in
          guard let g = g.baseAddress, let weights = weights.baseAddress, let x = x.baseAddress else { return }
          Threads.forEach(s.batch * s.channels, work: s.work) { plane in
            let (image, channel) = (plane / s.channels, plane % s.channels)
            let (group, member) = (channel / s.groupChannels, channel % s.groupChannels)
            for filter in group * groupFilters..<(group + 1) * groupFilters {
              let upstream = g + (image * s.filters + filter) * s.places
              s.forEachRow { k, to, from, count in
                let weight = weights[filter * s.patch + member * s.kernelArea + k]
                let (from, to) = (upstream + from, x + plane * s.height * s.width + to)
                if s.strideX == 1 {
                  addRow(weight, from, to: to, count: count)
                } else {
                  for i in 0..<count { to[i * s.strideX] += weight * from[i] }
                }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The gradient of the weights from the input and the gradient of the output.
  static func groupedConvolutionWeightGradient(_ x: [Float], _ g: [Float], _ s: ConvolutionShape) -> [Float] {
    var result = [Float](repeating: 0, count: s.filters * s.patch)
    x.withUnsafeBufferPointer { x in
      g.withUnsafeBufferPointer { g in
        result.withUnsafeMutableBufferPointer { result in
          guard let x = x.baseAddress, let g = g.baseAddress, let result = result.baseAddress else { return }
          // One filter's weights are summed by one thread, image after image.
          Threads.forEach(s.filters, work: s.work) { filter in
            for image in 0..<s.batch {
              let upstream = g + (image * s.filters + filter) * s.places
              for member in 0..<s.groupChannels {
                let source = x + (image * s.channels + s.channel(member, of: filter)) * s.height * s.width
                let target = result + filter * s.patch + member * s.kernelArea
                s.forEachRow { k, from, to, count in
                  let (from, to) = (source + from, upstream + to)
                  if s.strideX == 1 {
                    target[k] += rowProduct(from, to, count)
                  } else {
                    var sum: Float = 0
                    for i in 0..<count { sum += from[i * s.strideX] * to[i] }
                    target[k] += sum
                  }
                }
              }
            }
          }
        }
      }
    }
    return result
  }

  // MARK: Rows of images

  // Rows are short, often below 32 numbers: `addScaled` and `dot` would take most of them one by one.

  /// target += factor · source.
  @inline(__always)
  private static func addRow(
    _ factor: Float, _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    var i = 0
    while i + 8 <= count {
      let sum = eight(target + i).addingProduct(SIMD8(repeating: factor), eight(source + i))
      UnsafeMutableRawPointer(target + i).storeBytes(of: sum, as: SIMD8<Float>.self)
      i += 8
    }
    if i + 4 <= count {
      let sum = four(target + i).addingProduct(SIMD4(repeating: factor), four(source + i))
      UnsafeMutableRawPointer(target + i).storeBytes(of: sum, as: SIMD4<Float>.self)
      i += 4
    }
    while i < count {
      target[i] += factor * source[i]
      i += 1
    }
  }

  /// Σ a·b.
  @inline(__always)
  private static func rowProduct(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var sums = SIMD8<Float>.zero
    var i = 0
    while i + 8 <= count {
      sums.addProduct(eight(a + i), eight(b + i))
      i += 8
    }
    var half = sums.lowHalf + sums.highHalf
    if i + 4 <= count {
      half.addProduct(four(a + i), four(b + i))
      i += 4
    }
    var sum = half.sum()
    while i < count {
      sum += a[i] * b[i]
      i += 1
    }
    return sum
  }

  @inline(__always)
  private static func eight(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private static func four(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
  }
}

extension ConvolutionShape {
  fileprivate var groupChannels: Int { channels / groups }
  fileprivate var kernelArea: Int { kernelHeight * kernelWidth }

  /// The number of a group's channel `member` among all channels, for the group that a filter belongs to.
  fileprivate func channel(_ member: Int, of filter: Int) -> Int {
    filter / (filters / groups) * groupChannels + member
  }

  /// Every run of places in one output row that one kernel entry touches.
  ///
  /// - Parameter body: the kernel entry; where the run starts in the input plane, whose numbers are `strideX` apart;
  ///   where it starts in the output plane; its length.
  @inline(__always)
  fileprivate func forEachRow(_ body: (_ entry: Int, _ input: Int, _ output: Int, _ count: Int) -> Void) {
    for ky in 0..<kernelHeight {
      for kx in 0..<kernelWidth {
        let columns = columns(kx)
        if columns.isEmpty { continue }
        let x = columns.lowerBound * strideX + kx * dilationX - paddingX
        for oy in 0..<outHeight {
          let y = oy * strideY + ky * dilationY - paddingY
          if y < 0 || y >= height { continue }
          body(ky * kernelWidth + kx, y * width + x, oy * outWidth + columns.lowerBound, columns.count)
        }
      }
    }
  }
}
