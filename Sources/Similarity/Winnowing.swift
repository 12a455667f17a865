/// How fingerprints are taken: Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
/// Fingerprinting", SIGMOD 2003.
///
/// Every run of k symbols is hashed, and of every w hashes in a row the smallest is kept. So a shared run of at least
/// `guaranteed` = w + k − 1 symbols always leaves a shared fingerprint, and one shorter than k never does.
public struct Winnowing: Sendable, Hashable {
  /// k: how many symbols make one hash; what two files share in shorter runs is not seen.
  public var gramLength: Int

  /// w: of how many hashes in a row one is kept.
  public var window: Int

  /// A way to take fingerprints.
  ///
  /// - Precondition: both are at least 1.
  public init(gramLength: Int, window: Int) {
    precondition(gramLength >= 1 && window >= 1, "Winnowing: k = \(gramLength), w = \(window), where 1 is the least")
    self.gramLength = gramLength
    self.window = window
  }

  /// t = w + k − 1: every shared run of this many symbols is found.
  public var guaranteed: Int { window + gramLength - 1 }

  /// The hash of every run of k symbols, by its first symbol.
  ///
  /// - Parameter symbols: n numbers.
  /// - Returns: n − k + 1 hashes; none if there are fewer than k symbols.
  public func grams(_ symbols: [UInt64]) -> [UInt64] {
    guard symbols.count >= gramLength else { return [] }
    let base: UInt64 = 0x9E37_79B9_7F4A_7C15
    var leading: UInt64 = 1
    for _ in 1..<gramLength { leading = leading &* base }
    var hashes = [UInt64](repeating: 0, count: symbols.count - gramLength + 1)
    var rolling: UInt64 = 0
    for index in symbols.indices {
      // Symbols are mixed first: those of names and literals are small.
      if index >= gramLength { rolling = rolling &- mixed(symbols[index - gramLength]) &* leading }
      rolling = rolling &* base &+ mixed(symbols[index])
      if index + 1 >= gramLength { hashes[index + 1 - gramLength] = mixed(rolling) }
    }
    return hashes
  }

  /// The places of the hashes to keep: the smallest of every window, the rightmost where several are.
  ///
  /// - Parameters:
  ///   - grams: the hashes.
  ///   - excluded: which of them are no sign of anything; none of these is kept, and a shared run is sure to be found
  ///     as far as it holds none of them.
  /// - Returns: the places in `grams`, ascending. Of fewer hashes than a window has, the smallest is kept.
  public func selected(_ grams: [UInt64], excluding excluded: [Bool]) -> [Int] {
    precondition(grams.count == excluded.count, "Winnowing: \(grams.count) hashes, but \(excluded.count) marks")
    var places: [Int] = []
    var smallest = -1
    let width = min(window, grams.count)
    for end in grams.indices {
      if !excluded[end], smallest < 0 || grams[end] <= grams[smallest] { smallest = end }
      let start = end + 1 - width
      guard start >= 0 else { continue }
      if smallest >= 0, smallest < start {
        smallest = -1
        for place in start...end where !excluded[place] && (smallest < 0 || grams[place] <= grams[smallest]) {
          smallest = place
        }
      }
      if smallest >= 0, places.last != smallest { places.append(smallest) }
    }
    return places
  }
}

/// Spreads a number over all 64 bits: the finaliser of SplitMix64.
func mixed(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
