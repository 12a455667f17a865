import Tensors

/// Series of one length with their transforms, and what K-Shape does with them.
struct ShapeSeries {
  private let values: [Double]  // [n, m]
  private let norms: [Double]  // [n]
  private let real: [Double]  // [n, size]: the transform of each series, padded with zeros
  private let imaginary: [Double]
  private let count: Int
  private let length: Int
  private let plan: FFT

  /// Series that are z-normalised first.
  init(_ x: Matrix) {
    var values = x.values
    for row in 0..<x.rows { normalize(&values, row * x.columns..<(row + 1) * x.columns) }
    self.init(normalized: Matrix(rows: x.rows, columns: x.columns, values: values))
  }

  /// Series as they are.
  init(normalized x: Matrix) {
    let (n, m) = (x.rows, x.columns)
    // Padded to 2m − 1 numbers, the circular correlation is the linear one.
    let plan = FFT(size: FFT.size(holding: max(1, 2 * m - 1)))
    let size = plan.size
    var real = [Double](repeating: 0, count: n * size)
    var imaginary = real
    x.values.withUnsafeBufferPointer { x in
      real.withUnsafeMutableBufferPointer { real in
        imaginary.withUnsafeMutableBufferPointer { imaginary in
          nonisolated(unsafe) let (real, imaginary, x) = (real, imaginary, x)  // each piece writes its own rows
          Threads.forEach((n + 15) / 16, work: n * size * 16) { piece in
            for row in piece * 16..<min(n, piece * 16 + 16) {
              let range = row * size..<(row + 1) * size
              for t in 0..<m { real[row * size + t] = x[row * m + t] }
              plan.transform(
                UnsafeMutableBufferPointer(rebasing: real[range]),
                UnsafeMutableBufferPointer(rebasing: imaginary[range]))
            }
          }
        }
      }
    }
    values = x.values
    norms = (0..<n).map { row in x.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot() }
    self.real = real
    self.imaginary = imaginary
    count = n
    length = m
    self.plan = plan
  }

  /// Some of the series, `[rows.count, m]`.
  func rows(_ rows: [Int]) -> Matrix {
    Matrix(
      rows: rows.count, columns: length, values: rows.flatMap { values[$0 * length..<($0 + 1) * length] })
  }

  // MARK: Distances

  /// Of each series to each centroid: the least distance, and the shift of the series that attains it.
  struct Alignments {
    var distances: [Double]  // [n, k]
    var shifts: [Int32]  // [n, k]
  }

  /// The nearest centroid of each series.
  struct Assignment {
    var labels: [Int]
    var shifts: [Int]  // to agree with the own centroid
    var distances: [Double]  // to the own centroid
    var inertia: Double
  }

  /// Correlates all series with all centroids.
  func alignments(to centroids: ShapeSeries) -> Alignments {
    let (n, k, size, m) = (count, centroids.count, plan.size, length)
    var result = Alignments(
      distances: [Double](repeating: 1, count: n * k), shifts: [Int32](repeating: 0, count: n * k))
    result.distances.withUnsafeMutableBufferPointer { distances in
      result.shifts.withUnsafeMutableBufferPointer { shifts in
        nonisolated(unsafe) let (distances, shifts) = (distances, shifts)  // each piece writes its own rows
        Threads.forEach((n + 15) / 16, work: n * k * size * 8) { piece in
          withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * size) { work in
            let re = UnsafeMutableBufferPointer(rebasing: work[..<size])
            let im = UnsafeMutableBufferPointer(rebasing: work[size...])
            for row in piece * 16..<min(n, piece * 16 + 16) {
              // Two correlations are real and imaginary part of one transform.
              for first in stride(from: 0, to: k, by: 2) {
                correlate(row, centroids, first, re, im)
                for (parts, centroid) in zip([re, im], first..<min(k, first + 2)) {
                  let scale = norms[row] * centroids.norms[centroid]
                  if scale < 1e-9 { continue }
                  let (shift, value) = peak(parts, m)
                  distances[row * k + centroid] = 1 - value / (scale * Double(size))
                  shifts[row * k + centroid] = Int32(shift)
                }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The inverse transform of (C_first + i·C_second) · conj(X): its real part is the correlation with the first centroid,
  /// its imaginary part the one with the second.
  private func correlate(
    _ row: Int, _ centroids: ShapeSeries, _ first: Int, _ re: UnsafeMutableBufferPointer<Double>,
    _ im: UnsafeMutableBufferPointer<Double>
  ) {
    let size = plan.size
    let paired = first + 1 < centroids.count
    real.withUnsafeBufferPointer { xRe in
      imaginary.withUnsafeBufferPointer { xIm in
        centroids.real.withUnsafeBufferPointer { cRe in
          centroids.imaginary.withUnsafeBufferPointer { cIm in
            let (x, a) = (row * size, first * size)
            let b = paired ? a + size : a
            for f in 0..<size {
              let sumRe = paired ? cRe[a + f] - cIm[b + f] : cRe[a + f]
              let sumIm = paired ? cIm[a + f] + cRe[b + f] : cIm[a + f]
              re[f] = sumRe * xRe[x + f] + sumIm * xIm[x + f]
              im[f] = sumIm * xRe[x + f] - sumRe * xIm[x + f]
            }
          }
        }
      }
    }
    plan.transform(im, re)  // exchanged parts: the inverse
  }

  /// The shift s in −(m − 1)…m − 1 with the greatest correlation, the first of them on a tie.
  private func peak(_ correlation: UnsafeMutableBufferPointer<Double>, _ m: Int) -> (shift: Int, value: Double) {
    let size = correlation.count
    var (best, value) = (0, -Double.infinity)
    for place in size - m + 1..<max(size, size - m + 1) where correlation[place] > value {
      (best, value) = (place - size, correlation[place])
    }
    for place in 0..<m where correlation[place] > value { (best, value) = (place, correlation[place]) }
    return (best, value)
  }

  /// Each series to its nearest centroid; an empty cluster takes the series farthest from its own.
  func assigned(to centroids: ShapeSeries) -> Assignment {
    let k = centroids.count
    let all = alignments(to: centroids)
    var labels = (0..<count).map { row in
      var best = 0
      for j in 1..<k where all.distances[row * k + j] < all.distances[row * k + best] { best = j }
      return best
    }
    var counts = [Int](repeating: 0, count: k)
    for label in labels { counts[label] += 1 }
    for empty in 0..<k where counts[empty] == 0 {
      var farthest: Int?
      for row in 0..<count where counts[labels[row]] > 1 {
        if let found = farthest, all.distances[row * k + labels[row]] <= all.distances[found * k + labels[found]] {
          continue
        }
        farthest = row
      }
      guard let farthest else { continue }
      counts[labels[farthest]] -= 1
      counts[empty] = 1
      labels[farthest] = empty
    }
    let distances = (0..<count).map { all.distances[$0 * k + labels[$0]] }
    return Assignment(
      labels: labels, shifts: (0..<count).map { Int(all.shifts[$0 * k + labels[$0]]) }, distances: distances,
      inertia: distances.reduce(0) { $0 + $1 * $1 } / Double(max(1, count)))
  }

  // MARK: Centroids

  /// The shape of each cluster, z-normalised, `[k, m]`.
  func shapes(of assignment: Assignment, count k: Int, before: Matrix) throws -> Matrix {
    var members = [[Int]](repeating: [], count: k)
    for row in 0..<count { members[assignment.labels[row]].append(row) }
    let m = length
    var values = before.values
    var failed = [Bool](repeating: false, count: k)
    values.withUnsafeMutableBufferPointer { values in
      failed.withUnsafeMutableBufferPointer { failed in
        nonisolated(unsafe) let (values, failed) = (values, failed)  // each piece writes its own row
        let members = members
        Threads.forEach(k, work: k * m * m * (m + 16)) { cluster in
          if members[cluster].isEmpty { return }
          guard let shape = shape(members[cluster], assignment.shifts) else {
            failed[cluster] = true
            return
          }
          for t in 0..<m { values[cluster * m + t] = shape[t] }
        }
      }
    }
    if failed.contains(true) { throw LearnerError.noConvergence }
    for cluster in 0..<k { normalize(&values, cluster * m..<(cluster + 1) * m) }
    return Matrix(rows: k, columns: m, values: values)
  }

  /// The unit vector that correlates best with the shifted series; nil where the eigenvectors cannot be found.
  private func shape(_ members: [Int], _ shifts: [Int]) -> [Double]? {
    let m = length
    var aligned = [Double](repeating: 0, count: members.count * m)
    for (place, row) in members.enumerated() {
      let shift = shifts[row]
      for t in max(0, shift)..<min(m, m + shift) { aligned[place * m + t] = values[row * m + t - shift] }
    }
    // Q is symmetric and Q·Q = Q: Q·YᵀY·Q is the product of the series without their means.
    var centred = aligned
    for place in 0..<members.count {
      let mean = aligned[place * m..<(place + 1) * m].reduce(0, +) / Double(m)
      for t in 0..<m { centred[place * m + t] -= mean }
    }
    guard let eigen = try? SymmetricEigen(of: gram(centred, members.count)) else { return nil }
    let vector = eigen.vectors.row(m - 1)
    // An eigenvector has no sign: take the one that is nearer to the series.
    var (plus, minus) = (0.0, 0.0)
    for place in 0..<members.count {
      var (near, far) = (0.0, 0.0)
      for t in 0..<m {
        let value = aligned[place * m + t]
        near += (value - vector[t]) * (value - vector[t])
        far += (value + vector[t]) * (value + vector[t])
      }
      plus += near.squareRoot()
      minus += far.squareRoot()
    }
    return minus < plus ? vector.map { -$0 } : vector
  }

  /// YᵀY of Y `[rows, m]`.
  private func gram(_ y: [Double], _ rows: Int) -> Matrix {
    let m = length
    var sums = [Double](repeating: 0, count: m * m)
    sums.withUnsafeMutableBufferPointer { sums in
      y.withUnsafeBufferPointer { y in
        for row in 0..<rows {
          for i in 0..<m {
            let factor = y[row * m + i]
            for j in 0..<m { sums[i * m + j] += factor * y[row * m + j] }
          }
        }
      }
    }
    return Matrix(rows: m, columns: m, values: sums)
  }
}

/// Makes the mean of some numbers 0 and their standard deviation 1; constant numbers become 0.
func normalize(_ values: inout [Double], _ range: Range<Int>) {
  let count = Double(range.count)
  let mean = values[range].reduce(0, +) / count
  let variance = values[range].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
  // A deviation that is only rounding is none.
  let size = values[range].reduce(0) { max($0, abs($1)) }
  let scale = variance.squareRoot() > size * 1e-14 ? 1 / variance.squareRoot() : 0
  for i in range { values[i] = (values[i] - mean) * scale }
}
