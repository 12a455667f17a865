import Contracts
import Foundation
import Tensors

/// Golden numbers of one exercise, from an independent oracle.
///
/// `Sources/Curriculum/Goldens/LSTMCell.json` is written by `Tests/Oracles/LSTMCell.py` through `Tests/Oracles/golden.py`,
/// which records the libraries' versions and the script's hash:
///
///     {"provenance": {"script": …, "sha256": …, "versions": {…}}, "values": {"h": {"shape": [3, 4], "values": […]}, …}}
public struct Goldens: Sendable {
  private struct File: Decodable {
    struct Entry: Decodable {
      let shape: [Int]
      let values: [Double]
    }
    let values: [String: Entry]
  }

  private let entries: [String: File.Entry]
  private let name: String

  /// Reads an exercise's golden numbers.
  ///
  /// - Throws: `BadInput` if the file is missing or malformed.
  public init(_ name: String) throws {
    self.name = name
    guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Goldens") else {
      throw BadInput("Goldens/\(name).json is missing; run Tests/Oracles/\(name).py")
    }
    entries = try JSONDecoder().decode(File.self, from: try Data(contentsOf: url)).values
  }

  /// A tensor, rounded to Float32.
  public func tensor(_ key: String) throws -> Tensor {
    let entry = try entry(key)
    return Tensor(entry.values.map { Float($0) }, shape: entry.shape)
  }

  /// The numbers of an entry, row-major.
  public func numbers(_ key: String) throws -> [Double] { try entry(key).values }

  /// The whole numbers of an entry, row-major.
  public func integers(_ key: String) throws -> [Int] { try entry(key).values.map { Int($0) } }

  /// An entry of one number.
  public func number(_ key: String) throws -> Double {
    let values = try entry(key).values
    guard values.count == 1 else {
      throw BadInput("Goldens/\(name).json: \(key) holds \(values.count) numbers, not one")
    }
    return values[0]
  }

  private func entry(_ key: String) throws -> File.Entry {
    guard let entry = entries[key] else { throw BadInput("Goldens/\(name).json has no entry \(key)") }
    return entry
  }
}
