import EngineTestSupport
import Learning
import Tensors
import Testing

@Suite("What the classic learners are timed on", .serialized)
struct ClassicWorkloadTests {
  @Test("the data are the peers' data")
  func sameData() throws {
    let goldens = try classicGoldens()
    let forest = ClassicWorkload.forestRows()
    let data = [
      "kmeans": ClassicWorkload.kMeansRows().values, "iforest": ClassicWorkload.isolationRows().values,
      "rforest": forest.rows.values, "arima": ClassicWorkload.arimaSeries(),
    ]
    for (name, values) in data.sorted(by: { $0.key < $1.key }) {
      let found = [values[0], values.reduce(0, +), values.reduce(0) { $0 + abs($1) }]
      #expect(largestDifference(found, try goldens.numbers("data \(name)")) < 1e-9, "\(name)")
    }
    #expect(Double(forest.labels.reduce(0, +)) == (try goldens.number("data rforest labels")))
  }

  @Test("the same bits with 1 thread, with 2, and again", arguments: ClassicWorkload.allCases)
  func sameBits(workload: ClassicWorkload) throws {
    let run = workload.prepared()
    let count = Threads.count
    Threads.use(1)
    defer { Threads.use(count) }
    let one = try run()
    Threads.use(2)
    let two = try run()
    #expect(one.bitPattern == two.bitPattern)
    #expect(try run().bitPattern == two.bitPattern)
  }

  @Test("whole fits are equal with 1 and 2 threads, and differ between seeds")
  func sameFits() throws {
    let count = Threads.count
    defer { Threads.use(count) }
    let rows = ClassicWorkload.isolationRows().top(3000)
    let labelled = LabelledRows(
      ClassicWorkload.forestRows().rows.top(800), Array(ClassicWorkload.forestRows().labels[..<800]))
    func fits(threads: Int, seed: UInt64) throws -> (
      KMeans.Fitted, [Double], RandomForestClassifier.Fitted, KShape.Fitted
    ) {
      Threads.use(threads)
      var random = SeededRandom(seed: seed)
      return (
        try KMeans(clusters: 6).fit(rows, using: &random),
        try IsolationForest().fit(rows, using: &random).scores(of: rows),
        try RandomForestClassifier(trees: 30).fit(labelled, using: &random),
        try KShape(clusters: 3).fit(ClassicWorkload.shapes(), using: &random)
      )
    }
    let (one, two, other) = (
      try fits(threads: 1, seed: 9), try fits(threads: 2, seed: 9), try fits(threads: 2, seed: 10)
    )
    #expect(one.0 == two.0 && one.1 == two.1 && one.2 == two.2 && one.3 == two.3)
    #expect(one.0 != other.0 && one.1 != other.1 && one.2 != other.2)
  }
}
