import Foundation

extension Tensor: Codable {
  private enum CodingKeys: String, CodingKey {
    case shape, float32
  }

  /// Decodes a tensor. The data may come from a process that is not trusted: a shape that does not fit throws.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let shape = try container.decode([Int].self, forKey: .shape)
    let bytes = try container.decode(Data.self, forKey: .float32)
    var count = 1
    for axis in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis)
      guard axis >= 0, !overflow else {
        throw DecodingError.dataCorruptedError(forKey: .shape, in: container, debugDescription: "shape \(shape)")
      }
      count = product
    }
    guard bytes.count % 4 == 0, bytes.count / 4 == count else {
      throw DecodingError.dataCorruptedError(
        forKey: .float32, in: container, debugDescription: "\(bytes.count) bytes for shape \(shape)")
    }
    let scalars = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      _ = bytes.copyBytes(to: buffer)
      initialized = count
    }
    self.init(scalars, shape: shape)
  }

  /// Encodes the shape and the numbers as little-endian Float32 bytes.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    try container.encode(scalars.withUnsafeBytes { Data($0) }, forKey: .float32)
  }
}
