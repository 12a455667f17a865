extension ClassComparison {
  /// Groups of three or more files with a passage in common, so that n files of one origin are told once and not as
  /// n(n − 1)/2 pairs.
  ///
  /// At least half of the pairs inside a group are listed ones: a passage that many have in common must not hide that
  /// two of them share much more. The group whose passage and size are largest is taken first; the pairs inside it are
  /// then told, and the rest is looked at again.
  func commonPassageGroups(authors: [String]) -> [Group] {
    var open = pairs
    var groups: [Group] = []
    let grams = Dictionary(
      uniqueKeysWithValues: Set(pairs.flatMap { [$0.first, $0.second] }).map { ($0, ownGrams(of: $0)) })
    while open.count >= 3, groups.count < groupLimit, let group = largestGroup(of: open, grams, authors: authors) {
      let members = Set(group.members)
      open.removeAll { members.contains($0.first) && members.contains($0.second) }
      groups.append(group)
    }
    return groups.sorted { ($1.members.count, $1.shared, $0.members[0]) < ($0.members.count, $0.shared, $1.members[0]) }
  }

  private func largestGroup(of pairs: [Pair], _ grams: [Int: Set<UInt64>], authors: [String]) -> Group? {
    var holders: [UInt64: [Int]] = [:]  // by hash: the files that hold it, ascending
    for file in Set(pairs.flatMap { [$0.first, $0.second] }).sorted() {
      for hash in grams[file] ?? [] { holders[hash, default: []].append(file) }
    }
    var weights: [[Int]: Int] = [:]  // by set of files: how many hashes these hold and no others
    for files in holders.values where files.count >= 3 { weights[files, default: 0] += files.count }
    // The order of a dictionary is another one in every run: it is sorted before anything is cut off.
    let sets = weights.sorted {
      $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
    }
    var best: Group?
    for (files, _) in sets.prefix(setLimit) {
      var seen: Set<String> = []
      let members = files.filter { seen.insert(authors[$0]).inserted }  // of an author's attempts, one stands for all
      let inside = Set(members)
      let listed = pairs.count { inside.contains($0.first) && inside.contains($0.second) }
      guard members.count >= 3, listed * 4 >= members.count * (members.count - 1) else { continue }
      let common = members.dropFirst().reduce(grams[members[0]] ?? []) { $0.intersection(grams[$1] ?? []) }
      let shared = runs(in: members[0], of: common).reduce(0) { $0 + own(in: $1, of: members[0]) }
      guard shared >= settings.sharedLength else { continue }
      if let best, best.members.count * best.shared >= members.count * shared { continue }
      best = Group(members: members, shared: shared)
    }
    return best
  }

  /// Where each member of a group has what all of them share, in symbols.
  public func commonRuns(of group: Group) -> [[Range<Int>]] {
    guard let first = group.members.first else { return [] }
    let common = group.members.dropFirst().reduce(ownGrams(of: first)) { $0.intersection(ownGrams(of: $1)) }
    return group.members.map { runs(in: $0, of: common) }
  }

  /// The hashes of a file that are its author's own.
  private func ownGrams(of file: Int) -> Set<UInt64> {
    Set(files[file].grams.indices.lazy.filter { !files[file].isExcluded[$0] }.map { files[file].grams[$0] })
  }

  /// The symbols of a file that lie in given hashes, as runs that are long enough for a passage.
  private func runs(in file: Int, of hashes: Set<UInt64>) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for place in files[file].grams.indices where hashes.contains(files[file].grams[place]) {
      let run = place..<place + settings.gramLength
      if let last = runs.last, last.upperBound >= run.lowerBound {
        runs[runs.count - 1] = last.lowerBound..<run.upperBound
      } else {
        runs.append(run)
      }
    }
    return runs.filter { own(in: $0, of: file) >= settings.passageLength }
  }

  /// How many symbols of a run are the author's own.
  private func own(in run: Range<Int>, of file: Int) -> Int { files[file].isOwn[run].count { $0 } }

  /// How many groups of an exercise are told, and how many sets of files are tried for each.
  private var groupLimit: Int { 50 }
  private var setLimit: Int { 40 }
}
