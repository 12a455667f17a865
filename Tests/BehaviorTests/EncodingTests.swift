import Behavior
import Foundation
import Testing

@Test("a vocabulary numbers tokens by frequency, then by name, and knows what it does not know")
func vocabularyByFrequency() throws {
  let vocabulary = Vocabulary(counting: ["view", "cart", "view", "buy", "rare", "buy", "cart", "view"], minimum: 2)
  #expect(vocabulary.tokens == ["<unknown>", "view", "buy", "cart"])
  #expect(vocabulary.encode(["cart", "rare", "view"]) == [3, Vocabulary.unknown, 1])
  #expect(vocabulary.decode([3, 0, 1]) == ["cart", "<unknown>", "view"])
  #expect(Vocabulary(counting: ["a", "b", "a"], limit: 1).tokens == ["<unknown>", "a"])
  let copy = try JSONDecoder().decode(Vocabulary.self, from: JSONEncoder().encode(vocabulary))
  #expect(copy == vocabulary)
}

@Test("the vocabulary of actions has a number for each of them")
func vocabularyOfActions() {
  #expect(Vocabulary.actions.count == Action.known.count + 1)
  let session = Session(
    user: "u", events: [.loginApp, .view, Action(rawValue: "new")].map { Event(user: "u", time: 0, action: $0) })
  #expect(Vocabulary.actions.encode([session]) == [[9, 2, 0]])
}

@Test("padding fills the end, keeps the lengths, and cuts what is too long")
func padding() {
  let padded = PaddedSequences([[1, 2, 3], [], [4]], padding: 9)
  #expect(padded.rows == [[1, 2, 3], [9, 9, 9], [4, 9, 9]])
  #expect(padded.lengths == [3, 0, 1])
  #expect(padded.mask.scalars == [1, 1, 1, 0, 0, 0, 1, 0, 0])
  let cut = PaddedSequences([[1, 2, 3], [4]], width: 2)
  #expect(cut.rows == [[1, 2], [4, 0]])
  #expect(cut.lengths == [2, 1])
}

@Test("one-hot vectors have a single one, and none where a step is filling")
func oneHotVectors() {
  #expect(oneHot([2, 0], classes: 3).scalars == [0, 0, 1, 1, 0, 0])
  let padded = PaddedSequences([[1], [0, 1]]).oneHot(classes: 2)
  #expect(padded.shape == [2, 2, 2])
  #expect(padded.scalars == [0, 1, 0, 0, 1, 0, 0, 1])
}
