import Benchmarks
import Curriculum
import Foundation
import Grading
import Tensors

extension Command {
  static let bench = Command(
    name: "bench", abstract: "Time the engine on training steps, and race it against Python's libraries.",
    discussion: """
      One iteration is a whole training step (forward, backward, update), a whole fit, or 10,000 events through the \
      detector; the figures are the median and \
      the shortest of many, after a warm-up. GFLOP/s counts the matrix products and convolutions alone. With --peers \
      every workload runs twice in turn with its peers; a ratio is that of the shortest times, which other work on the \
      machine disturbs least, and above 1 where this package is faster. MiB is the most resident memory that the \
      workload added. docs/benchmark.md explains every figure.
      """,
    arguments: [
      Argument(
        name: "workload", help: "What to time. (default: everything)", isRequired: false, isRepeated: true,
        completion: .words(Workload.all.map(\.name)))
    ],
    options: [
      .flag("--json", "Print one JSON object a line."),
      .value("--threads", "<n>", "How many threads compute. (default: all cores)"),
      .flag("--peers", "Also run the scripts in Tests/Peers, and print the ratios."),
      .value("--python", "<program>", "The Python that runs the peers. (default: python3)", completion: .file),
    ]
  ) { arguments, session in
    let workloads = try chosenWorkloads(arguments.positionals)
    if let threads = try arguments.number("--threads", in: 1...256, as: Int.self) { Threads.use(threads) }
    let python = arguments.value("--python") ?? "python3"
    let peers = arguments.has("--peers") ? try Peers(python, session.workspace()) : nil

    let peak = multiplyAddPeak()
    session.console.note("The machine's multiply-add peak, --threads \(Threads.count): \(digits(peak, 0)) GFLOP/s")
    if !arguments.has("--json") { session.console.line(BenchmarkLine.header(withPeers: peers != nil)) }
    var lines: [BenchmarkLine] = []
    for workload in workloads {
      let line = try measured(workload, peak: peak, peers)
      session.console.line(arguments.has("--json") ? try line.json() : line.row)
      lines.append(line)
    }
    if peers != nil { summary(of: lines, python).forEach(session.console.note) }
    return .success
  }

  private static func chosenWorkloads(_ names: [String]) throws -> [Workload] {
    if names.isEmpty { return Workload.all }
    return try names.map { name in
      guard let workload = Workload.all.first(where: { $0.name == name }) else {
        let known = Workload.all.map(\.name)
        throw UsageError(
          "There is no workload '\(name)'.\(didYouMean(name, known)) There are: \(known.joined(separator: ", ")).")
      }
      return workload
    }
  }

  /// Times one workload, with peers twice in turn.
  private static func measured(_ workload: Workload, peak: Double, _ peers: Peers?) throws -> BenchmarkLine {
    let memory = PeakMemory()
    let iteration = try workload.prepare()
    var ours = Measurement()
    var found: [Peers.Figures] = []
    for _ in 0..<(peers == nil ? 1 : 2) {
      try ours.run(iteration, seconds: 1)
      found += peers?.figures(workload.name) ?? []
    }
    return BenchmarkLine(
      workload: workload.name, ms: rounded(ours.median), min: rounded(ours.minimum), threads: Threads.count,
      eventsPerSecond: workload.events.map { (1_000 * Double($0) / ours.minimum).rounded() },
      gflops: workload.operations.map { rounded($0 / ours.minimum / 1e6) }, peak: rounded(peak),
      memory: memory.figures, peers: peers.map { _ in Peers.best(found) })
  }

  /// The geometric means of the ratios, to the best peer of each workload and to each peer.
  private static func summary(of lines: [BenchmarkLine], _ python: String) -> [String] {
    func mean(_ what: String, _ ratios: [Double]) -> String {
      let mean = exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
      return "Geometric mean of the ratios to \(what) (\(ratios.count)): \(digits(mean, 2))"
    }
    let best = lines.compactMap(\.ratio)
    if best.isEmpty { return ["No peer ran: '\(python)' has none of the libraries of Tests/Peers."] }
    let each = Dictionary(grouping: lines.flatMap { line in (line.peers ?? []).map { ($0.peer, $0.min / line.min) } }) {
      $0.0
    }
    return each.sorted { $0.key < $1.key }.map { mean($0.key, $0.value.map(\.1)) } + [mean("the best peer", best)]
  }

  private static func rounded(_ x: Double) -> Double { (x * 10_000).rounded() / 10_000 }
}

/// One line of the table.
private struct BenchmarkLine: Encodable {
  let workload: String
  /// The median and the shortest time in milliseconds.
  let ms, min: Double
  let threads: Int
  /// In the shortest time, of a workload that answers events.
  let eventsPerSecond: Double?
  /// In the shortest time, where it has a meaning.
  let gflops: Double?
  /// The machine's, in GFLOP/s.
  let peak: Double
  /// The most resident memory in MiB: what the workload added, and all in all.
  let memory, resident: Double?
  /// All that ran, the fastest first; nil if none was asked for.
  let peers: [Peers.Figures]?
  /// The fastest one.
  let peer: String?
  let peerMs, peerMin: Double?
  /// How many times as fast as the fastest peer.
  let ratio: Double?

  init(
    workload: String, ms: Double, min: Double, threads: Int, eventsPerSecond: Double?, gflops: Double?, peak: Double,
    memory: PeakMemory.Figures?, peers: [Peers.Figures]?
  ) {
    (self.workload, self.ms, self.min, self.threads) = (workload, ms, min, threads)
    (self.eventsPerSecond, self.gflops, self.peak, self.peers) = (eventsPerSecond, gflops, peak, peers)
    self.memory = memory.map { ($0.growth * 10).rounded() / 10 }
    resident = memory.map { ($0.resident * 10).rounded() / 10 }
    (peer, peerMs, peerMin) = (peers?.first?.peer, peers?.first?.ms, peers?.first?.min)
    ratio = peers?.first.map { ($0.min / min * 1000).rounded() / 1000 }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  static func header(withPeers: Bool) -> String {
    let columns = ["ms", "min", "GFLOP/s", "% of peak", "MiB"] + (withPeers ? ["ratio"] : [])
    return line("workload", columns, withPeers ? "  peers, the fastest first: min (ratio, MiB)" : "")
  }

  var row: String {
    var columns = [digits(ms, 3), digits(min, 3)]
    columns += [gflops.map { digits($0, 0) } ?? "", gflops.map { digits(100 * $0 / peak, 0) } ?? ""]
    columns.append(memory.map { digits($0, 1) } ?? "")
    let rate = eventsPerSecond.map { "  \(digits($0, 0)) events/s" } ?? ""
    guard let peers else { return BenchmarkLine.line(workload, columns, rate) }
    columns.append(ratio.map { digits($0, 2) } ?? "")
    let others = peers.map { peer in
      let memory = peer.memory.map { ", \(digits($0, 1)) MiB" } ?? ""
      return "\(peer.peer) \(digits(peer.min, 3)) (\(digits(peer.min / min, 2))\(memory))"
    }
    return BenchmarkLine.line(workload, columns, rate + "  " + others.joined(separator: "; "))
  }

  private static func line(_ name: String, _ columns: [String], _ end: String) -> String {
    let cells = columns.map { String(repeating: " ", count: max(10 - $0.count, 0)) + $0 }
    return name.padding(toLength: 30, withPad: " ", startingAt: 0) + cells.joined() + end
  }
}

private func digits(_ x: Double, _ count: Int) -> String { String(format: "%.\(count)f", x) }

/// The scripts that time other libraries on the same workloads.
private struct Peers {
  /// What a script prints for a workload.
  struct Figures: Codable {
    let workload: String
    let peer: String
    let ms, min: Double
    /// The most resident memory in MiB: what the workload added, and all in all.
    let memory, resident: Double?
  }

  private let python: String
  private let scripts: [String]

  init(_ python: String, _ workspace: Workspace) throws {
    let folder = workspace.root.appending(path: "Tests/Peers")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    self.python = python
    scripts = files.filter { $0.pathExtension == "py" }.map(\.path).sorted()
  }

  /// What the peers needed for a workload, each in a process of its own.
  func figures(_ workload: String) -> [Figures] {
    scripts.compactMap { script in
      let printed = output(of: python, [script, "--threads", "\(Threads.count)", workload]) ?? ""
      return printed.split(separator: "\n").compactMap { line in
        try? JSONDecoder().decode(Figures.self, from: Data(line.utf8))
      }.first { $0.workload == workload }
    }
  }

  /// Of each peer's runs the fastest; the fastest peer first.
  static func best(_ runs: [Figures]) -> [Figures] {
    Dictionary(grouping: runs, by: \.peer).values.compactMap { $0.min { $0.min < $1.min } }
      .sorted { ($0.min, $0.peer) < ($1.min, $1.peer) }
  }
}
