/// A run of symbols that two files share.
public struct Passage: Sendable, Hashable {
  /// Where it starts in the first file and in the second, counted in symbols.
  public var first, second: Int

  /// How many symbols it has.
  public var length: Int

  /// How many of them are the authors' own: neither the starter's, nor the published solution's, nor common in the
  /// class.
  public var own: Int
}

/// A file ready to be compared.
struct PreparedFile: Sendable {
  var symbols: [UInt64]
  var grams: [UInt64]

  /// Which hashes are no sign of anything.
  var isExcluded: [Bool]

  /// Which symbols lie in no excluded hash.
  var isOwn: [Bool]

  init(symbols: [UInt64], grams: [UInt64], isExcluded: [Bool], gramLength: Int) {
    self.symbols = symbols
    self.grams = grams
    self.isExcluded = isExcluded
    isOwn = [Bool](repeating: true, count: symbols.count)
    var covered = 0  // the end of the last excluded hash
    for place in isExcluded.indices where isExcluded[place] {
      for symbol in max(covered, place)..<place + gramLength { isOwn[symbol] = false }
      covered = place + gramLength
    }
  }

  var ownCount: Int { isOwn.count { $0 } }
}

/// The passages that two files share, each symbol in one at most, the longest first: greedy string tiling (Wise,
/// "YAP3: Improved detection of similarities in computer program and other texts", SIGCSE 1996), simplified in that
/// what an earlier passage leaves of a later one is not looked for again elsewhere.
///
/// - Parameters:
///   - first: a file.
///   - second: another.
///   - minimum: how many own symbols a passage has at least.
/// - Returns: the passages by their places in the first file.
func sharedPassages(_ first: PreparedFile, _ second: PreparedFile, minimum: Int) -> [Passage] {
  var runs = maximalRuns(first, second)
  runs.removeAll { $0.own < minimum }
  runs.sort { ($1.own, $0.first, $0.second) < ($0.own, $1.first, $1.second) }
  var isTakenInFirst = [Bool](repeating: false, count: first.symbols.count)
  var isTakenInSecond = [Bool](repeating: false, count: second.symbols.count)
  var passages: [Passage] = []
  for run in runs {
    var start = 0
    while start < run.length {
      var (end, own) = (start, 0)
      while end < run.length, !isTakenInFirst[run.first + end], !isTakenInSecond[run.second + end] {
        if first.isOwn[run.first + end], second.isOwn[run.second + end] { own += 1 }
        end += 1
      }
      if own >= minimum {
        passages.append(Passage(first: run.first + start, second: run.second + start, length: end - start, own: own))
        for offset in start..<end {
          isTakenInFirst[run.first + offset] = true
          isTakenInSecond[run.second + offset] = true
        }
      }
      start = end + 1
    }
  }
  return passages.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
}

/// The shared runs that can be prolonged at neither end. Each holds a hash that is not excluded.
private func maximalRuns(_ first: PreparedFile, _ second: PreparedFile) -> [Passage] {
  // A file of one line a thousand times would match everywhere: only some places of a hash are tried, and the work
  // for one pair has an end.
  let placesPerGram = 16
  var work = 4_000_000

  var places: [UInt64: [Int32]] = [:]
  for place in second.grams.indices where !second.isExcluded[place] {
    let count = places[second.grams[place]]?.count ?? 0
    if count < placesPerGram { places[second.grams[place], default: []].append(Int32(place)) }
  }
  // By diagonal: how far into the first file a run on it has been followed.
  var followed = [Int32](repeating: 0, count: first.symbols.count + second.symbols.count + 1)
  var runs: [Passage] = []
  for place in first.grams.indices where !first.isExcluded[place] {
    for other in places[first.grams[place]] ?? [] {
      let diagonal = place - Int(other) + second.symbols.count
      if place < Int(followed[diagonal]) { continue }
      var (i, j) = (place, Int(other))
      while i > 0, j > 0, i > Int(followed[diagonal]), first.symbols[i - 1] == second.symbols[j - 1] {
        i -= 1
        j -= 1
      }
      var run = Passage(first: i, second: j, length: 0, own: 0)
      while i < first.symbols.count, j < second.symbols.count, first.symbols[i] == second.symbols[j] {
        if first.isOwn[i], second.isOwn[j] { run.own += 1 }
        i += 1
        j += 1
      }
      run.length = i - run.first
      followed[diagonal] = Int32(i)
      if run.length > 0 { runs.append(run) }
      work -= run.length + 1
      if work < 0 { return runs }
    }
  }
  return runs
}
