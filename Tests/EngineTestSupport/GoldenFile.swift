import Foundation
import Tensors

/// Golden numbers written by a script in `Tests/Oracles`, under keys such as `conv2d/in0`.
public struct GoldenFile: Sendable {
  private struct Content: Decodable {
    struct Entry: Decodable {
      let shape: [Int]
      let values: [Float]
    }
    struct Provenance: Decodable {
      let script: String
      let sha256: String
      let versions: [String: String]
    }
    let provenance: Provenance
    let values: [String: Entry]
  }

  private let tensors: [String: Tensor]

  /// The script that wrote the file, and the libraries' versions.
  public let provenance: String

  /// Reads a file.
  public init(_ url: URL) throws {
    let content = try JSONDecoder().decode(Content.self, from: Data(contentsOf: url))
    tensors = content.values.mapValues { Tensor($0.values, shape: $0.shape) }
    provenance = "\(content.provenance.script) \(content.provenance.sha256) \(content.provenance.versions)"
  }

  /// The names before the slash, sorted.
  public var cases: [String] {
    Set(tensors.keys.compactMap { $0.contains("/") ? String($0.prefix { $0 != "/" }) : nil }).sorted()
  }

  /// `<name>/<kind>0`, `<name>/<kind>1`, ….
  public func list(_ name: String, _ kind: String) -> [Tensor] {
    var found: [Tensor] = []
    while let tensor = tensors["\(name)/\(kind)\(found.count)"] { found.append(tensor) }
    return found
  }

  /// One entry by its whole key, or nil.
  public subscript(key: String) -> Tensor? { tensors[key] }
}
