import Contracts
import Curriculum
import Foundation
import Solutions
import Tensors

let itemCFShrinkageMistakes = [
  Mistake(
    UsersForItems.self, in: .itemCFShrinkage, rejectedBy: "the document's four users, by hand",
    saying: "Those are similarities of users"),
  Mistake(
    OneNormForAll.self, in: .itemCFShrinkage, rejectedBy: "the document's four users, by hand",
    saying: "You divide by one number for the whole matrix"),
  Mistake(
    OwnNearestNeighbour.self, in: .itemCFShrinkage, rejectedBy: "the document's four users, by hand",
    saying: "every item would be its own nearest neighbour"),
  Mistake(
    OwnedItemsOffered.self, in: .itemCFShrinkage, rejectedBy: "what is owned is never offered",
    saying: "the document removes scores of 0, not what is owned"),
  Mistake(
    NaNForUnbought.self, in: .itemCFShrinkage, rejectedBy: "similarities equal scikit-learn's",
    saying: "an unbought item is like no other"),
  Mistake(
    IgnoresShrinkage.self, in: .itemCFShrinkage,
    rejectedBy: "every user twice: the cosine stays, the shrunk one grows", saying: "β plays no part"),
  Mistake(
    TiesToTheLarger.self, in: .itemCFShrinkage,
    rejectedBy: "neighbours: the most similar first, ties to the smaller number",
    saying: "the one with the smaller number comes first"),
  Mistake(
    SmallestNumbersAreRecent.self, in: .itemCFShrinkage, rejectedBy: "a purchase counts half after a half-life",
    saying: "The times play no part"),
  Mistake(
    FadesByE.self, in: .itemCFShrinkage, rejectedBy: "a purchase counts half after a half-life", saying: "not e⁻¹"),
  Mistake(
    FallbackRepeats.self, in: .itemCFShrinkage, rejectedBy: "an empty or short list goes on with what is popular",
    saying: "The fallback repeats what is already listed"),
  Mistake(
    PopularForAll.self, in: .itemCFShrinkage, rejectedBy: "each user's last purchase, held out, is found more often",
    saying: "Is the list drawn from the neighbours"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: ItemCFShrinkageExercise {}

extension MostlyRight {
  var right: ItemCFShrinkage { ItemCFShrinkage() }

  func itemCosine(_ purchases: CSRMatrix, shrink: Double) throws -> Matrix {
    try right.itemCosine(purchases, shrink: shrink)
  }
  func topNeighbours(_ similarity: Matrix, k: Int) throws -> [[SimilarItem]] {
    try right.topNeighbours(similarity, k: k)
  }
  func recommend(
    history: [ItemPurchase], neighbours: [[SimilarItem]], now: Double, halfLife: Double?, n: Int, fallback: [Int]
  ) throws -> [Int] {
    try right.recommend(
      history: history, neighbours: neighbours, now: now, halfLife: halfLife, n: n, fallback: fallback)
  }
}

/// The document's product R·Rᵀ: users by users.
private struct UsersForItems: MostlyRight {
  func itemCosine(_ purchases: CSRMatrix, shrink: Double) throws -> Matrix {
    try right.itemCosine(purchases.transposed(), shrink: shrink)
  }
}

/// The document's denominator: the norm of the whole matrix, twice.
private struct OneNormForAll: MostlyRight {
  func itemCosine(_ purchases: CSRMatrix, shrink: Double) throws -> Matrix {
    let ones = purchases.dense().scalars.map { Double($0) }
    let dense = Matrix(rows: purchases.rows, columns: purchases.columns, values: ones)
    var product = dense.transposed().times(dense)
    product.values = product.values.map { $0 / Double(purchases.values.count) }
    return product
  }
}

private struct OwnNearestNeighbour: MostlyRight {
  func itemCosine(_ purchases: CSRMatrix, shrink: Double) throws -> Matrix {
    var similarity = try right.itemCosine(purchases, shrink: shrink)
    for item in 0..<similarity.rows { similarity[item, item] = 1 }
    return similarity
  }
}

/// The document's filter: it drops scores of 0 and keeps what is owned.
private struct OwnedItemsOffered: MostlyRight {
  func recommend(
    history: [ItemPurchase], neighbours: [[SimilarItem]], now: Double, halfLife: Double?, n: Int, fallback: [Int]
  ) throws -> [Int] {
    var scores = [Double](repeating: 0, count: neighbours.count)
    for purchase in history {
      for neighbour in neighbours[purchase.item] { scores[neighbour.item] += neighbour.similarity }
    }
    return Array(scores.indices.filter { scores[$0] > 0 }.sorted { scores[$0] > scores[$1] }.prefix(n))
  }
}

private struct NaNForUnbought: MostlyRight {
  func itemCosine(_ purchases: CSRMatrix, shrink: Double) throws -> Matrix {
    var similarity = try right.itemCosine(purchases, shrink: shrink)
    var buyers = [Double](repeating: 0, count: purchases.columns)
    for item in purchases.columnIndices { buyers[item] += 1 }
    for i in 0..<similarity.rows {
      for j in 0..<similarity.columns where buyers[i] * buyers[j] == 0 {
        similarity[i, j] = 0 / (buyers[i] * buyers[j]).squareRoot()
      }
    }
    return similarity
  }
}

private struct IgnoresShrinkage: MostlyRight {
  func itemCosine(_ purchases: CSRMatrix, shrink: Double) throws -> Matrix {
    try right.itemCosine(purchases, shrink: 0)
  }
}

/// What `argsort()[::-1]` gives: ties in reverse.
private struct TiesToTheLarger: MostlyRight {
  func topNeighbours(_ similarity: Matrix, k: Int) throws -> [[SimilarItem]] {
    (0..<similarity.rows).map { item in
      let row = similarity.row(item)
      let order = row.indices.filter { row[$0] > 0 }.sorted { (row[$0], $0) > (row[$1], $1) }
      return order.prefix(k).map { SimilarItem(item: $0, similarity: row[$0]) }
    }
  }
}

/// The document's "recently bought": the N smallest item numbers, here N = 2.
private struct SmallestNumbersAreRecent: MostlyRight {
  func recommend(
    history: [ItemPurchase], neighbours: [[SimilarItem]], now: Double, halfLife: Double?, n: Int, fallback: [Int]
  ) throws -> [Int] {
    let recent = history.sorted { $0.item < $1.item }.prefix(2)
    return try right.recommend(
      history: Array(recent), neighbours: neighbours, now: now, halfLife: nil, n: n, fallback: fallback)
  }
}

private struct FadesByE: MostlyRight {
  func recommend(
    history: [ItemPurchase], neighbours: [[SimilarItem]], now: Double, halfLife: Double?, n: Int, fallback: [Int]
  ) throws -> [Int] {
    // exp(−age / h) is 2^(−age / (h·ln 2)).
    try right.recommend(
      history: history, neighbours: neighbours, now: now, halfLife: halfLife.map { $0 * log(2) }, n: n,
      fallback: fallback)
  }
}

private struct FallbackRepeats: MostlyRight {
  func recommend(
    history: [ItemPurchase], neighbours: [[SimilarItem]], now: Double, halfLife: Double?, n: Int, fallback: [Int]
  ) throws -> [Int] {
    let ranked = try right.recommend(
      history: history, neighbours: neighbours, now: now, halfLife: halfLife, n: n, fallback: [])
    let owned = Set(history.map(\.item))
    return Array((ranked + fallback.filter { !owned.contains($0) }).prefix(n))
  }
}

/// The baseline: a list that looks at nobody.
private struct PopularForAll: MostlyRight {
  func recommend(
    history: [ItemPurchase], neighbours: [[SimilarItem]], now: Double, halfLife: Double?, n: Int, fallback: [Int]
  ) throws -> [Int] {
    let owned = Set(history.map(\.item))
    return Array(fallback.filter { !owned.contains($0) }.prefix(n))
  }
}
