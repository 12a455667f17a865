import Foundation
import Similarity

/// Which submissions of a class look alike, and where.
///
/// Fingerprints are taken by winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003) over tokens in which names and
/// literals are one symbol each, so that renaming, reformatting, comments and another order of the functions hide
/// nothing. What the starter gave, what the published solution says and what much of the class has written does not
/// count. A high score says "look at the passages", and nothing else: a short exercise with one natural solution looks
/// alike in honest hands, too.
public struct SimilarityReport: Sendable {
  /// What is compared and how much is shown.
  public struct Options: Codable, Sendable, Hashable {
    /// How files are compared.
    public var comparison = ClassComparison.Settings()

    /// How many pairs and groups the page shows at most, the most similar first.
    public var shownEntries = 60

    /// How many bytes the page's passages have at most.
    public var pageBytes = 6_000_000

    /// The calibrated options.
    public init() {}
  }

  /// A part of a file.
  public struct Place: Codable, Sendable, Hashable {
    /// Its first and last line, from 1.
    public var firstLine, lastLine: Int

    /// Where it starts and where it has ended, in bytes of UTF-8.
    public var start, end: Int
  }

  /// A passage that two submissions share.
  public struct SharedPassage: Codable, Sendable, Hashable {
    /// Where it stands in the one and in the other.
    public var first, second: Place

    /// How many tokens of it are the authors' own.
    public var tokens: Int
  }

  /// Two submissions of one exercise that share more than the threshold.
  public struct Pair: Codable, Sendable, Hashable {
    /// The exercise's id.
    public var exercise: String

    /// The submissions, in the order of their names.
    public var first, second: String

    /// The larger of the two containments, from 0 to 1.
    public var score: Double

    /// How many tokens of their own they share.
    public var sharedTokens: Int

    /// How many tokens of its own each has.
    public var firstTokens, secondTokens: Int

    /// What share of its own tokens stands in the other.
    public var firstContainment, secondContainment: Double

    /// The tokens of the longest passage.
    public var longestPassage: Int

    /// What share of each stands in the published solution, the starter not counted; nil without a solution.
    public var firstInSolution, secondInSolution: Double?

    /// The number of the group that tells this pair, in `groups`, from 1; nil if none does.
    public var group: Int?

    /// The passages, by their place in the first.
    public var passages: [SharedPassage]
  }

  /// Three or more submissions of one exercise that share the same passage.
  public struct Group: Codable, Sendable, Hashable {
    /// The group's number, from 1.
    public var number: Int

    /// The exercise's id.
    public var exercise: String

    /// The submissions, sorted.
    public var members: [String]

    /// How many tokens of their own all members share.
    public var sharedTokens: Int

    /// Where each member has them.
    public var places: [[Place]]

    /// The highest score of two members.
    public var score: Double

    /// The first member beside each of the others.
    var comparisons: [Pair]
  }

  /// Two students over all exercises.
  public struct Ranked: Codable, Sendable, Hashable {
    /// The students, without the number of an attempt.
    public var first, second: String

    /// The exercises in which they are listed.
    public var exercises: [String]

    /// The sum of their scores: 2.7 is as much as two whole files and most of a third.
    public var score: Double

    /// How many tokens of their own they share.
    public var sharedTokens: Int
  }

  /// A submission that is close to the published solution.
  public struct NearSolution: Codable, Sendable, Hashable {
    /// The exercise's id.
    public var exercise: String

    /// The submission.
    public var student: String

    /// What share of it stands in the solution, the starter not counted, from 0 to 1.
    public var share: Double

    /// How many tokens these are.
    public var sharedTokens: Int

    /// The longest passage, in tokens.
    public var longestPassage: Int

    /// Where the passages stand, the submission first, the solution second.
    public var passages: [SharedPassage]
  }

  /// What was compared of one exercise, and what was not.
  public struct Coverage: Codable, Sendable, Hashable {
    /// The exercise's id.
    public var exercise: String

    /// How many files were compared.
    public var files: Int

    /// Whether a published solution was set aside.
    public var hasSolution: Bool

    /// How many different runs of tokens were set aside because much of the class has them.
    public var commonRuns: Int

    /// How many pairs share fingerprints but were not looked at, because there were too many.
    public var pairsLeftOut: Int

    /// The submissions of which only the beginning was read.
    public var cutFiles: [String]
  }

  /// What it was made with.
  public let options: Options

  /// The pairs above the threshold, the most similar first; also those that a group tells.
  public private(set) var pairs: [Pair] = []

  /// The groups, the most similar first.
  public private(set) var groups: [Group] = []

  /// Students over all exercises, the most similar first.
  public private(set) var ranking: [Ranked] = []

  /// The submissions close to the published solution, the closest first.
  public private(set) var nearSolution: [NearSolution] = []

  /// What was compared, by exercise.
  public private(set) var coverage: [Coverage] = []

  /// The texts, by submission and exercise.
  let texts: [String: [String: String]]

  /// Compares a class.
  ///
  /// The order of the submissions changes nothing. `ann` and `ann@2` are one student's attempts and never compared; of
  /// several attempts of two students only the most similar are told.
  ///
  /// - Parameters:
  ///   - submissions: the name of each, and its source text by exercise id; no name twice.
  ///   - starters: the starters' texts by exercise id, which are subtracted.
  ///   - solutions: published solutions by exercise id: they are subtracted, and told of each submission in a column
  ///     of their own.
  ///   - options: the thresholds and limits.
  public init(
    submissions: [(student: String, sources: [String: String])], starters: [String: String],
    solutions: [String: String] = [:], options: Options = Options()
  ) {
    self.options = options
    texts = Dictionary(submissions.map { ($0.student, $0.sources) }, uniquingKeysWith: { first, _ in first })
    for exercise in Set(texts.values.flatMap(\.keys)).sorted() {
      compare(exercise, starter: starters[exercise] ?? "", solution: solutions[exercise])
    }
    pairs.sort { ($1.score, $1.sharedTokens, $0.key) < ($0.score, $0.sharedTokens, $1.key) }
    nearSolution.sort { ($1.share, $0.exercise, $0.student) < ($0.share, $1.exercise, $1.student) }
    groups.sort { ($1.score, $1.sharedTokens, $0.key) < ($0.score, $0.sharedTokens, $1.key) }
    numberGroups()
    rank()
  }

  private mutating func compare(_ exercise: String, starter: String, solution: String?) {
    let vocabulary = Vocabulary(starter: starter, solution: solution ?? "")
    let limit = options.comparison.fileLimit
    let names = texts.keys.filter { texts[$0]?[exercise] != nil }.sorted()
    let files = names.map { name in
      ClassComparison.File(
        author: Submission.student(of: name),
        stream: TokenStream(texts[name]?[exercise] ?? "", vocabulary: vocabulary, limit: limit))
    }
    let answer = solution.map { TokenStream($0, vocabulary: vocabulary, limit: limit) }
    let comparison = ClassComparison(
      files, starter: TokenStream(starter, vocabulary: vocabulary, limit: limit), solution: answer,
      settings: options.comparison)
    coverage.append(
      Coverage(
        exercise: exercise, files: files.count, hasSolution: solution != nil, commonRuns: comparison.commonGrams,
        pairsLeftOut: comparison.pairsLeftOut, cutFiles: zip(names, files).filter { $0.1.stream.isCut }.map(\.0)))

    let told = { (pair: ClassComparison.Pair) in
      let (first, second) = (files[pair.first].stream, files[pair.second].stream)
      let matches = comparison.solutionMatches
      return Pair(
        exercise: exercise, first: names[pair.first], second: names[pair.second], score: pair.score,
        sharedTokens: pair.shared, firstTokens: pair.firstOwn, secondTokens: pair.secondOwn,
        firstContainment: pair.firstContainment, secondContainment: pair.secondContainment,
        longestPassage: pair.longest, firstInSolution: matches.isEmpty ? nil : matches[pair.first].share,
        secondInSolution: matches.isEmpty ? nil : matches[pair.second].share,
        passages: Self.places(of: pair.passages, first, second))
    }
    pairs += comparison.pairs.map(told)
    groups += comparison.groups.map { group in
      let comparisons = group.members.dropFirst().map { told(comparison.comparison(of: group.members[0], with: $0)) }
      let members = Set(group.members)
      let inside = comparison.pairs.filter { members.contains($0.first) && members.contains($0.second) }
      return Group(
        number: 0, exercise: exercise, members: group.members.map { names[$0] }, sharedTokens: group.shared,
        places: zip(group.members, comparison.commonRuns(of: group)).map { member, runs in
          runs.map { Self.place($0, in: files[member].stream) }
        }, score: inside.map(\.score).max() ?? 0, comparisons: comparisons)
    }
    guard let answer else { return }
    for (index, match) in comparison.solutionMatches.enumerated()
    where match.share >= options.comparison.solutionThreshold && match.shared >= options.comparison.sharedLength {
      nearSolution.append(
        NearSolution(
          exercise: exercise, student: names[index], share: match.share, sharedTokens: match.shared,
          longestPassage: match.passages.map(\.own).max() ?? 0,
          passages: Self.places(of: match.passages, files[index].stream, answer)))
    }
  }

  private static func places(
    of passages: [Passage], _ first: TokenStream, _ second: TokenStream
  ) -> [SharedPassage] {
    passages.map {
      SharedPassage(
        first: place($0.first..<$0.first + $0.length, in: first),
        second: place($0.second..<$0.second + $0.length, in: second), tokens: $0.own)
    }
  }

  private static func place(_ symbols: Range<Int>, in stream: TokenStream) -> Place {
    let (first, last) = (stream.tokens[symbols.lowerBound], stream.tokens[symbols.upperBound - 1])
    return Place(
      firstLine: Int(first.line) + 1, lastLine: Int(last.lastLine) + 1, start: Int(first.start), end: Int(last.end))
  }

  private mutating func numberGroups() {
    var numbers: [[String]: Int] = [:]
    for index in groups.indices {
      groups[index].number = index + 1
      let members = groups[index].members
      for (place, first) in members.enumerated() {
        for second in members[(place + 1)...] {
          let key = [groups[index].exercise, first, second]
          if numbers[key] == nil { numbers[key] = index + 1 }
        }
      }
    }
    for index in pairs.indices { pairs[index].group = numbers[pairs[index].key] }
  }

  private mutating func rank() {
    let byStudents = Dictionary(grouping: pairs) {
      [Submission.student(of: $0.first), Submission.student(of: $0.second)].sorted()
    }
    ranking = byStudents.map { students, pairs in
      Ranked(
        first: students[0], second: students[1], exercises: pairs.map(\.exercise).sorted(),
        score: pairs.map(\.score).sorted().reduce(0, +), sharedTokens: pairs.reduce(0) { $0 + $1.sharedTokens })
    }
    ranking.sort { ($1.score, $1.sharedTokens, $0.first, $0.second) < ($0.score, $0.sharedTokens, $1.first, $1.second) }
  }
}

extension SimilarityReport.Pair {
  /// What no other pair has.
  var key: [String] { [exercise, first, second] }
}

extension SimilarityReport.Group {
  /// What no other group has.
  var key: [String] { [exercise] + members }
}

/// Names in the order of a dictionary, for ties.
private func < (
  left: (Double, Int, [String]), right: (Double, Int, [String])
) -> Bool {
  if left.0 != right.0 { return left.0 < right.0 }
  return left.1 != right.1 ? left.1 < right.1 : left.2.lexicographicallyPrecedes(right.2)
}
