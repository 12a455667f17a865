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
      let made = Kernels.making([q.count, k.count, v.count], cleared: s.isEmpty) { into in
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
      let made = Kernels.making([x.count], cleared: s.isEmpty) { into in
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

  /// Whether there is nothing to look at, or nothing that looks.
  var isEmpty: Bool { queries == 0 || keys == 0 || width == 0 }
  /// How many panels of 32 queries there are.
  var panels: Int { (queries + 31) / 32 }
  /// How many queries a panel has.
  func lanes(_ panel: Int) -> Int { Swift.min(32, queries - panel * 32) }
  /// How many numbers the weights of one head take.
  var weightCount: Int { panels * 32 * keys }

  /// Each head of each sequence is a piece of its own.
  func forEachHead(_ body: (_ sequence: Int, _ head: Int) -> Void) {
    if isEmpty { return }
    Threads.forEach(batch * heads, work: batch * queries * keys * width * 2) { body($0 / heads, $0 % heads) }
  }
}

/// The loops run over 32 queries at a time, which lie side by side in the vectors: softmax then needs no sum across a
/// vector, and a head of few numbers wastes none of a vector's lanes. What belongs to 32 queries is a panel, and lies
/// as the right operand of a product does when it is packed.
extension Kernels {
  fileprivate typealias AttentionPlaces = (q: AttentionPlace, k: AttentionPlace, v: AttentionPlace)

  /// How many queries lie side by side.
  private static let lanes = 32

  /// The result `[N, L, D]`, and the weights `[N, H, panels, S, 32]`.
  fileprivate static func attention(
    _ operands: [[Float]], _ places: AttentionPlaces, _ s: AttentionShape
  ) -> (result: [Float], weights: [Float]) {
    let (L, S, D, W) = (s.queries, s.keys, s.width, s.headWidth)
    let made = making([s.batch * L * D, s.batch * s.heads * s.weightCount], cleared: s.isEmpty) { into in
      reading(operands) { read in
        s.forEachHead { n, head in
          let q = Matrix(read[0] + places.q.start + n * L * places.q.step + head * W, columns: places.q.step)
          let k = Matrix(read[1] + places.k.start + n * S * places.k.step + head * W, columns: places.k.step)
          let v = Matrix(read[2] + places.v.start + n * S * places.v.step + head * W, columns: places.v.step)
          let weights = into[1] + (n * s.heads + head) * s.weightCount
          let space = Space(s)
          packAll(rows: k, S, depth: W, into: space.tokens)
          packAll(rows: v.transposed, W, depth: S, into: space.columns)
          for panel in 0..<s.panels {
            let p = weights + panel * S * lanes
            packColumns(q.transposed, columns: L, depth: W, panel: panel, into: space.queries)
            // [S, 32] = K·Qᵀ
            multiplyPanel(space.tokens, space.queries + panel * W * lanes, rows: S, depth: W, into: p)
            mask(p, n, panel, s)
            softmaxColumns(p, rows: S, scale: s.scale)
            // [W, 32] = Vᵀ·P
            multiplyPanel(space.columns, p, rows: W, depth: S, into: space.answers)
            unpack(
              space.answers, rows: W, columns: s.lanes(panel),
              into: into[0] + (n * L + panel * lanes) * D + head * W, step: D)
          }
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
        let weights = read[3] + (n * s.heads + head) * s.weightCount
        let upstream = Matrix(read[4] + n * L * D + head * W, columns: D)
        let space = Space(s)
        let slopes = scratch(s.weightCount)
        packAll(rows: v, S, depth: W, into: space.tokens)
        packAll(rows: k.transposed, W, depth: S, into: space.columns)
        for panel in 0..<s.panels {
          let (p, slope) = (weights + panel * S * lanes, slopes + panel * S * lanes)
          packColumns(upstream.transposed, columns: L, depth: W, panel: panel, into: space.queries)
          // dP = V·dYᵀ, then the gradient of the scores, [S, 32]
          multiplyPanel(space.tokens, space.queries + panel * W * lanes, rows: S, depth: W, into: slope)
          softmaxColumnsBackward(slope, at: p, rows: S, scale: s.scale)
          // dQᵀ = Kᵀ·dS, [W, 32]
          multiplyPanel(space.columns, slope, rows: W, depth: S, into: space.answers)
          unpack(
            space.answers, rows: W, columns: s.lanes(panel), into: into[0] + qStart + panel * lanes * places.q.step,
            step: places.q.step)
        }
        // dVᵀ = dYᵀ·P and dKᵀ = Qᵀ·dS, [W, S]
        multiplyQueries(upstream, weights, into: into[2] + vStart, step: places.v.step, space, s)
        multiplyQueries(q, slopes, into: into[1] + kStart, step: places.k.step, space, s)
        slopes.deallocate()
        space.deallocate()
      }
    }
  }

  /// Room for the packed operands of one head.
  private struct Space {
    /// Keys or values, one a row.
    let tokens: UnsafeMutablePointer<Float>
    /// Keys, values or queries, one a column.
    let columns: UnsafeMutablePointer<Float>
    /// Queries, side by side in panels.
    let queries: UnsafeMutablePointer<Float>
    /// A product of `[W, 32]` or `[W, S]`.
    let answers: UnsafeMutablePointer<Float>
    /// Weights as the right operand of a product over the queries.
    let turned: UnsafeMutablePointer<Float>

    init(_ s: AttentionShape) {
      let longest = Swift.max(s.queries, s.keys)
      let counts = [
        packedRowCount(s.keys) * s.headWidth, packedRowCount(s.headWidth) * longest,
        s.panels * lanes * s.headWidth, s.headWidth * packedColumnCount(s.keys), packedColumnCount(s.keys) * s.queries,
      ].map { ($0 + 15) / 16 * 16 }
      tokens = scratch(counts.reduce(0, +))
      columns = tokens + counts[0]
      queries = columns + counts[1]
      answers = queries + counts[2]
      turned = answers + counts[3]
    }

    func deallocate() { tokens.deallocate() }
  }

  private static func packAll(
    rows a: Matrix, _ rows: Int, depth: Int, into packed: UnsafeMutablePointer<Float>
  ) {
    for panel in 0..<rowPanels(rows) { packRows(a, rows: rows, depth: depth, panel: panel, into: packed) }
  }

  /// `[rows, 32]` from packed rows and one panel.
  private static func multiplyPanel(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows: Int, depth: Int, into c: UnsafeMutablePointer<Float>
  ) {
    multiplyPacked(
      a, b, rows: rows, columns: lanes, depth: depth, panels: 0..<rowPanels(rows), columnPanels: 0..<1, into: c,
      stride: lanes, adding: false)
  }

  /// The sums over the queries of their numbers times a key's weights: a row for each key, from `x` `[L, W]` and
  /// weights in panels.
  private static func multiplyQueries(
    _ x: Matrix, _ weights: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, step: Int, _ space: Space,
    _ s: AttentionShape
  ) {
    let (L, S, W) = (s.queries, s.keys, s.headWidth)
    packAll(rows: x.transposed, W, depth: L, into: space.columns)
    let keyPanels = (S + 31) / 32
    if S % 32 > 0 { (space.turned + (keyPanels - 1) * 32 * L).update(repeating: 0, count: 32 * L) }
    for panel in 0..<s.panels {
      for keys in 0..<keyPanels {
        transposed(
          weights + (panel * S + keys * 32) * lanes, rows: Swift.min(32, S - keys * 32), columns: s.lanes(panel),
          step: lanes, into: space.turned + (keys * L + panel * lanes) * 32, step: 32)
      }
    }
    multiplyPacked(
      space.columns, space.turned, rows: W, columns: S, depth: L, panels: 0..<rowPanels(W),
      columnPanels: 0..<keyPanels, into: space.answers, stride: S, adding: false)
    transposed(space.answers, rows: W, columns: S, step: S, into: result, step: step)
  }

  /// The columns of a panel's product `[rows, 32]` as rows.
  private static func unpack(
    _ answers: UnsafePointer<Float>, rows: Int, columns: Int, into result: UnsafeMutablePointer<Float>, step: Int
  ) {
    transposed(answers, rows: rows, columns: columns, step: lanes, into: result, step: step)
  }

  private static func transposed(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, step: Int, into target: UnsafeMutablePointer<Float>,
    step targetStep: Int
  ) {
    var row = 0
    while row + 4 <= rows {
      transposeFour(x + row * step, step, columns, into: target + row, targetStep)
      row += 4
    }
    while row < rows {
      for column in 0..<columns { target[column * targetStep + row] = x[row * step + column] }
      row += 1
    }
  }

  /// −∞ where a query may not look.
  private static func mask(_ scores: UnsafeMutablePointer<Float>, _ n: Int, _ panel: Int, _ s: AttentionShape) {
    let first = panel * lanes
    for key in 0..<s.keys {
      if let padding = s.padding, padding[n * s.keys + key] != 0 {
        (scores + key * lanes).update(repeating: -.infinity, count: lanes)
      } else if s.isCausal && key > first {
        (scores + key * lanes).update(repeating: -.infinity, count: Swift.min(lanes, key - first))
      }
    }
  }
}
