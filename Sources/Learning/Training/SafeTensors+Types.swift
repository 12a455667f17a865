import Foundation
import Tensors

extension SafeTensors {
  /// A type of number in a file.
  public enum NumberType: String, Codable, Sendable, CaseIterable {
    /// IEEE 754 numbers of 32 bits: a tensor's own.
    case float32 = "F32"
    /// IEEE 754 numbers of 16 bits: 11 bits of precision, at most 65,504.
    case float16 = "F16"
    /// The upper half of a Float32: 8 bits of precision and its whole range.
    case bfloat16 = "BF16"
    /// Whole numbers of 64 bits.
    case int64 = "I64"

    /// How many bytes a number takes.
    var size: Int {
      switch self {
      case .float32: 4
      case .float16, .bfloat16: 2
      case .int64: 8
      }
    }
  }

  /// The bytes of a tensor's numbers as `type`, the nearest there is, ties to even.
  ///
  /// - Throws: `SafeTensorsError.inexact` where a number is not whole and the type is `int64`.
  static func bytes(of tensor: Tensor, as type: NumberType, name: String) throws -> Data {
    let scalars = tensor.scalars
    var data = Data(capacity: scalars.count * type.size)
    func append<Bits: FixedWidthInteger>(_ bits: Bits) {
      withUnsafeBytes(of: bits.littleEndian) { data.append(contentsOf: $0) }
    }
    switch type {
    case .float32: for x in scalars { append(x.bitPattern) }
    case .float16: for x in scalars { append(Float16(x).bitPattern) }
    case .bfloat16: for x in scalars { append(upperHalf(of: x)) }
    case .int64:
      for x in scalars {
        guard let whole = Int64(exactly: x) else { throw SafeTensorsError.inexact(name: name, "\(x)") }
        append(whole)
      }
    }
    return data
  }

  /// The numbers in `data`, each exactly.
  ///
  /// - Throws: `SafeTensorsError.inexact` where a whole number has more bits than a Float32.
  static func numbers(in data: Data, as type: NumberType, name: String) throws -> [Float] {
    switch type {
    case .float32: return words(data).map { Float(bitPattern: $0) }
    case .float16: return words(data).map { Float(Float16(bitPattern: $0)) }
    case .bfloat16: return words(data).map { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .int64:
      return try words(data).map { (whole: Int64) in
        guard let x = Float(exactly: whole) else { throw SafeTensorsError.inexact(name: name, "\(whole)") }
        return x
      }
    }
  }

  /// The little-endian words in `data`.
  static func words<Bits: FixedWidthInteger>(_ data: Data) -> [Bits] {
    data.withUnsafeBytes { buffer in
      (0..<buffer.count / MemoryLayout<Bits>.size).map { index in
        Bits(littleEndian: buffer.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self))
      }
    }
  }

  /// The upper 16 bits of the nearest number that has no others, ties to even; NaN stays NaN.
  private static func upperHalf(of x: Float) -> UInt16 {
    if x.isNaN { return UInt16(x.bitPattern >> 16) | 0x40 }
    let bits = x.bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }
}
