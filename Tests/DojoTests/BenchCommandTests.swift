import Benchmarks
import Foundation
import Testing

@Suite("dojo bench")
struct BenchCommandTests {
  @Test("--json prints one object a line with the documented keys")
  func json() throws {
    let result = try Playground().dojo(
      "bench", "dqn-mlp64x2-b64", "autoencoder-784-b32", "--json", "--threads", "1")
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n")
    try #require(lines.count == 2)
    for (line, name) in zip(lines, ["dqn-mlp64x2-b64", "autoencoder-784-b32"]) {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let memory: Set = FileManager.default.fileExists(atPath: "/proc/self/status") ? ["memory", "resident"] : []
      #expect(Set(object.keys) == memory.union(["workload", "ms", "min", "threads", "gflops", "peak"]))
      #expect(object["workload"] as? String == name && object["threads"] as? Int == 1)
      let (ms, min) = (try #require(object["ms"] as? Double), try #require(object["min"] as? Double))
      #expect(min > 0 && ms >= min)
      #expect(try #require(object["peak"] as? Double) > 0 && #require(object["gflops"] as? Double) > 0)
    }
    #expect(result.error.contains("multiply-add peak, --threads 1: "))
  }

  @Test(
    "a wrong command line says what is wrong, and exits with 64",
    arguments: [
      (["gemm-1023"], "There is no workload 'gemm-1023'. Did you mean 'gemm-1024'?"),
      (["gemm-1024", "--threads", "0"], "from 1 to 256"), (["gemm-1024", "--peer"], "Did you mean '--peers'?"),
    ])
  func usageErrors(_ words: [String], _ sentence: String) throws {
    let result = try Playground().dojo(["bench"] + words)
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.error.hasPrefix("error: ") && result.error.contains(sentence))
  }

  @Test("completion scripts offer the workloads")
  func completions() throws {
    let script = try Playground().dojo("--generate-completion-script", "bash").output
    #expect(Workload.all.allSatisfy { script.contains($0.name) })
  }

  @Test("peers' lines give the ratios of the shortest times, the fastest peer first")
  func peers() throws {
    let playground = try Playground()
    // The shell stands in for Python: a script is run, and prints a line.
    for (name, min) in [("slow", 3000), ("fast", 2000)] {
      let figures = #""ms": 4000, "min": \#(min), "peer": "\#(name)", "memory": 7, "resident": 90"#
      try playground.write(
        "echo '{\"workload\": \"dqn-mlp64x2-b64\", \(figures)}'\n", to: "Tests/Peers/\(name).py")
    }
    try playground.write("exit 1\n", to: "Tests/Peers/broken.py")
    let result = try playground.dojo("bench", "dqn-mlp64x2-b64", "--json", "--peers", "--python", "sh")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(object["peer"] as? String == "fast" && object["peerMin"] as? Double == 2000)
    let (min, ratio) = (try #require(object["min"] as? Double), try #require(object["ratio"] as? Double))
    #expect(abs(ratio * min - 2000) < 1)
    let peers = try #require(object["peers"] as? [[String: Any]])
    #expect(peers.map { $0["peer"] as? String } == ["fast", "slow"] && peers[1]["memory"] as? Double == 7)
    for what in ["fast", "slow", "the best peer"] {
      #expect(result.error.contains("Geometric mean of the ratios to \(what) (1): "))
    }
    let table = try playground.dojo("bench", "dqn-mlp64x2-b64", "--peers", "--python", "sh").output
    #expect(table.contains("fast 2000.000 (") && table.contains("; slow 3000.000 (") && table.contains(", 7.0 MiB)"))
  }

  @Test("without a peer the figures come all the same")
  func withoutPeers() throws {
    let playground = try Playground()
    try playground.write("", to: "Tests/Peers/none.py")
    let none = try playground.dojo("bench", "dqn-mlp64x2-b64", "--json", "--peers", "--python", "no-such-python")
    #expect(none.status == 0 && none.error.contains("No peer ran") && !none.output.contains("ratio"))
    #expect(none.output.contains(#""peers":[]"#))
  }
}
