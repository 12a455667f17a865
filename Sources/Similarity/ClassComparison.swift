/// One exercise of a class, every file held against every other.
///
/// Files are never compared two by two: fingerprints are sorted, and only files that share some are looked at again.
public struct ClassComparison: Sendable {
  /// What the comparison goes by.
  ///
  /// The numbers were found on twelve independent solutions of three short exercises (`sessionization`,
  /// `roc-is-not-accuracy`, `mergeable-standardizer`; four each) and four heavily and one lightly disguised copy. Of two
  /// independent files at most 0.15 of the smaller one's own symbols are shared where the published solution is set
  /// aside (0.37 where it is not known: every honest standardiser is Welford's formula), of two copies of one file at
  /// least 0.50 (two disguises of one original; a disguise and its original at least 0.66). So no independent pair of
  /// 35 is listed, and no pair of copies of 6 is missed. The fixtures are few and of one hand: a class that was taught
  /// together lies closer together than they do.
  public struct Settings: Codable, Sendable, Hashable {
    /// k and w of the fingerprints: how many symbols make one hash, and of how many hashes one is kept.
    public var gramLength = 10, window = 6

    /// How many of its authors' own symbols a passage has at least.
    public var passageLength = 15

    /// How many own symbols two files share at least, in all passages, before they are listed.
    public var sharedLength = 60

    /// What share of the shorter file's own symbols lies in shared passages at least, before the two are listed.
    public var threshold = 0.45

    /// The same for a file and the published solution.
    public var solutionThreshold = 0.5

    /// What more than this share of the class has written, and more than `commonCount` students, is nobody's.
    public var commonShare = 0.1

    /// See `commonShare`.
    public var commonCount = 10

    /// How many symbols of a file are read at most.
    public var fileLimit = 20_000

    /// How many pairs of an exercise are looked at closely at most.
    public var candidateLimit = 5_000

    /// The settings found by calibration.
    public init() {}
  }

  /// A file of the class.
  public struct File: Sendable {
    /// Who wrote it; files of one author are not compared.
    public var author: String

    /// Its symbols.
    public var stream: TokenStream

    /// A file.
    public init(author: String, stream: TokenStream) {
      self.author = author
      self.stream = stream
    }
  }

  /// Two files that share more than the threshold.
  public struct Pair: Sendable, Hashable {
    /// The files, by their place in what was compared.
    public var first, second: Int

    /// What they share.
    public var passages: [Passage]

    /// How many own symbols lie in these passages.
    public var shared: Int

    /// How many own symbols each file has.
    public var firstOwn, secondOwn: Int

    /// The share of the first file's own symbols that stand in the second, too.
    public var firstContainment: Double { firstOwn == 0 ? 0 : Double(shared) / Double(firstOwn) }

    /// The share of the second file's own symbols that stand in the first, too.
    public var secondContainment: Double { secondOwn == 0 ? 0 : Double(shared) / Double(secondOwn) }

    /// The larger of the two, from 0 to 1.
    public var score: Double { max(firstContainment, secondContainment) }

    /// The own symbols of the longest passage.
    public var longest: Int { passages.map(\.own).max() ?? 0 }
  }

  /// How much of a file stands in the published solution.
  public struct SolutionMatch: Sendable, Hashable {
    /// The passages, the file first, the solution second.
    public var passages: [Passage]

    /// How many symbols lie in these passages, the starter's not counted.
    public var shared: Int

    /// How many symbols the file has, the starter's not counted.
    public var own: Int

    /// The share of the file's own symbols, from 0 to 1.
    public var share: Double { own == 0 ? 0 : Double(shared) / Double(own) }
  }

  /// Three or more files that share a passage.
  public struct Group: Sendable, Hashable {
    /// The files, ascending, each of another author.
    public var members: [Int]

    /// How many own symbols all of them share, counted in the first.
    public var shared: Int
  }

  /// The pairs above the threshold, the most similar first.
  public private(set) var pairs: [Pair] = []

  /// The groups, the largest first.
  public private(set) var groups: [Group] = []

  /// How close each file is to the published solution; empty without one.
  public private(set) var solutionMatches: [SolutionMatch] = []

  /// How many different hashes were set aside because too much of the class has them.
  public private(set) var commonGrams = 0

  /// How many pairs share fingerprints but were not looked at, because of the limit.
  public private(set) var pairsLeftOut = 0

  let settings: Settings
  private(set) var files: [PreparedFile] = []

  /// Compares the files of an exercise.
  ///
  /// The cost is that of sorting all hashes, and of one step for each fingerprint that two files share; a fingerprint
  /// is shared by `commonShare` of the class at most.
  ///
  /// - Parameters:
  ///   - files: the class; the order decides which of two files is the first.
  ///   - starter: what everyone was given.
  ///   - solution: the published solution, if there is one; what stands in it says nothing about two students, and is
  ///     told for each file instead.
  ///   - settings: the thresholds.
  public init(_ files: [File], starter: TokenStream, solution: TokenStream?, settings: Settings) {
    self.settings = settings
    let winnowing = Winnowing(gramLength: settings.gramLength, window: settings.window)
    let given = Set(winnowing.grams(starter.symbols))
    let published = Set(solution.map { winnowing.grams($0.symbols) } ?? [])
    let grams = files.map { winnowing.grams($0.stream.symbols) }
    let common = commonInClass(files, grams, given: given)
    commonGrams = common.count
    let prepared = { (symbols: [UInt64], grams: [UInt64], isExcluded: (UInt64) -> Bool) in
      PreparedFile(
        symbols: symbols, grams: grams, isExcluded: grams.map(isExcluded), gramLength: settings.gramLength)
    }
    for (file, grams) in zip(files, grams) {
      self.files.append(
        prepared(file.stream.symbols, grams) { given.contains($0) || published.contains($0) || common.contains($0) })
    }
    if let solution {
      let answer = prepared(solution.symbols, winnowing.grams(solution.symbols)) { given.contains($0) }
      solutionMatches = zip(files, grams).map { file, grams in
        let file = prepared(file.stream.symbols, grams) { given.contains($0) }
        let passages = sharedPassages(file, answer, minimum: settings.passageLength)
        return SolutionMatch(passages: passages, shared: passages.reduce(0) { $0 + $1.own }, own: file.ownCount)
      }
    }
    pairs = similarPairs(candidates(authors: files.map(\.author), winnowing), authors: files.map(\.author))
    groups = commonPassageGroups(authors: files.map(\.author))
  }

  /// Two files of the class in full, whether they are listed or not.
  public func comparison(of first: Int, with second: Int) -> Pair {
    let passages = sharedPassages(files[first], files[second], minimum: settings.passageLength)
    return Pair(
      first: first, second: second, passages: passages, shared: passages.reduce(0) { $0 + $1.own },
      firstOwn: files[first].ownCount, secondOwn: files[second].ownCount)
  }

  /// The hashes that too many authors have.
  private func commonInClass(_ files: [File], _ grams: [[UInt64]], given: Set<UInt64>) -> Set<UInt64> {
    let byAuthor = Dictionary(grouping: files.indices, by: { files[$0].author })
    let limit = max(settings.commonCount, Int(settings.commonShare * Double(byAuthor.count)))
    guard byAuthor.count > limit else { return [] }
    var all: [UInt64] = []
    for (_, indices) in byAuthor {  // the order does not matter: the hashes are sorted
      var own = indices.flatMap { grams[$0] }
      own.sort()
      for index in own.indices where index == 0 || own[index] != own[index - 1] { all.append(own[index]) }
    }
    all.sort()
    var common: Set<UInt64> = []
    var start = 0
    for index in all.indices where index + 1 == all.count || all[index + 1] != all[index] {
      if index + 1 - start > limit, !given.contains(all[index]) { common.insert(all[index]) }
      start = index + 1
    }
    return common
  }

  /// The pairs of files that share fingerprints enough to be looked at, the most promising first.
  private mutating func candidates(authors: [String], _ winnowing: Winnowing) -> [(first: Int, second: Int)] {
    let fingerprints = files.map { file in
      Set(winnowing.selected(file.grams, excluding: file.isExcluded).map { file.grams[$0] })
    }
    // The inverted index: hashes in order, each with its files.
    var index: [(hash: UInt64, file: Int32)] = []
    for file in fingerprints.indices {
      for hash in fingerprints[file] { index.append((hash, Int32(file))) }
    }
    index.sort { ($0.hash, $0.file) < ($1.hash, $1.file) }
    var later: [[Range<Int>]] = fingerprints.map { _ in [] }  // by file: the entries of the files that come after it
    var end = index.count
    for entry in index.indices.reversed() {
      if entry + 1 < index.count, index[entry + 1].hash != index[entry].hash { end = entry + 1 }
      if entry + 1 < end { later[Int(index[entry].file)].append(entry + 1..<end) }
    }
    var found: [(share: Double, first: Int, second: Int)] = []
    var counts = [Int32](repeating: 0, count: files.count)
    for first in files.indices {
      for entries in later[first] {
        for entry in entries { counts[Int(index[entry].file)] += 1 }
      }
      for second in first + 1..<max(files.count, first + 1) where counts[second] > 0 {
        let smaller = min(fingerprints[first].count, fingerprints[second].count)
        let share = Double(counts[second]) / Double(smaller)
        counts[second] = 0
        // A disguise that breaks runs loses more fingerprints than symbols: half the threshold is asked here.
        if share >= settings.threshold / 2, authors[first] != authors[second] { found.append((share, first, second)) }
      }
    }
    found.sort { ($1.share, $0.first, $0.second) < ($0.share, $1.first, $1.second) }
    pairsLeftOut = max(0, found.count - settings.candidateLimit)
    return found.prefix(settings.candidateLimit).map { ($0.first, $0.second) }
  }

  /// The candidates above the threshold; of several attempts of the same two authors the most similar.
  private func similarPairs(_ candidates: [(first: Int, second: Int)], authors: [String]) -> [Pair] {
    var pairs = candidates.map { comparison(of: $0.first, with: $0.second) }
    pairs.removeAll { $0.shared < settings.sharedLength || $0.score < settings.threshold }
    pairs.sort {
      ($1.score, $1.shared, $0.first, $0.second) < ($0.score, $0.shared, $1.first, $1.second)
    }
    var seen: Set<[String]> = []
    return pairs.filter { seen.insert([authors[$0.first], authors[$0.second]].sorted()).inserted }
  }
}
