import Behavior
import Foundation
import Learning
import Simulation
import Tensors

// The harness around an implementation: a site to learn, batches, a loop of training steps, and scores for every click.

/// Page names and ids: 0 is PAD, 1 is UNK, pages begin at 2, in the order of the alphabet.
package struct NextClickVocabulary: Codable, Sendable {
  package static let pad = 0
  package static let unknown = 1
  package static let reserved: Set<Int> = [pad, unknown]

  /// What each id is called.
  package let names: [String]
  private let ids: [String: Int]

  /// The pages of some sessions: those to train on, and of no others.
  package init(_ sessions: [[PageClick]]) {
    self.init(pages: Set(sessions.joined().map(\.page)).sorted())
  }

  package init(pages: [String]) {
    names = ["PAD", "UNK"] + pages
    ids = Dictionary(uniqueKeysWithValues: pages.enumerated().map { ($1, $0 + 2) })
  }

  package var count: Int { names.count }

  package func id(of page: String) -> Int { ids[page] ?? Self.unknown }

  package func encode(_ sessions: [[PageClick]]) -> [[Int]] { sessions.map { $0.map { id(of: $0.page) } } }
}

/// Sessions side by side: what was seen and what came next, filled up with PAD on the right.
package struct NextClickBatch: Codable, Sendable {
  package var inputs: [[Int]]
  package var targets: [[Int]]

  package init(_ sessions: [[Int]], extraFilling: Int = 0) {
    let steps = (sessions.map(\.count).max() ?? 1) - 1 + extraFilling
    func filled(_ ids: some Collection<Int>) -> [Int] {
      Array(ids) + [Int](repeating: NextClickVocabulary.pad, count: steps - ids.count)
    }
    inputs = sessions.map { filled($0.dropLast()) }
    targets = sessions.map { filled($0.dropFirst()) }
  }
}

/// A simulated site and the ids of its sessions, split at 48 of 60 days: 40 pages with 12 links each, page p has id p + 2.
package struct NextClickSite {
  package static let vocabulary = 42

  package static func site(using random: inout SeededRandom) -> ClickStream {
    ClickStream(linksPerPage: 12, hubs: 0, using: &random)
  }

  package var train: [[Int]] = []
  package var test: [[Int]] = []

  package init(users: Int, using random: inout SeededRandom) {
    let clicks = Self.site(using: &random).clicks(users: users, using: &random)
    let cut = 48.0 * 86_400
    var sessions: [[Int]: [ClickStream.Click]] = [:]
    for click in clicks { sessions[[click.user, click.session], default: []].append(click) }
    for (_, session) in sessions.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let ids = session.map { $0.page + 2 }
      if session[session.count - 1].time < cut { train.append(ids) }
      if session[0].time >= cut { test.append(ids) }
    }
  }

  /// Sessions whose every click is drawn evenly from all pages: nobody can foresee them.
  package static func random(count: Int, using random: inout SeededRandom) -> [[Int]] {
    (0..<count).map { _ in (0..<10).map { _ in 2 + random.below(vocabulary - 2) } }
  }
}

/// A log to read: the clicks of a simulated site as CSV, and the names of its pages.
package enum NextClickLog {
  package static let pages = [
    "home", "search", "deals", "new-in", "brands", "women", "men", "kids", "shoes", "bags", "sport", "outdoor",
    "beauty",
    "toys", "books", "music", "phones", "laptops", "cameras", "audio", "kitchen", "garden", "furniture", "lamps",
    "pets",
    "food", "wine", "gifts", "outlet", "item", "reviews", "sizes", "wishlist", "cart", "coupons", "checkout", "orders",
    "returns", "profile", "help",
  ]

  package static func csv(_ clicks: [ClickStream.Click]) -> String {
    var lines = ["user,time,page"]
    for click in clicks { lines.append(CSV.line(["u\(click.user)", "\(click.time)", pages[click.page]])) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// When four fifths of the clicks have come.
  package static func cut(_ log: [PageClick]) -> Double {
    let times = log.map(\.time).sorted()
    return times.isEmpty ? 0 : times[times.count * 4 / 5]
  }
}

/// What a model is trained with.
package struct NextClickTraining: Codable, Sendable {
  package var vocabulary: Int
  package var epochs: Int
  package var batch = 32
  /// The first step size of Adam; it falls in a straight line, to a sixth in the last epoch of six.
  package var rate: Float = 0.012

  package init(vocabulary: Int, epochs: Int) {
    self.vocabulary = vocabulary
    self.epochs = epochs
  }
}

extension NextClickParameters {
  /// Where training starts: embeddings normal with 0 for PAD, matrices uniform in ±1/√H, a forget bias of 1.
  package static func random(
    vocabulary: Int, embedded: Int, hidden: Int, using random: inout SeededRandom
  ) -> NextClickParameters {
    let bound = 1 / Double(hidden).squareRoot()
    var embedding = Tensor.normal([vocabulary, embedded], using: &random)
    for column in 0..<embedded { embedding[NextClickVocabulary.pad, column] = 0 }
    var bias = Tensor.zeros([4 * hidden])
    for unit in hidden..<2 * hidden { bias[unit] = 1 }
    return NextClickParameters([
      embedding, .uniform([4 * hidden, embedded], in: -bound..<bound, using: &random),
      .uniform([4 * hidden, hidden], in: -bound..<bound, using: &random), bias,
      .uniform([vocabulary, hidden], in: -bound..<bound, using: &random), .zeros([vocabulary]),
    ])
  }
}

/// An implementation and the model that it trains: 24 numbers an embedding, 48 hidden units.
package struct NextClickLearner {
  private let exercise: any NextClickPredictionExercise
  private let training: NextClickTraining
  package private(set) var model: NextClickModel

  package init(
    _ exercise: any NextClickPredictionExercise, _ training: NextClickTraining, using random: inout SeededRandom
  ) {
    self.exercise = exercise
    self.training = training
    model = NextClickModel(
      parameters: .random(vocabulary: training.vocabulary, embedded: 24, hidden: 48, using: &random),
      adam: Adam(learningRate: training.rate), normLimit: 1)
  }

  /// Trains on sessions of at least two clicks.
  ///
  /// - Returns: the mean loss of each epoch, in nats a click.
  @discardableResult
  package mutating func train(
    _ sessions: [[Int]], using random: inout SeededRandom,
    progress: (_ fraction: Double, _ loss: Double) -> Void = { _, _ in },
    afterEpoch: (NextClickLearner) throws -> Void = { _ in }
  ) throws -> [Double] {
    var losses: [Double] = []
    for epoch in 0..<training.epochs {
      model.adam.learningRate = training.rate * Float(training.epochs - epoch) / Float(training.epochs)
      let order = random.permutation(of: sessions.count)
      var (sum, clicks) = (0.0, 0.0)
      for start in stride(from: 0, to: order.count, by: training.batch) {
        let end = min(start + training.batch, order.count)
        let chosen = order[start..<end].map { sessions[$0] }
        let batch = NextClickBatch(chosen)
        let loss = try exercise.trainStep(&model, inputs: batch.inputs, targets: batch.targets)
        let count = Double(chosen.reduce(0) { $0 + $1.count - 1 })
        sum += loss * count
        clicks += count
        progress((Double(epoch) + Double(end) / Double(order.count)) / Double(training.epochs), sum / clicks)
      }
      losses.append(sum / clicks)
      try afterEpoch(self)
    }
    return losses
  }

  /// The scores before each click but the first of a session, one row a click, session by session: `[M, V]`.
  ///
  /// - Parameter prefixes: sessions without their last click.
  /// - Returns: the logits.
  /// - Throws: what the implementation throws, or if its logits have another shape.
  package func scores(_ prefixes: [[Int]]) throws -> Tensor {
    var rows: [Tensor] = []
    for start in stride(from: 0, to: prefixes.count, by: 200) {
      let part = Array(prefixes[start..<min(start + 200, prefixes.count)])
      let inputs = NextClickBatch(part.map { $0 + [NextClickVocabulary.pad] }).inputs
      let logits = try exercise.forward(inputs, model.parameters)
      let expected = [part.count, inputs[0].count, training.vocabulary]
      guard logits.shape == expected else { throw BadInput("forward: expected \(expected), found \(logits.shape)") }
      let real = part.enumerated().flatMap { row, prefix in prefix.indices.map { row * expected[1] + $0 } }
      rows.append(logits.detached().reshaped([-1, training.vocabulary]).rows(real))
    }
    return .concatenated(rows)
  }
}

extension [[Int]] {
  /// Sessions without their last click: what is known before each target.
  package var prefixes: [[Int]] { map { [Int]($0.dropLast()) } }

  /// The clicks that follow, session by session.
  package var nextClicks: [Int] { flatMap { $0.dropFirst() } }
}
