import Foundation
import Tensors

/// Golden numbers written by a script in `Tests/Oracles`, under keys such as `conv2d/in0`.
public struct GoldenFile: Sendable {
  private struct Content: Decodable {
    struct Entry: Decodable {
      let shape: [Int]
      let values: [Double]
    }
    struct Provenance: Decodable {
      let script: String
      let sha256: String
      let versions: [String: String]
    }
    let provenance: Provenance
    let values: [String: Entry]
  }

  private let entries: [String: Content.Entry]

  /// The script that wrote the file, and the libraries' versions.
  public let provenance: String

  /// Reads a file.
  public init(_ url: URL) throws {
    let content = try JSONDecoder().decode(Content.self, from: Data(contentsOf: url))
    entries = content.values
    provenance = "\(content.provenance.script) \(content.provenance.sha256) \(content.provenance.versions)"
  }

  /// The names before the slash, sorted.
  public var cases: [String] {
    Set(entries.keys.compactMap { $0.contains("/") ? String($0.prefix { $0 != "/" }) : nil }).sorted()
  }

  /// `<name>/<kind>0`, `<name>/<kind>1`, ….
  public func list(_ name: String, _ kind: String) -> [Tensor] {
    var found: [Tensor] = []
    while let tensor = self["\(name)/\(kind)\(found.count)"] { found.append(tensor) }
    return found
  }

  /// One entry by its whole key, or nil.
  public subscript(key: String) -> Tensor? {
    entries[key].map { Tensor($0.values.map { Float($0) }, shape: $0.shape) }
  }

  /// The numbers of one entry, in Double; none if it is not there.
  public func numbers(_ key: String) -> [Double] { entries[key]?.values ?? [] }

  /// What is wrong with an operation's results and gradients in one case; nothing if all agree.
  ///
  /// - Parameters:
  ///   - name: of the case.
  ///   - function: from the case's inputs to its results.
  /// - Returns: a sentence for each disagreement.
  public func problems(_ name: String, _ function: ([Tensor]) -> [Tensor]) -> [String] {
    let leaves = list(name, "in").map { $0.tracked() }
    let (expected, upstream, slopes) = (list(name, "out"), list(name, "up"), list(name, "grad"))
    let outputs = function(leaves)
    guard !leaves.isEmpty, outputs.count == expected.count, slopes.count == leaves.count else {
      return ["\(name): \(leaves.count) inputs, \(outputs.count) results, expected \(expected.count)"]
    }
    var problems: [String?] = []
    var total = Tensor(0)
    for (number, output) in outputs.enumerated() {
      problems.append(difference(output, expected[number], "\(name): result \(number)"))
      if output.shape == upstream[number].shape { total += (output * upstream[number]).sum() }
    }
    for (number, gradient) in total.gradients(of: leaves).enumerated() {
      problems.append(difference(gradient, slopes[number], "\(name): gradient \(number)", tolerance: 5e-6))
    }
    return problems.compactMap { $0 }
  }
}
