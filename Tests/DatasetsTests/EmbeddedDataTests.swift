import Behavior
import Datasets
import Tensors
import Testing

@Test("the digits are 4,000 and 1,000, shuffled, and of every class")
func mnistIsEmbedded() throws {
  let digits = try Datasets.mnist()
  #expect(digits.train.images.shape == [4_000, 784] && digits.test.images.shape == [1_000, 784])
  for part in [digits.train, digits.test] {
    let counts = (0..<10).map { digit in part.labels.count { $0 == digit } }
    #expect(counts.allSatisfy { abs($0 * 10 - part.count) < part.count / 5 }, "\(counts)")
    #expect(Set(part.labels.prefix(60)).count == 10, "the labels are in order")
    #expect(part.pixels.max() == 255 && part.pixels.min() == 0)
  }
}

@Test("the clothes are 6,000 and 1,500, the first of them an ankle boot as in the original")
func fashionIsEmbedded() throws {
  let clothes = try Datasets.fashion()
  #expect(clothes.train.images.shape == [6_000, 784] && clothes.test.images.shape == [1_500, 784])
  #expect(clothes.train.labels.prefix(10) == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5])
  #expect(clothes.classNames[clothes.test.labels[0]] == "ankle boot")
}

@Test("images belong to their labels: the nearest class mean is right three times in five and more")
func labelsFitTheImages() throws {
  #expect(nearestMeanAccuracy(try Datasets.mnist()) > 0.75)
  #expect(nearestMeanAccuracy(try Datasets.fashion()) > 0.6)
}

@Test("the karate club has 34 members, 78 pairs, and the published normalised adjacency")
func karateIsEmbedded() throws {
  let club = try Datasets.karateClub()
  #expect(club.factions.count == 34 && club.factions.reduce(0, +) == 17)
  #expect(club.factions[0] == 0 && club.factions[33] == 1)
  #expect(club.edges.count == 78 && Set(club.edges).count == 78 && club.weights.reduce(0, +) == 231)
  var degree = [Double](repeating: 1, count: 34)
  for edge in club.edges {
    degree[edge.a] += 1
    degree[edge.b] += 1
  }
  let links = club.edges.reduce(0) { $0 + 2 / (degree[$1.a] * degree[$1.b]).squareRoot() }
  #expect(abs(links + degree.reduce(0) { $0 + 1 / $1 } - 30.702051) < 1e-6)
}

@Test("the shop's two years: 1,000 regular customers, their invoices by time, and what the articles are")
func retailIsEmbedded() throws {
  let shop = try Datasets.onlineRetail()
  #expect(shop.customers.count == 1_000 && shop.items.count == 4_433 && shop.invoices.count == 16_872)
  #expect(shop.invoices.reduce(0) { $0 + $1.lines.count } == 312_475)
  #expect(shop.purchases.count == 312_475 - 7_264)
  #expect(shop.items[0].code == "85123A" && shop.items[0].name == "WHITE HANGING HEART T-LIGHT HOLDER")
  #expect(shop.items[0].price == 2.95)
  #expect(zip(shop.invoices, shop.invoices.dropFirst()).allSatisfy { $0.time <= $1.time })
  #expect(shop.invoices.allSatisfy { (1_259_625_600..<1_323_475_200).contains($0.time) && !$0.lines.isEmpty })
  var orders = [Int](repeating: 0, count: 1_000)
  for invoice in shop.invoices where !invoice.isCancellation { orders[invoice.customer] += 1 }
  #expect(orders.allSatisfy { $0 >= 5 })
  let sessions = shop.events.sessions(gap: 3_600)
  #expect(Set(sessions.map(\.user)).count == 1_000)
  #expect(sessions.count > 10_000 && sessions.count <= shop.invoices.count)
}

/// Accuracy on the test part of the rule "the class whose mean image is nearest".
private func nearestMeanAccuracy(_ set: ImageDataset) -> Double {
  let size = set.train.height * set.train.width
  var means = [[Float]](repeating: [Float](repeating: 0, count: size), count: 10)
  for (index, label) in set.train.labels.enumerated() {
    for pixel in 0..<size { means[label][pixel] += Float(set.train.pixels[index * size + pixel]) }
  }
  for label in 0..<10 {
    let count = Float(set.train.labels.count { $0 == label })
    for pixel in 0..<size { means[label][pixel] /= count }
  }
  var right = 0
  for index in 0..<300 {
    var best = (distance: Float.infinity, label: -1)
    for label in 0..<10 {
      var distance: Float = 0
      for pixel in 0..<size {
        let difference = Float(set.test.pixels[index * size + pixel]) - means[label][pixel]
        distance += difference * difference
      }
      if distance < best.distance { best = (distance, label) }
    }
    if best.label == set.test.labels[index] { right += 1 }
  }
  return Double(right) / 300
}
