/// Pictures of 256 shades as uncompressed PNG files (ISO/IEC 15948).
enum PNG {
  /// A grey picture.
  ///
  /// - Parameters:
  ///   - pixels: brightness row by row, from 0, black, to 255, white.
  ///   - width: the pixels in a row, at least one.
  /// - Returns: the file's bytes.
  static func grey(_ pixels: [UInt8], width: Int) -> [UInt8] {
    file(pixels, width: width, colourType: 0, palette: [])
  }

  /// A picture whose pixels count into a palette.
  ///
  /// - Parameters:
  ///   - pixels: indices row by row.
  ///   - width: the pixels in a row, at least one.
  ///   - palette: 256 colours.
  /// - Returns: the file's bytes.
  static func indexed(_ pixels: [UInt8], width: Int, palette: [(red: Int, green: Int, blue: Int)]) -> [UInt8] {
    let bytes = palette.flatMap { [UInt8($0.red), UInt8($0.green), UInt8($0.blue)] }
    return file(pixels, width: width, colourType: 3, palette: chunk("PLTE", bytes))
  }

  private static func file(_ pixels: [UInt8], width: Int, colourType: UInt8, palette: [UInt8]) -> [UInt8] {
    let height = pixels.count / width
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (width + 1))
    for row in 0..<height {
      rows.append(0)  // no filter
      rows += pixels[row * width..<(row + 1) * width]
    }
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", bytes(UInt32(width)) + bytes(UInt32(height)) + [8, colourType, 0, 0, 0])
      + palette + chunk("IDAT", stored(rows)) + chunk("IEND", [])
  }

  /// A zlib stream of stored blocks (RFC 1950, RFC 1951).
  private static func stored(_ data: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let end = min(start + 65_535, data.count)
      let length = UInt16(end - start)
      result.append(end == data.count ? 1 : 0)
      for part in [length, ~length] { result += [UInt8(part & 255), UInt8(part >> 8)] }
      result += data[start..<end]
      start = end
    } while start < data.count
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in data {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return result + bytes(b << 16 | a)
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    var remainder: UInt32 = 0xFFFF_FFFF
    for byte in body { remainder = table[Int((remainder ^ UInt32(byte)) & 255)] ^ remainder >> 8 }
    return bytes(UInt32(data.count)) + body + bytes(~remainder)
  }

  /// The cyclic redundancy check of every byte.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
  }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// Bytes as base64 text (RFC 4648).
  static func base64(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group = 0
      for offset in 0..<3 { group = group << 8 | (offset < count ? Int(bytes[start + offset]) : 0) }
      for digit in 0..<4 { result.append(digit <= count ? digits[group >> (18 - 6 * digit) & 63] : 0x3D) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
