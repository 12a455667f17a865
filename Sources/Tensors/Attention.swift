// Scaled dot-product attention in several heads, with its backward pass written by hand. Vaswani et al., "Attention is
// all you need", NeurIPS 2017, eq. 1.
//
// N sequences, L queries, S keys, D numbers a token, H heads of width D / H.

extension Tensor {
  /// For each query the values' mean, weighted by softmax(query · key / √width) over the keys, in each head by itself.
  ///
  /// A query that may look at no key gets zeros.
  ///
  /// - Parameters:
  ///   - keys: `[N, S, D]`; self is the queries, `[N, L, D]`.
  ///   - values: `[N, S, D]`.
  ///   - heads: H, which divides D; head h has the numbers `h·D/H..<(h + 1)·D/H` of each token.
  ///   - isCausal: whether query i looks at the keys 0…i alone.
  ///   - keyPadding: `[N, S]`, not 0 where a key is padding at which no query looks; nil for none.
  /// - Returns: `[N, L, D]`.
  public func attention(
    keys: Tensor, values: Tensor, heads: Int, isCausal: Bool = false, keyPadding: Tensor? = nil
  ) -> Tensor {
    let (q, k, v) = (self, keys, values)
    requireShape(
      q.rank == 3 && k.rank == 3 && k.shape == v.shape && q.shape[0] == k.shape[0] && q.shape[2] == k.shape[2],
      "attention: queries \(q.shape), keys \(k.shape) and values \(v.shape)")
    let s = AttentionShape(
      q.shape[0], queries: q.shape[1], keys: k.shape[1], width: q.shape[2], heads: heads, isCausal: isCausal,
      keyPadding: keyPadding)
    let D = q.shape[2]
    let places = (AttentionPlace(0, D), AttentionPlace(0, D), AttentionPlace(0, D))
    let (result, weights) = Kernels.attention([q.scalars, k.scalars, v.scalars], places, s)
    return q.with(result).recording([q, k, v]) { [q = q.detached(), k = k.detached(), v = v.detached()] g, _ in
      let made = Kernels.making([q.count, k.count, v.count]) { into in
        Kernels.attentionGradients(g.scalars, weights, [q.scalars, k.scalars, v.scalars], places, into: into, s)
      }
      return [q.with(made[0]), k.with(made[1]), v.with(made[2])]
    }
  }

  /// Attention of sequences to themselves, from one projection `[N, L, 3D]` that holds query, key and value of each
  /// token one after the other; see `attention(keys:values:heads:isCausal:keyPadding:)`.
  ///
  /// - Returns: `[N, L, D]`.
  public func selfAttention(heads: Int, isCausal: Bool = false, keyPadding: Tensor? = nil) -> Tensor {
    requireShape(
      rank == 3 && shape[2] % 3 == 0, "selfAttention: \(shape) does not hold queries, keys and values side by side")
    let D = shape[2] / 3
    let s = AttentionShape(
      shape[0], queries: shape[1], keys: shape[1], width: D, heads: heads, isCausal: isCausal, keyPadding: keyPadding)
    let places = (AttentionPlace(0, 3 * D), AttentionPlace(D, 3 * D), AttentionPlace(2 * D, 3 * D))
    let x = detached()
    let (result, weights) = Kernels.attention([x.scalars, x.scalars, x.scalars], places, s)
    return Tensor(result, shape: [shape[0], shape[1], D]).recording([self]) { g, _ in
      let made = Kernels.making([x.count]) { into in
        Kernels.attentionGradients(
          g.scalars, weights, [x.scalars, x.scalars, x.scalars], places, into: [into[0], into[0], into[0]], s)
      }
      return [x.with(made[0])]
    }
  }
}

/// Where queries, keys or values lie: the first one's place, and how far apart two tokens are.
private struct AttentionPlace {
  let (start, step): (Int, Int)

  init(_ start: Int, _ step: Int) { (self.start, self.step) = (start, step) }
}

private struct AttentionShape {
  let (batch, queries, keys, width, heads): (Int, Int, Int, Int, Int)
  let isCausal: Bool
  let padding: [Float]?

  init(_ batch: Int, queries: Int, keys: Int, width: Int, heads: Int, isCausal: Bool, keyPadding: Tensor?) {
    requireShape(heads > 0 && width % heads == 0, "attention: \(heads) heads do not divide the width \(width)")
    requireShape(
      keyPadding.map { $0.shape == [batch, keys] } ?? true,
      "attention: keys [\(batch), \(keys), \(width)] and padding \(keyPadding?.shape ?? [])")
    (self.batch, self.queries, self.keys, self.width, self.heads) = (batch, queries, keys, width, heads)
    self.isCausal = isCausal
    padding = keyPadding?.scalars
  }

  var headWidth: Int { width / heads }
  var scale: Float { 1 / Float(headWidth).squareRoot() }

  /// Each head of each sequence is a piece of its own.
  func forEachHead(_ body: (_ sequence: Int, _ head: Int) -> Void) {
    if queries == 0 || keys == 0 || width == 0 { return }
    Threads.forEach(batch * heads, work: batch * queries * keys * width * 2) { body($0 / heads, $0 % heads) }
  }
}

extension Kernels {
  fileprivate typealias AttentionPlaces = (q: AttentionPlace, k: AttentionPlace, v: AttentionPlace)

  /// The result `[N, L, D]`, and the weights `[N, H, L, S]`.
  fileprivate static func attention(
    _ operands: [[Float]], _ places: AttentionPlaces, _ s: AttentionShape
  ) -> (result: [Float], weights: [Float]) {
    let (L, S, D, W) = (s.queries, s.keys, s.width, s.headWidth)
    let made = making([s.batch * L * D, s.batch * s.heads * L * S]) { into in
      reading(operands) { read in
        s.forEachHead { n, head in
          let q = Matrix(read[0] + places.q.start + n * L * places.q.step + head * W, columns: places.q.step)
          let k = Matrix(read[1] + places.k.start + n * S * places.k.step + head * W, columns: places.k.step)
          let v = Matrix(read[2] + places.v.start + n * S * places.v.step + head * W, columns: places.v.step)
          let weights = into[1] + (n * s.heads + head) * L * S
          let space = scratch(
            Swift.max(
              workspaceCount(rows: L, columns: S, depth: W), workspaceCount(rows: L, columns: W, depth: S)))
          multiply(
            q, k.transposed, rows: L, columns: S, depth: W, into: weights, stride: S, adding: false, workspace: space)
          scale(weights, by: s.scale, count: L * S)
          for i in 0..<L {
            let row = weights + i * S
            if s.isCausal && i + 1 < S { (row + i + 1).update(repeating: -.infinity, count: S - i - 1) }
            if let padding = s.padding { for j in 0..<S where padding[n * S + j] != 0 { row[j] = -.infinity } }
            softmaxRow(row, count: S)
          }
          multiply(
            Matrix(weights, columns: S), v, rows: L, columns: W, depth: S, into: into[0] + n * L * D + head * W,
            stride: D, adding: false, workspace: space)
          space.deallocate()
        }
      }
    }
    return (made[0], made[1])
  }

  /// From the gradient of the result, into the gradients of queries, keys and values, which lie as these do.
  fileprivate static func attentionGradients(
    _ g: [Float], _ weights: [Float], _ operands: [[Float]], _ places: AttentionPlaces,
    into: [UnsafeMutablePointer<Float>], _ s: AttentionShape
  ) {
    let (L, S, D, W) = (s.queries, s.keys, s.width, s.headWidth)
    reading(operands + [weights, g]) { read in
      s.forEachHead { n, head in
        let (qStart, kStart, vStart) = (
          places.q.start + n * L * places.q.step + head * W, places.k.start + n * S * places.k.step + head * W,
          places.v.start + n * S * places.v.step + head * W
        )
        let q = Matrix(read[0] + qStart, columns: places.q.step)
        let k = Matrix(read[1] + kStart, columns: places.k.step)
        let v = Matrix(read[2] + vStart, columns: places.v.step)
        let p = read[3] + (n * s.heads + head) * L * S
        let upstream = Matrix(read[4] + n * L * D + head * W, columns: D)
        let space = scratch(
          [(S, W, L), (L, S, W), (L, W, S)].map { workspaceCount(rows: $0.0, columns: $0.1, depth: $0.2) }.max() ?? 0)
        let scores = scratch(L * S)
        // dV = Pᵀ·dY;  dP = dY·Vᵀ;  dQ = dS·K and dK = dSᵀ·Q, times the scale
        multiply(
          Matrix(p, columns: S).transposed, upstream, rows: S, columns: W, depth: L, into: into[2] + vStart,
          stride: places.v.step, adding: false, workspace: space)
        multiply(
          upstream, v.transposed, rows: L, columns: S, depth: W, into: scores, stride: S, adding: false,
          workspace: space)
        for i in 0..<L { softmaxRowBackward(scores + i * S, at: p + i * S, count: S) }
        scale(scores, by: s.scale, count: L * S)
        multiply(
          Matrix(scores, columns: S), k, rows: L, columns: W, depth: S, into: into[0] + qStart,
          stride: places.q.step, adding: false, workspace: space)
        multiply(
          Matrix(scores, columns: S).transposed, q, rows: S, columns: W, depth: L, into: into[1] + kStart,
          stride: places.k.step, adding: false, workspace: space)
        scores.deallocate()
        space.deallocate()
      }
    }
  }
}
