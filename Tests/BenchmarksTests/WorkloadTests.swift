import Benchmarks
import EngineTestSupport
import Foundation
import Learning
import Tensors
import Testing

@Suite("The benchmark's workloads", .serialized)
struct WorkloadTests {
  // The tolerance leaves room for the order of sums: Adam divides small gradients by their own size, and the GAN's batch
  // normalisation makes some of them nothing but rounding.
  @Test("the losses of three steps are the peer's, from the same weights", arguments: networks)
  func losses(_ name: String) throws {
    let goldens = try GoldenFile(Bundle.module.bundleURL.appending(path: "Goldens/workloads.json"))
    let expected = goldens.numbers(name)
    try #require(expected.count == 3, "no golden losses of \(name)")
    let workload = try #require(Workload.all.first { $0.name == name })
    let iteration = try workload.prepare()
    for (number, loss) in expected.enumerated() {
      let found = Double(try iteration())
      #expect(abs(found - loss) <= 5e-5 * abs(loss), "step \(number): expected \(loss), found \(found)")
    }
    // Three steps change the loss by far more than the tolerance, or the test would not see the updates.
    if name != "gemm-1024" { #expect(abs(expected[2] - expected[0]) > 1e-4 * abs(expected[0])) }
  }

  @Test("one thread and three give the same bits", arguments: networks)
  func threads(_ name: String) throws {
    let workload = try #require(Workload.all.first { $0.name == name })
    func losses(_ threads: Int) throws -> [UInt32] {
      Threads.use(threads)
      defer { Threads.use(ProcessInfo.processInfo.activeProcessorCount) }
      let iteration = try workload.prepare()
      return try (0..<3).map { _ in try iteration().bitPattern }
    }
    #expect(try losses(1) == losses(3))
  }

  /// The classic learners are held to their peers in LearningTests: they draw other random numbers than a peer does.
  static let networks = Workload.all.filter { ClassicWorkload(rawValue: $0.name) == nil && $0.events == nil }.map(
    \.name)

  @Test("the detector answers the same events with the same alerts each time")
  func detection() throws {
    let workload = try #require(Workload.all.first { $0.events == 10_000 })
    let iteration = try workload.prepare()
    let scores = try iteration()
    #expect(try scores > 0 && iteration() == scores)
  }

  @Test("no two workloads have one name, and the classic learners are among them")
  func names() throws {
    let names = Workload.all.map(\.name)
    #expect(Set(names).count == names.count && names.count == Self.networks.count + ClassicWorkload.allCases.count + 1)
    #expect(names.last == "detect-10k-events")
  }

  @Test("the peak memory is that of the work, also where more was needed before")
  func memory() async {
    // In a process of its own: other tests need memory too.
    await #expect(processExitsWith: .success) {
      func grown(_ mebibytes: Int) -> Double? {
        let memory = PeakMemory()
        let tensor = Tensor(repeating: 1, shape: [mebibytes << 18])
        return tensor.count > 0 ? memory.figures?.growth : nil
      }
      guard let large = grown(64), let small = grown(4) else { return }  // the system does not tell
      precondition(large >= 60 && large < 90, "64 MiB, and \(large) were measured")
      precondition(small >= 3 && small < 30, "4 MiB, and \(small) were measured")
    }
  }

  @Test("median and minimum of the times that were taken")
  func measurement() {
    var (measurement, calls) = (Measurement(), 0)
    #expect(measurement.median.isNaN && measurement.minimum.isNaN)
    measurement.run(
      {
        calls += 1
        return 0
      }, seconds: 0)
    // Two to warm up, five that count.
    #expect(calls == 7 && measurement.times.count == 5)
    #expect(measurement.minimum == measurement.times.min() && measurement.median == measurement.times.sorted()[2])
  }
}
