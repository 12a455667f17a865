import Classroom
import Testing

@Suite("Parts of a class")
struct ShardTests {
  @Test(
    "a part is written k/n",
    arguments: [
      ("1/1", true), ("2/8", true), ("8/8", true), ("0/8", false), ("9/8", false), ("x", false), ("1/", false),
      ("1/2/3", false), ("-1/2", false), ("1/100001", false),
    ])
  func reading(text: String, isOne: Bool) {
    #expect((Shard(text) != nil) == isOne)
    if isOne { #expect(Shard(text)?.description == text) }
  }

  @Test("every student is in one part, the same whatever the class, and with all attempts")
  func partition() throws {
    let shards = try (1...4).map { try #require(Shard(index: $0, of: 4)) }
    var sizes = [0, 0, 0, 0]
    for number in 0..<400 {
      let student = "student \(number)"
      let holders = shards.indices.filter { shards[$0].contains(student) }
      #expect(holders.count == 1)
      #expect(shards.indices.filter { shards[$0].contains("\(student)@2") } == holders)
      sizes[holders[0]] += 1
    }
    #expect(sizes.allSatisfy { $0 > 60 })
    // Known values: a part must not change from one version or machine to the next.
    #expect(shards.indices.filter { shards[$0].contains("ann") } == [KnownShard.ofAnn])
    #expect(shards.indices.filter { shards[$0].contains("李雷") } == [KnownShard.ofLiLei])
  }
}

private enum KnownShard {
  static let ofAnn = 0
  static let ofLiLei = 3
}
