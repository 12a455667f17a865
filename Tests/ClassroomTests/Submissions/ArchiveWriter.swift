import Foundation

@testable import Grading

/// Makes archives by hand, so that they can hold what no honest program writes.
enum ArchiveWriter {
  struct TarMember {
    var path: String
    var content = ""
    var kind: Character = "0"
    var link = ""
  }

  static func tar(_ members: [TarMember]) -> Data {
    var data = Data()
    for member in members {
      if member.path.utf8.count > 100 {  // as GNU tar has it
        data += block("././@LongLink", size: member.path.utf8.count + 1, kind: "L", link: "")
        data += padded(Data(member.path.utf8) + [0])
      }
      data += block(
        String(member.path.prefix(100)), size: member.content.utf8.count, kind: member.kind, link: member.link)
      data += padded(Data(member.content.utf8))
    }
    return data + Data(count: 1024)
  }

  private static func block(_ name: String, size: Int, kind: Character, link: String) -> Data {
    var bytes = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { bytes[offset + index] = byte }
    }
    func octal(_ number: Int, _ digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, at: 0)
    put("0000644", at: 100)
    put(octal(size, 11), at: 124)
    put("        ", at: 148)
    put(String(kind), at: 156)
    put(link, at: 157)
    put("ustar", at: 257)
    put("00", at: 263)
    put(octal(bytes.reduce(0) { $0 + Int($1) }, 6) + "\0 ", at: 148)
    return Data(bytes)
  }

  private static func padded(_ data: Data) -> Data { data + Data(count: (512 - data.count % 512) % 512) }

  static func gzip(_ data: Data) throws -> Data {
    let folder = try TemporaryFolder("dojo-tests")
    defer { folder.remove() }
    let file = folder.url.appending(path: "content")
    try data.write(to: file)
    var packed = Data()
    _ = try ProgramOutput.stream("gzip", ["-nc"], file: file, seconds: 120) { piece in
      packed += piece
      return true
    }
    return packed
  }

  struct ZipMember {
    var path: String
    var content: Data
    var isDeflated = false
    /// The bits of the general-purpose flag; the first says that there is a password.
    var flags = 0
    var unixMode = 0o100644
    var declaredSize: Int?
    var checksum: UInt32?

    init(
      _ path: String, _ content: String = "", isDeflated: Bool = false, flags: Int = 0, unixMode: Int = 0o100644,
      declaredSize: Int? = nil, checksum: UInt32? = nil
    ) {
      (self.path, self.content, self.isDeflated) = (path, Data(content.utf8), isDeflated)
      (self.flags, self.unixMode, self.declaredSize, self.checksum) = (flags, unixMode, declaredSize, checksum)
    }
  }

  static func zip(_ members: [ZipMember]) throws -> Data {
    var data = Data()
    var directory = Data()
    for member in members {
      // What gzip writes is ten bytes, the deflated content, the checksum and the length.
      let packed = try gzip(member.content)
      let content = member.isDeflated ? Data(packed.dropFirst(10).dropLast(8)) : member.content
      let checksum = member.checksum ?? packed.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
      let common =
        number(20, 2) + number(member.flags, 2) + number(member.isDeflated ? 8 : 0, 2) + number(0, 4)
        + number(Int(checksum), 4) + number(content.count, 4)
        + number(member.declaredSize ?? member.content.count, 4) + number(member.path.utf8.count, 2) + number(0, 2)
      directory += number(0x0201_4b50, 4) + Data([20, 3]) + common
      directory += number(0, 2) + number(0, 2) + number(0, 2) + number(member.unixMode << 16, 4) + number(data.count, 4)
      directory += Data(member.path.utf8)
      data += number(0x0403_4b50, 4) + common + Data(member.path.utf8) + content
    }
    let end =
      number(0x0605_4b50, 4) + number(0, 4) + number(members.count, 2) + number(members.count, 2)
      + number(directory.count, 4) + number(data.count, 4) + number(0, 2)
    return data + directory + end
  }

  private static func number(_ value: Int, _ bytes: Int) -> Data {
    Data((0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }
}
