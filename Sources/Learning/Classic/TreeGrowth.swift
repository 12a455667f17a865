import Tensors

/// The columns of a matrix with each number replaced by its rank among the column's different numbers.
struct RankedColumns: Sendable {
  let count: Int  // n
  let width: Int  // d
  let ranks: [UInt32]  // [d, n]
  let values: [[Double]]  // of each column: its different numbers in ascending order

  init(_ x: Matrix) {
    count = x.rows
    width = x.columns
    var ranks = [UInt32](repeating: 0, count: x.rows * x.columns)
    var values: [[Double]] = []
    for column in 0..<x.columns {
      let numbers = (0..<x.rows).map { x.values[$0 * x.columns + column] }
      let order = (0..<x.rows).sorted { numbers[$0] < numbers[$1] }
      var different: [Double] = []
      for row in order {
        if different.last.map({ $0 < numbers[row] }) ?? true { different.append(numbers[row]) }
        ranks[column * x.rows + row] = UInt32(different.count - 1)
      }
      values.append(different)
    }
    self.ranks = ranks
    self.values = values
  }
}

/// The growth of one classification tree, with the memory that its nodes share.
struct TreeGrowth {
  private let data: RankedColumns
  private let labels: [Int]
  private let classes: Int
  private let tried: Int  // ⌊√d⌋ columns a node
  private var keys: [UInt64]  // rank (32 bits), class (16), copies in the bootstrap sample (16)
  private var spare: [UInt64]
  private var leftCounts: [Int]
  private var nodeCounts: [Int]
  private var columns: [Int]

  init(_ data: RankedColumns, _ labels: [Int], classes: Int) {
    self.data = data
    self.labels = labels
    self.classes = classes
    tried = max(1, Int(Double(data.width).squareRoot()))
    keys = [UInt64](repeating: 0, count: data.count)
    spare = keys
    leftCounts = [Int](repeating: 0, count: classes)
    nodeCounts = leftCounts
    columns = Array(0..<data.width)
  }

  /// A cut of a node: rows with a rank ≤ `rank` go left; `next` is the least rank that goes right.
  private struct Cut {
    var column = 0
    var rank: UInt32 = 0
    var next: UInt32 = 0
    var purity = -Double.infinity
  }

  /// Grows a tree on a bootstrap sample.
  mutating func tree(using random: inout SeededRandom) -> ClassificationTree {
    var copies = [UInt32](repeating: 0, count: data.count)
    for _ in 0..<data.count { copies[random.below(data.count)] += 1 }
    var rows = (0..<data.count).filter { copies[$0] > 0 }.map { UInt32($0) }
    // Class and copies of each row, as the low half of its key.
    let tags = (0..<data.count).map { UInt32(labels[$0]) << 16 | min(copies[$0], 0xFFFF) }
    var nodes = [TreeNode.leaf(at: 0)]
    var leaves: [Int32] = [-1]
    var shares: [Double] = []
    var open = [(node: 0, rows: 0..<rows.count)]
    while let (node, range) = open.popLast() {
      guard let cut = bestCut(rows, tags, range, &random) else {
        leaves[node] = Int32(shares.count)
        let total = Double(nodeCounts.reduce(0, +))
        shares += nodeCounts.map { Double($0) / total }
        continue
      }
      let middle = partition(&rows, range, cut)
      let left = nodes.count
      nodes[node] = TreeNode(threshold: threshold(cut), feature: Int32(cut.column), left: Int32(left))
      nodes += [.leaf(at: left), .leaf(at: left + 1)]
      leaves += [-1, -1]
      open.append((left + 1, middle..<range.upperBound))
      open.append((left, range.lowerBound..<middle))
    }
    return ClassificationTree(nodes: nodes, leaves: leaves, shares: shares)
  }

  private func partition(_ rows: inout [UInt32], _ range: Range<Int>, _ cut: Cut) -> Int {
    var middle = range.lowerBound
    rows.withUnsafeMutableBufferPointer { rows in
      data.ranks.withUnsafeBufferPointer { ranks in
        let offset = cut.column * data.count
        for i in range {
          // Without a branch: which side a row goes to cannot be predicted.
          let row = rows[i]
          let goesLeft = ranks[offset + Int(row)] <= cut.rank
          rows[i] = rows[middle]
          rows[middle] = row
          middle += goesLeft ? 1 : 0
        }
      }
    }
    return middle
  }

  /// Leaves the node's class counts in `nodeCounts`.
  private mutating func bestCut(
    _ rows: [UInt32], _ tags: [UInt32], _ range: Range<Int>, _ random: inout SeededRandom
  ) -> Cut? {
    for label in 0..<classes { nodeCounts[label] = 0 }
    for i in range {
      let tag = tags[Int(rows[i])]
      nodeCounts[Int(tag >> 16)] += Int(tag & 0xFFFF)
    }
    var present = 0
    for label in 0..<classes where nodeCounts[label] > 0 { present += 1 }
    if present < 2 { return nil }
    var best = Cut()
    var visited = 0
    while visited < data.width && (visited < tried || best.purity == -.infinity) {
      columns.swapAt(visited, visited + random.below(data.width - visited))
      let column = columns[visited]
      visited += 1
      let (low, high) = gather(rows, tags, range, column)
      if low == high { continue }
      sort(range.count, from: low, to: high)
      improve(&best, column, range.count)
    }
    return best.purity == -.infinity ? nil : best
  }

  /// Midway between the cut's two values; the lower one where rounding would pass over that.
  private func threshold(_ cut: Cut) -> Double {
    let values = data.values[cut.column]
    let (lower, upper) = (values[Int(cut.rank)], values[Int(cut.next)])
    let middle = lower / 2 + upper / 2
    return middle >= lower && middle < upper ? middle : lower
  }

  /// Fills `keys` with the node's rows in one column; returns the least and the greatest rank.
  private mutating func gather(
    _ rows: [UInt32], _ tags: [UInt32], _ range: Range<Int>, _ column: Int
  ) -> (low: UInt32, high: UInt32) {
    var (low, high) = (UInt32.max, UInt32.min)
    let (offset, count) = (column * data.count, data.count)
    keys.withUnsafeMutableBufferPointer { keys in
      data.ranks.withUnsafeBufferPointer { all in
        let ranks = UnsafeBufferPointer(rebasing: all[offset..<offset + count])
        rows.withUnsafeBufferPointer { rows in
          tags.withUnsafeBufferPointer { tags in
            var place = 0
            for i in range {
              let row = Int(rows[i])
              let rank = ranks[row]
              low = min(low, rank)
              high = max(high, rank)
              keys[place] = UInt64(rank) << 32 | UInt64(tags[row])
              place += 1
            }
          }
        }
      }
    }
    return (low, high)
  }

  /// Sorts the first `count` keys by rank: short runs by insertion, long ones by radix in digits of 8 bits.
  private mutating func sort(_ count: Int, from low: UInt32, to high: UInt32) {
    keys.withUnsafeMutableBufferPointer { keys in
      if count <= 40 {
        for i in 1..<count {
          let key = keys[i]
          var place = i
          while place > 0 && keys[place - 1] > key {
            keys[place] = keys[place - 1]
            place -= 1
          }
          keys[place] = key
        }
        return
      }
      spare.withUnsafeMutableBufferPointer { spare in
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { starts in
          var (from, to) = (keys, spare)
          var shift: UInt64 = 32
          var spread = high - low
          let base = UInt64(low) << 32
          while spread > 0 {
            for digit in 0..<256 { starts[digit] = 0 }
            for i in 0..<count { starts[Int((from[i] - base) >> shift & 255)] += 1 }
            var sum: UInt32 = 0
            for digit in 0..<256 {
              let own = starts[digit]
              starts[digit] = sum
              sum += own
            }
            for i in 0..<count {
              let key = from[i]
              let digit = Int((key - base) >> shift & 255)
              to[Int(starts[digit])] = key
              starts[digit] += 1
            }
            swap(&from, &to)
            shift += 8
            spread >>= 8
          }
          if from.baseAddress != keys.baseAddress {
            for i in 0..<count { keys[i] = from[i] }
          }
        }
      }
    }
  }

  /// Tries every cut between two ranks of the sorted keys.
  ///
  /// The least weighted Gini impurity is the greatest Σ left²/n_left + Σ right²/n_right over the class counts.
  private mutating func improve(_ best: inout Cut, _ column: Int, _ count: Int) {
    var total = 0
    var right = 0
    for label in 0..<classes {
      leftCounts[label] = 0
      total += nodeCounts[label]
      right += nodeCounts[label] * nodeCounts[label]
    }
    var left = 0
    var leftTotal = 0
    var found = best
    keys.withUnsafeBufferPointer { keys in
      leftCounts.withUnsafeMutableBufferPointer { leftCounts in
        nodeCounts.withUnsafeBufferPointer { nodeCounts in
          var key = keys[0]
          for i in 1..<count {
            let label = Int(key >> 16 & 0xFFFF)
            let copies = Int(key & 0xFFFF)
            let before = leftCounts[label]
            let rest = nodeCounts[label] - before
            left += copies * (2 * before + copies)
            right -= copies * (2 * rest - copies)
            leftCounts[label] = before + copies
            leftTotal += copies
            let next = keys[i]
            if next >> 32 != key >> 32 {
              let (nLeft, nRight) = (Double(leftTotal), Double(total - leftTotal))
              let purity = (Double(left) * nRight + Double(right) * nLeft) / (nLeft * nRight)
              if purity > found.purity {
                found = Cut(
                  column: column, rank: UInt32(truncatingIfNeeded: key >> 32),
                  next: UInt32(truncatingIfNeeded: next >> 32), purity: purity)
              }
            }
            key = next
          }
        }
      }
    }
    best = found
  }
}
