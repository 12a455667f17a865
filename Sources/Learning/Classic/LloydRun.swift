import Tensors

/// The rows of one k-means problem, laid out for speed, and the steps of a run over them.
///
/// Rows are centred at the columns' means, which keeps |x|² − 2x·c + |c|² from losing digits. They are kept twice: row
/// after row, padded to whole vectors, for the sums; and in groups of 16 rows, column by column (`[group, d, 16]`), so
/// that the distances of 16 rows to 4 centres are one run of multiply-adds without a horizontal sum.
struct LloydRun {
  private typealias Eight = SIMD8<Double>

  private let count: Int  // n
  private let width: Int  // d
  private let clusters: Int  // k
  private let means: [Double]
  private let meanVariance: Double
  private let padded: [Eight]  // [n, vectors]
  private let groups: [Eight]  // [groups, d, 2]
  private let squares: [Double]  // |x|², [groups · 16]

  private var vectors: Int { (width + 7) / 8 }
  private var groupCount: Int { (count + 15) / 16 }

  init(_ x: Matrix, clusters: Int) {
    count = x.rows
    width = x.columns
    self.clusters = clusters
    let (n, d, vectors, groupCount) = (x.rows, x.columns, (x.columns + 7) / 8, (x.rows + 15) / 16)
    var means = [Double](repeating: 0, count: d)
    var variance = 0.0
    var padded = [Eight](repeating: .zero, count: n * vectors)
    var groups = [Eight](repeating: .zero, count: groupCount * d * 2)
    var squares = [Double](repeating: 0, count: groupCount * 16)
    x.values.withUnsafeBufferPointer { x in
      for row in 0..<n {
        for column in 0..<d { means[column] += x[row * d + column] }
      }
      for column in 0..<d { means[column] /= Double(n) }
      for row in 0..<n {
        for column in 0..<d {
          let value = x[row * d + column] - means[column]
          padded[row * vectors + column / 8][column % 8] = value
          groups[(row / 16 * d + column) * 2 + row % 16 / 8][row % 8] = value
          squares[row] += value * value
        }
        variance += squares[row]
      }
    }
    self.means = means
    meanVariance = n == 0 ? 0 : variance / Double(n * d)
    self.padded = padded
    self.groups = groups
    self.squares = squares
  }

  // MARK: k-means++

  /// Rows as first centres: one at random, each next with probability in proportion to its squared distance
  /// to the nearest centre so far; of 2 + ⌊ln k⌋ such rows the one that leaves the least sum of distances.
  func seeds(using random: inout SeededRandom) -> Matrix {
    var trials = 2
    var power = 2.718281828459045
    while power <= Double(clusters) {
      trials += 1
      power *= 2.718281828459045
    }
    var chosen = [random.below(count)]
    var nearest = [Double](repeating: 0, count: groupCount * 16)
    var fresh = [Double](repeating: 0, count: 4 * groupCount * 16)
    var best = nearest
    fresh.withUnsafeMutableBufferPointer { fresh in
      nearest.withUnsafeMutableBufferPointer { nearest in
        best.withUnsafeMutableBufferPointer { best in
          distances(to: chosen, into: fresh)
          for i in 0..<count { nearest[i] = fresh[i] }
          while chosen.count < clusters {
            var total = 0.0
            for i in 0..<count { total += nearest[i] }
            var winner = 0
            var least = Double.infinity
            var tried = 0
            while tried < trials {
              let candidates = (0..<min(4, trials - tried)).map { _ in
                draw(nearest, share: random.uniform() * total)
              }
              tried += candidates.count
              distances(to: candidates, into: fresh)
              for (lane, candidate) in candidates.enumerated() {
                let own = UnsafeMutableBufferPointer(rebasing: fresh[lane * best.count..<(lane + 1) * best.count])
                var sum = 0.0
                for i in 0..<count {
                  own[i] = min(own[i], nearest[i])
                  sum += own[i]
                }
                if sum < least {
                  least = sum
                  winner = candidate
                  _ = best.update(fromContentsOf: own)
                }
              }
            }
            chosen.append(winner)
            _ = nearest.update(fromContentsOf: best)
          }
        }
      }
    }
    return Matrix(
      rows: clusters, columns: width, values: chosen.flatMap { row in (0..<width).map { value(row, $0) + means[$0] } })
  }

  /// The first row at which the running sum of the weights passes `share`.
  private func draw(_ weights: UnsafeMutableBufferPointer<Double>, share: Double) -> Int {
    var rest = share
    for i in 0..<count {
      rest -= weights[i]
      if rest < 0 { return i }
    }
    return count - 1
  }

  /// Squared distances of all rows to at most four rows, `[4, groups · 16]`.
  private func distances(to rows: [Int], into result: UnsafeMutableBufferPointer<Double>) {
    var centres = [Double](repeating: 0, count: width * 4)
    for column in 0..<width {
      for (lane, row) in rows.enumerated() { centres[column * 4 + lane] = value(row, column) }
    }
    let length = groupCount * 16
    centres.withUnsafeBufferPointer { centres in
      groups.withUnsafeBufferPointer { groups in
        squares.withUnsafeBufferPointer { squares in
          guard let centre = centres.baseAddress, let group = groups.baseAddress else { return }
          for g in 0..<groupCount {
            let tile = Tile(group + g * width * 2, centre, width)
            for lane in 0..<rows.count {
              let products = tile[lane]
              let own = squares[rows[lane]]
              for i in 0..<8 {
                let (low, high) = (g * 16 + i, g * 16 + 8 + i)
                result[lane * length + low] = max(0, squares[low] + own - 2 * products.0[i])
                result[lane * length + high] = max(0, squares[high] + own - 2 * products.1[i])
              }
            }
          }
        }
      }
    }
  }

  private func value(_ row: Int, _ column: Int) -> Double { padded[row * vectors + column / 8][column % 8] }

  // MARK: Lloyd

  /// One run from given centres `[k, d]`.
  func fit(from start: Matrix, iterations: Int, tolerance: Double) -> KMeans.Fitted {
    var centres = shifted(start, by: -1)
    var labels = [Int32](repeating: -1, count: groupCount * 16)
    var previous = labels
    var done = 0
    var settled = false
    while done < iterations && !settled {
      done += 1
      assign(centres, &labels)
      let next = moved(centres, &labels)
      var movement = 0.0
      for i in 0..<next.count {
        let step = next[i] - centres[i]
        movement += (step * step).sum()
      }
      centres = next
      settled = labels == previous
      if !settled {
        if movement <= tolerance * meanVariance { break }
        swap(&labels, &previous)
      }
    }
    if !settled { assign(centres, &labels) }  // labels that belong to the last centres
    let (labelCount, matrix) = (count, shifted(centres))
    return KMeans.Fitted(
      centres: matrix, labels: labels[..<labelCount].map { Int($0) }, inertia: inertia(centres, labels),
      iterations: done)
  }

  /// The nearest centre of every row.
  func labels(centres: Matrix) -> [Int] {
    var labels = [Int32](repeating: 0, count: groupCount * 16)
    assign(shifted(centres, by: -1), &labels)
    return labels[..<count].map { Int($0) }
  }

  /// Centres as padded vectors around the columns' means.
  private func shifted(_ centres: Matrix, by sign: Double) -> [Eight] {
    var result = [Eight](repeating: .zero, count: clusters * vectors)
    for k in 0..<clusters {
      for column in 0..<width {
        result[k * vectors + column / 8][column % 8] = centres.values[k * width + column] + sign * means[column]
      }
    }
    return result
  }

  private func shifted(_ centres: [Eight]) -> Matrix {
    var values: [Double] = []
    values.reserveCapacity(clusters * width)
    for k in 0..<clusters {
      for column in 0..<width { values.append(centres[k * vectors + column / 8][column % 8] + means[column]) }
    }
    return Matrix(rows: clusters, columns: width, values: values)
  }

  /// Each row's nearest centre: the least |c|²/2 − x·c.
  private func assign(_ centres: [Eight], _ labels: inout [Int32]) {
    let tiles = (clusters + 3) / 4
    var packed = [Double](repeating: 0, count: tiles * width * 4)  // [tiles, d, 4]
    var halves = [Double](repeating: .infinity, count: tiles * 4)  // a centre that is none is infinitely far
    for k in 0..<clusters {
      var square = 0.0
      for column in 0..<width {
        let value = centres[k * vectors + column / 8][column % 8]
        packed[(k / 4 * width + column) * 4 + k % 4] = value
        square += value * value
      }
      halves[k] = square / 2
    }
    labels.withUnsafeMutableBufferPointer { labels in
      packed.withUnsafeBufferPointer { packed in
        halves.withUnsafeBufferPointer { halves in
          groups.withUnsafeBufferPointer { groups in
            guard let centre = packed.baseAddress, let group = groups.baseAddress else { return }
            for g in 0..<groupCount {
              var (low, high) = (Eight(repeating: .infinity), Eight(repeating: .infinity))
              var (lowLabel, highLabel) = (SIMD8<Int64>.zero, SIMD8<Int64>.zero)
              for t in 0..<tiles {
                let tile = Tile(group + g * width * 2, centre + t * width * 4, width)
                for lane in 0..<4 {
                  let half = Eight(repeating: halves[t * 4 + lane])
                  let label = SIMD8<Int64>(repeating: Int64(t * 4 + lane))
                  let products = tile[lane]
                  let (a, b) = (half - products.0, half - products.1)
                  let (nearer, nearerToo) = (a .< low, b .< high)
                  low.replace(with: a, where: nearer)
                  lowLabel.replace(with: label, where: nearer)
                  high.replace(with: b, where: nearerToo)
                  highLabel.replace(with: label, where: nearerToo)
                }
              }
              for i in 0..<8 {
                labels[g * 16 + i] = Int32(truncatingIfNeeded: lowLabel[i])
                labels[g * 16 + 8 + i] = Int32(truncatingIfNeeded: highLabel[i])
              }
            }
            for i in count..<labels.count { labels[i] = 0 }  // the last group's rows that are none
          }
        }
      }
    }
  }

  /// The means of the rows of each label.
  private func moved(_ centres: [Eight], _ labels: inout [Int32]) -> [Eight] {
    let vectors = vectors
    var sums = [Eight](repeating: .zero, count: clusters * vectors)
    var counts = [Int](repeating: 0, count: clusters)
    sums.withUnsafeMutableBufferPointer { sums in
      counts.withUnsafeMutableBufferPointer { counts in
        padded.withUnsafeBufferPointer { padded in
          labels.withUnsafeBufferPointer { labels in
            for row in 0..<count {
              let label = Int(labels[row])
              counts[label] += 1
              for v in 0..<vectors { sums[label * vectors + v] += padded[row * vectors + v] }
            }
          }
        }
      }
    }
    refill(centres, &labels, &sums, &counts)
    for k in 0..<clusters where counts[k] > 0 {
      for v in 0..<vectors { sums[k * vectors + v] /= Double(counts[k]) }
    }
    return sums
  }

  /// Moves each empty cluster to a row of its own: the rows farthest from their centres, in that order.
  private func refill(_ centres: [Eight], _ labels: inout [Int32], _ sums: inout [Eight], _ counts: inout [Int]) {
    let empty = (0..<clusters).filter { counts[$0] == 0 }
    if empty.isEmpty { return }
    let distances = (0..<count).map { distance($0, centres, Int(labels[$0])) }
    let farthest = (0..<count).sorted { (distances[$1], $0) < (distances[$0], $1) }
    for (k, row) in zip(empty, farthest) {
      let old = Int(labels[row])
      for v in 0..<vectors {
        sums[k * vectors + v] = padded[row * vectors + v]
        sums[old * vectors + v] -= padded[row * vectors + v]
      }
      counts[k] = 1
      counts[old] -= 1
      labels[row] = Int32(k)
    }
  }

  private func inertia(_ centres: [Eight], _ labels: [Int32]) -> Double {
    var sum = 0.0
    for row in 0..<count { sum += distance(row, centres, Int(labels[row])) }
    return sum
  }

  /// |x − c|².
  private func distance(_ row: Int, _ centres: [Eight], _ label: Int) -> Double {
    var sum = Eight.zero
    for v in 0..<vectors {
      let difference = padded[row * vectors + v] - centres[label * vectors + v]
      sum.addProduct(difference, difference)
    }
    return sum.sum()
  }
}

/// The products x·c of 16 rows with 4 centres, all in registers.
private struct Tile {
  private var a0 = SIMD8<Double>.zero
  private var a1 = SIMD8<Double>.zero
  private var b0 = SIMD8<Double>.zero
  private var b1 = SIMD8<Double>.zero
  private var c0 = SIMD8<Double>.zero
  private var c1 = SIMD8<Double>.zero
  private var d0 = SIMD8<Double>.zero
  private var d1 = SIMD8<Double>.zero

  /// - Parameters:
  ///   - rows: `[width, 2]` vectors of eight rows.
  ///   - centres: `[width, 4]`.
  ///   - width: how many columns.
  @inline(__always)
  init(_ rows: UnsafePointer<SIMD8<Double>>, _ centres: UnsafePointer<Double>, _ width: Int) {
    for column in 0..<width {
      let (low, high) = (rows[column * 2], rows[column * 2 + 1])
      let a = SIMD8(repeating: centres[column * 4])
      let b = SIMD8(repeating: centres[column * 4 + 1])
      let c = SIMD8(repeating: centres[column * 4 + 2])
      let d = SIMD8(repeating: centres[column * 4 + 3])
      a0.addProduct(low, a)
      a1.addProduct(high, a)
      b0.addProduct(low, b)
      b1.addProduct(high, b)
      c0.addProduct(low, c)
      c1.addProduct(high, c)
      d0.addProduct(low, d)
      d1.addProduct(high, d)
    }
  }

  @inline(__always)
  subscript(lane: Int) -> (SIMD8<Double>, SIMD8<Double>) {
    switch lane {
    case 0: (a0, a1)
    case 1: (b0, b1)
    case 2: (c0, c1)
    default: (d0, d1)
    }
  }
}
