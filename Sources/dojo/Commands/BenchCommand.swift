import Benchmarks
import Foundation
import Grading
import Tensors

extension Command {
  static let bench = Command(
    name: "bench", abstract: "Time the engine on training steps, and race it against Python's libraries.",
    discussion: """
      One iteration is a whole training step (forward, backward, update) or a whole fit; the figures are the median and \
      the shortest of many, after a warm-up. GFLOP/s counts the matrix products and convolutions alone. With --peers \
      every workload runs twice in turn with its peers; the ratio is that of the shortest times, which other work on \
      the machine disturbs least.
      """,
    arguments: [
      Argument(
        name: "workload", help: "What to time. (default: everything)", isRequired: false, isRepeated: true,
        completion: .words(Workload.all.map(\.name)))
    ],
    options: [
      .flag("--json", "Print one JSON object a line."),
      .value("--threads", "<n>", "How many threads compute. (default: all cores)"),
      .flag("--peers", "Also run the scripts in Tests/Peers, and print the ratio."),
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
    var ratios: [Double] = []
    for workload in workloads {
      let line = try measured(workload, peak: peak, peers)
      session.console.line(arguments.has("--json") ? try line.json() : line.row)
      if let ratio = line.ratio { ratios.append(ratio) }
    }
    if !ratios.isEmpty {
      let mean = exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
      session.console.note("Geometric mean of the ratios (\(ratios.count)): \(digits(mean, 2))")
    } else if peers != nil {
      session.console.note("No peer ran: '\(python)' has none of the libraries of Tests/Peers.")
    }
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
    let iteration = try workload.prepare()
    var ours = Measurement()
    var best: Peers.Time?
    for _ in 0..<(peers == nil ? 1 : 2) {
      try ours.run(iteration, seconds: 1)
      guard let peer = peers?.time(workload.name) else { continue }
      if let known = best {
        best = peer.min < known.min ? peer : known
      } else {
        best = peer
      }
    }
    return BenchmarkLine(
      workload: workload.name, ms: rounded(ours.median), min: rounded(ours.minimum), threads: Threads.count,
      gflops: workload.operations.map { rounded($0 / ours.minimum / 1e6) }, peak: rounded(peak), peer: best?.peer,
      peerMs: best?.ms, peerMin: best?.min)
  }

  private static func rounded(_ x: Double) -> Double { (x * 10_000).rounded() / 10_000 }
}

/// One line of the table.
private struct BenchmarkLine: Encodable {
  let workload: String
  /// The median and the shortest time in milliseconds.
  let ms, min: Double
  let threads: Int
  /// In the shortest time, where it has a meaning.
  let gflops: Double?
  /// The machine's, in GFLOP/s.
  let peak: Double
  let peer: String?
  let peerMs, peerMin: Double?
  /// How many times as fast as the peer.
  let ratio: Double?

  init(
    workload: String, ms: Double, min: Double, threads: Int, gflops: Double?, peak: Double, peer: String?,
    peerMs: Double?, peerMin: Double?
  ) {
    (self.workload, self.ms, self.min, self.threads) = (workload, ms, min, threads)
    (self.gflops, self.peak, self.peer, self.peerMs, self.peerMin) = (gflops, peak, peer, peerMs, peerMin)
    ratio = peerMin.map { ($0 / min * 1000).rounded() / 1000 }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  static func header(withPeers: Bool) -> String {
    let columns = ["ms", "min", "GFLOP/s", "% of peak"] + (withPeers ? ["peer min", "ratio"] : [])
    return line("workload", columns, withPeers ? "  peer" : "")
  }

  var row: String {
    var columns = [digits(ms, 3), digits(min, 3)]
    columns += [gflops.map { digits($0, 0) } ?? "", gflops.map { digits(100 * $0 / peak, 0) } ?? ""]
    columns += [peerMin.map { digits($0, 3) } ?? "", ratio.map { digits($0, 2) } ?? ""]
    return BenchmarkLine.line(workload, columns, peer.map { "  " + $0 } ?? "")
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
  struct Time: Decodable {
    let workload: String
    let ms, min: Double
    let peer: String?
  }

  private let python: String
  private let scripts: [String]

  init(_ python: String, _ workspace: Workspace) throws {
    let folder = workspace.root.appending(path: "Tests/Peers")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    self.python = python
    scripts = files.filter { $0.pathExtension == "py" }.map(\.path).sorted()
  }

  /// The fastest peer on a workload, or nil if there is none here.
  func time(_ workload: String) -> Time? {
    let found = scripts.compactMap { script -> Time? in
      let printed = output(of: python, [script, "--threads", "\(Threads.count)", workload]) ?? ""
      return printed.split(separator: "\n").compactMap { line in
        try? JSONDecoder().decode(Time.self, from: Data(line.utf8))
      }.first { $0.workload == workload }
    }
    return found.min { $0.min < $1.min }
  }
}
