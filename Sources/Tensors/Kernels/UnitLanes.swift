/// Few sequences through a recurrent layer: sixteen hidden units, not sixteen sequences, in the lanes of a vector.
///
/// One event that arrives, or a batch of an exercise, would leave most lanes of `LaneGroup` idle. Here a sequence is a
/// group of its own, and its states and gates are rows of sixteen units, the last row filled up with units that are
/// zero throughout; so the steps are those of `LSTMKernel.swift` and `RecurrentKernels.swift`. What the gates see of
/// the inputs is one product for all steps.
extension RecurrentShape {
  /// Whether the lanes hold units. It depends on the number of sequences alone, as the bits do.
  var isFew: Bool { sequences >= 1 && sequences <= 8 }

  /// The hidden units in whole vectors.
  var rows: Int { (hidden + 15) / 16 }
  var padded: Int { rows * 16 }

  /// Whether step `t` of a sequence counts: for all its units or for none.
  func counts(_ t: Int, _ sequence: Int) -> LaneGroup.Mask {
    LaneGroup.Mask(repeating: lengths.map { t < $0[sequence] } ?? true)
  }
}

/// The recurrent weights `[gates · H, H]`, which each step multiplies with the vector of each sequence: padded and packed
/// once, or, for a single step, read where they lie.
struct StepWeights: ~Copyable {
  private let weights: UnsafePointer<Float>
  private let shape: RecurrentShape
  private let backwards: Bool
  private let (columns, depth): (Int, Int)
  private let packed: UnsafeMutablePointer<Float>?

  /// Those of all gates for a state; if `backwards`, those of all states for a gate.
  init(_ weights: UnsafePointer<Float>, _ shape: RecurrentShape, backwards: Bool) {
    (self.weights, self.shape, self.backwards) = (weights, shape, backwards)
    let (H, P, width) = (shape.hidden, shape.padded, shape.gates * shape.padded)
    (columns, depth) = backwards ? (P, width) : (width, P)
    if shape.steps <= 1 {
      packed = nil
      return
    }
    let padded = Kernels.scratch(width * P)
    defer { padded.deallocate() }
    if H < P { padded.update(repeating: 0, count: width * P) }
    for row in 0..<shape.width { (padded + (row / H * P + row % H) * P).update(from: weights + row * H, count: H) }
    let matrix = Kernels.Matrix(padded, columns: P)
    let packed = Kernels.scratch(Kernels.packedColumnCount(columns) * depth)
    for panel in 0..<(columns + 31) / 32 {
      Kernels.packColumns(
        backwards ? matrix : matrix.transposed, columns: columns, depth: depth, panel: panel, into: packed)
    }
    self.packed = packed
  }

  deinit { packed?.deallocate() }

  /// result += weights · vector, or result += weightsᵀ · vector, for the vector of each sequence.
  func multiply(
    _ vectors: UnsafePointer<Float>, _ step: Int, into results: UnsafeMutablePointer<Float>, _ resultStep: Int,
    sequences: Int
  ) {
    guard let packed else {
      for n in 0..<sequences { multiplyOnce(vectors + n * step, into: results + n * resultStep) }
      return
    }
    for column in stride(from: 0, to: columns, by: 32) {
      let panel = packed + column * depth
      var n = 0
      while n < sequences {
        let (vector, result) = (vectors + n * step, results + n * resultStep + column)
        if columns - column < 32 {
          halfPanel(vector, panel, into: result)
          n += 1
        } else if n + 4 <= sequences {
          fourVectors(vector, step, panel, into: result, resultStep)
          n += 4
        } else {
          oneVector(vector, panel, into: result)
          n += 1
        }
      }
    }
  }

  private func multiplyOnce(_ vector: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
    let (H, P) = (shape.hidden, shape.padded)
    for gate in 0..<shape.gates {
      for unit in 0..<H {
        let row = weights + (gate * H + unit) * H
        if backwards {
          Kernels.addScaled(vector[gate * P + unit], row, to: result, count: H)
        } else {
          result[gate * P + unit] += Kernels.dot(row, vector, H)
        }
      }
    }
  }

  /// Four sums for each half of the panel: a multiply-add takes as long as four of them side by side. The depth is a
  /// multiple of sixteen.
  @inline(__always)
  private func oneVector(
    _ v: UnsafePointer<Float>, _ panel: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    var (l0, l1, l2, l3) = (load(result), SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero)
    var (r0, r1, r2, r3) = (load(result + 16), SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero)
    var (v, b) = (v, panel)
    for _ in 0..<depth / 4 {
      let (v0, v1) = (SIMD16<Float>(repeating: v[0]), SIMD16<Float>(repeating: v[1]))
      let (v2, v3) = (SIMD16<Float>(repeating: v[2]), SIMD16<Float>(repeating: v[3]))
      l0.addProduct(v0, load(b))
      r0.addProduct(v0, load(b + 16))
      l1.addProduct(v1, load(b + 32))
      r1.addProduct(v1, load(b + 48))
      l2.addProduct(v2, load(b + 64))
      r2.addProduct(v2, load(b + 80))
      l3.addProduct(v3, load(b + 96))
      r3.addProduct(v3, load(b + 112))
      v += 4
      b += 128
    }
    store((l0 + l1) + (l2 + l3), result)
    store((r0 + r1) + (r2 + r3), result + 16)
  }

  /// One vector and a last panel of which only the first half counts.
  @inline(__always)
  private func halfPanel(
    _ v: UnsafePointer<Float>, _ panel: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    var (s0, s1, s2, s3) = (load(result), SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero)
    var (v, b) = (v, panel)
    for _ in 0..<depth / 4 {
      s0.addProduct(SIMD16(repeating: v[0]), load(b))
      s1.addProduct(SIMD16(repeating: v[1]), load(b + 32))
      s2.addProduct(SIMD16(repeating: v[2]), load(b + 64))
      s3.addProduct(SIMD16(repeating: v[3]), load(b + 96))
      v += 4
      b += 128
    }
    store((s0 + s1) + (s2 + s3), result)
  }

  @inline(__always)
  private func fourVectors(
    _ v: UnsafePointer<Float>, _ step: Int, _ panel: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
    _ resultStep: Int
  ) {
    let (v0, v1, v2, v3) = (v, v + step, v + 2 * step, v + 3 * step)
    let (c0, c1, c2, c3) = (c, c + resultStep, c + 2 * resultStep, c + 3 * resultStep)
    var (l0, l1, l2, l3) = (load(c0), load(c1), load(c2), load(c3))
    var (r0, r1, r2, r3) = (load(c0 + 16), load(c1 + 16), load(c2 + 16), load(c3 + 16))
    var b = panel
    for k in 0..<depth {
      let (left, right) = (load(b), load(b + 16))
      l0.addProduct(SIMD16(repeating: v0[k]), left)
      r0.addProduct(SIMD16(repeating: v0[k]), right)
      l1.addProduct(SIMD16(repeating: v1[k]), left)
      r1.addProduct(SIMD16(repeating: v1[k]), right)
      l2.addProduct(SIMD16(repeating: v2[k]), left)
      r2.addProduct(SIMD16(repeating: v2[k]), right)
      l3.addProduct(SIMD16(repeating: v3[k]), left)
      r3.addProduct(SIMD16(repeating: v3[k]), right)
      b += 32
    }
    store(l0, c0)
    store(r0, c0 + 16)
    store(l1, c1)
    store(r1, c1 + 16)
    store(l2, c2)
    store(r2, c2 + 16)
    store(l3, c3)
    store(r3, c3 + 16)
  }
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Float>) -> SIMD16<Float> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<Float>.self)
}

@inline(__always)
private func store(_ vector: SIMD16<Float>, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: SIMD16<Float>.self)
}
