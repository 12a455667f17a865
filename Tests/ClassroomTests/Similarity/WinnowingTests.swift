import Similarity
import Testing

@Suite("Winnowing")
struct WinnowingTests {
  /// A small generator of numbers, the same in every run.
  struct Numbers {
    var state: UInt64
    mutating func next(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(limit))
    }
  }

  /// Symbols from `first` on, a few of them, so that they repeat.
  private func stream(_ count: Int, from first: Int, using numbers: inout Numbers) -> [UInt64] {
    (0..<count).map { _ in UInt64(first + numbers.next(below: 40)) }
  }

  private func fingerprints(_ symbols: [UInt64], _ winnowing: Winnowing) -> Set<UInt64> {
    let grams = winnowing.grams(symbols)
    let none = [Bool](repeating: false, count: grams.count)
    return Set(winnowing.selected(grams, excluding: none).map { grams[$0] })
  }

  @Test(
    "a shared run of w + k − 1 symbols leaves a shared fingerprint, one of k − 1 never",
    arguments: [(10, 6), (5, 4), (12, 1), (1, 3), (1, 1), (3, 9)])
  func guarantee(gramLength: Int, window: Int) {
    let winnowing = Winnowing(gramLength: gramLength, window: window)
    var numbers = Numbers(state: UInt64(gramLength * 100 + window))
    for trial in 0..<120 {
      // Two texts of different symbols, and a run of common ones in each, anywhere.
      func planted(_ run: [UInt64], alphabet: Int) -> [UInt64] {
        stream(numbers.next(below: 80), from: alphabet, using: &numbers) + run
          + stream(numbers.next(below: 80), from: alphabet, using: &numbers)
      }
      let long = stream(winnowing.guaranteed + trial % 3, from: 1000, using: &numbers)
      let first = fingerprints(planted(long, alphabet: 0), winnowing)
      let second = fingerprints(planted(long, alphabet: 100), winnowing)
      #expect(!first.isDisjoint(with: second), "trial \(trial)")

      let short = stream(gramLength - 1, from: 1000, using: &numbers)
      let third = fingerprints(planted(short, alphabet: 0), winnowing)
      let fourth = fingerprints(planted(short, alphabet: 100), winnowing)
      #expect(third.isDisjoint(with: fourth), "trial \(trial)")
    }
  }

  @Test("the rolling hash of a run is the same wherever it stands")
  func rolling() {
    let winnowing = Winnowing(gramLength: 4, window: 2)
    let run: [UInt64] = [7, 1, 1, 9]
    let alone = winnowing.grams(run)
    #expect(alone.count == 1)
    for before in 0..<9 {
      let symbols = (0..<UInt64(before)).map { $0 + 20 } + run + [3, 3, 3]
      #expect(winnowing.grams(symbols)[before] == alone[0])
    }
    #expect(winnowing.grams([1, 2, 3]).isEmpty)
  }

  @Test("every window without excluded hashes keeps its smallest, the rightmost of equals")
  func selection() {
    let winnowing = Winnowing(gramLength: 1, window: 3)
    let grams: [UInt64] = [77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98]
    let none = [Bool](repeating: false, count: grams.count)
    #expect(winnowing.selected(grams, excluding: none) == [2, 3, 6, 8, 11, 14, 15])
    var some = none
    some[3] = true
    some[8] = true
    let kept = winnowing.selected(grams, excluding: some)
    #expect(!kept.contains(3) && !kept.contains(8))
    #expect(kept == [2, 5, 6, 9, 10, 11, 14, 15])
  }
}
