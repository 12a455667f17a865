import Tensors

/// Tokens and their numbers. Number 0 is the unknown token.
///
///     let vocabulary = Vocabulary(counting: ["view", "cart", "view"])
///     vocabulary.tokens            // ["<unknown>", "view", "cart"]
///     vocabulary.index(of: "pay")  // 0
public struct Vocabulary: Codable, Sendable, Hashable {
  /// The number of every token that is not in the vocabulary.
  public static let unknown = 0

  /// The tokens by number; the first stands for the unknown ones.
  public let tokens: [String]

  private let indices: [String: Int]

  /// A vocabulary of the given tokens, numbered from 1 in this order; a repeated token counts once.
  public init(_ tokens: [String]) {
    var list = ["<unknown>"]
    var indices = [list[0]: 0]
    for token in tokens where indices[token] == nil {
      indices[token] = list.count
      list.append(token)
    }
    self.tokens = list
    self.indices = indices
  }

  /// The most frequent of `tokens`; equally frequent ones in alphabetical order.
  ///
  /// - Parameters:
  ///   - tokens: the running text.
  ///   - minimum: how often a token must occur.
  ///   - limit: how many tokens to keep besides the unknown one.
  public init(counting tokens: [String], minimum: Int = 1, limit: Int = .max) {
    var counts: [String: Int] = [:]
    for token in tokens { counts[token, default: 0] += 1 }
    let kept = counts.filter { $0.value >= minimum }
      .sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    self.init(kept.prefix(limit).map(\.key))
  }

  private enum CodingKeys: CodingKey { case tokens }

  /// Reads the tokens; the numbers follow from their order.
  public init(from decoder: any Decoder) throws {
    let tokens = try decoder.container(keyedBy: CodingKeys.self).decode([String].self, forKey: .tokens)
    self.init(Array(tokens.dropFirst()))
  }

  /// How many numbers there are, the unknown one included.
  public var count: Int { tokens.count }

  /// The number of a token, or `Vocabulary.unknown`.
  public func index(of token: String) -> Int { indices[token] ?? Vocabulary.unknown }

  /// The numbers of a sequence of tokens.
  public func encode(_ sequence: [String]) -> [Int] { sequence.map(index(of:)) }

  /// The tokens of a sequence of numbers.
  ///
  /// - Precondition: every number is in `0..<count`.
  public func decode(_ sequence: [Int]) -> [String] {
    sequence.map { index in
      precondition(tokens.indices.contains(index), "decode: number \(index) is outside 0..<\(count)")
      return tokens[index]
    }
  }

  /// The actions of each session as numbers.
  public func encode(_ sessions: [Session]) -> [[Int]] {
    sessions.map { session in session.events.map { index(of: $0.action.rawValue) } }
  }

  /// Every action that the simulators use.
  public static let actions = Vocabulary(Action.known.map(\.rawValue))
}

/// Sequences of different lengths in one rectangle: short ones are filled at the end.
public struct PaddedSequences: Sendable, Hashable {
  /// One row per sequence, all of one length.
  public var rows: [[Int]]

  /// How many numbers at the start of each row are real.
  public var lengths: [Int]

  /// The common length of the rows.
  public var width: Int { rows.first?.count ?? 0 }

  /// Fills up to the longest sequence, or to `width`, where longer ones lose their end.
  ///
  /// - Parameters:
  ///   - sequences: the sequences.
  ///   - width: the length of the rows, or nil for the longest.
  ///   - padding: the number to fill with.
  public init(_ sequences: [[Int]], width: Int? = nil, padding: Int = 0) {
    let width = width ?? sequences.map(\.count).max() ?? 0
    lengths = sequences.map { min($0.count, width) }
    rows = sequences.map { sequence in
      Array(sequence.prefix(width)) + [Int](repeating: padding, count: max(0, width - sequence.count))
    }
  }

  /// 1 where a number is real and 0 where it is filling, `[N, L]`.
  public var mask: Tensor {
    var mask = [Float](repeating: 0, count: rows.count * width)
    for (row, length) in lengths.enumerated() {
      for step in 0..<length { mask[row * width + step] = 1 }
    }
    return Tensor(mask, shape: [rows.count, width])
  }

  /// The rows as one-hot vectors.
  ///
  /// - Parameter classes: V; every real number must be below it.
  /// - Returns: zeros and ones, `[N, L, V]`; filled steps are all zeros.
  public func oneHot(classes: Int) -> Tensor {
    var scalars = [Float](repeating: 0, count: rows.count * width * classes)
    for (row, length) in lengths.enumerated() {
      for step in 0..<length {
        let index = rows[row][step]
        precondition(
          (0..<classes).contains(index), "oneHot: row \(row), step \(step): \(index) is outside 0..<\(classes)")
        scalars[(row * width + step) * classes + index] = 1
      }
    }
    return Tensor(scalars, shape: [rows.count, width, classes])
  }
}

/// Classes as one-hot vectors.
///
/// - Parameters:
///   - labels: N numbers in `0..<classes`.
///   - classes: V.
/// - Returns: zeros and ones, `[N, V]`.
public func oneHot(_ labels: [Int], classes: Int) -> Tensor {
  var scalars = [Float](repeating: 0, count: labels.count * classes)
  for (row, label) in labels.enumerated() {
    precondition((0..<classes).contains(label), "oneHot: row \(row): \(label) is outside 0..<\(classes)")
    scalars[row * classes + label] = 1
  }
  return Tensor(scalars, shape: [labels.count, classes])
}
