import Foundation
import Grading

/// A `.zip`, read by its table of contents; only wanted files are unpacked, and none of them to disk.
///
/// A member's deflated bytes are what a gzip file has between its header and its checksum, so `gzip` unpacks them, and
/// compares the checksum.
struct ZipSource: SubmissionSource {
  let file: URL

  func entries(isWanted: (Substring) -> Bool) throws -> [SubmissionEntry] {
    let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    guard size <= SubmissionLimits.archiveBytes else {
      throw BrokenArchive("is larger than \(SubmissionLimits.archiveBytes >> 20) MB")
    }
    let archive = ZipBytes(data: try Data(contentsOf: file, options: .mappedIfSafe))
    return try withoutActuallyEscaping(isWanted) { isWanted in
      var members = MemberList(isWanted: isWanted)
      try archive.forEachMember { member in
        if member.path.hasSuffix("/") || member.path.hasSuffix("\\") { return }
        guard let path = try members.wants(member.path, refusal: member.refusal) else { return }
        members.add(path, try content(of: member, in: archive))
      }
      return members.entries
    }
  }

  private func content(of member: ZipBytes.Member, in archive: ZipBytes) throws -> SubmissionEntry.Content {
    guard member.size <= SubmissionLimits.fileBytes else { return .tooLong }
    guard let packed = archive.bytes(of: member) else { return .refused("damaged") }
    switch member.method {
    case 0: return packed.count == member.size ? .file(packed) : .refused("damaged")
    case 8:
      do {
        return .file(try inflate(packed, member))
      } catch is BrokenArchive {
        return .refused("damaged")
      }
    default: return .refused("packed in a way that is not read here (method \(member.method))")
    }
  }

  private func inflate(_ packed: Data, _ member: ZipBytes.Member) throws -> Data {
    var wrapped = Data([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]) + packed
    for number in [member.checksum, UInt32(truncatingIfNeeded: member.size)] {
      withUnsafeBytes(of: number.littleEndian) { wrapped.append(contentsOf: $0) }
    }
    let folder = try TemporaryFolder("dojo-member")
    defer { folder.remove() }
    let file = folder.url.appending(path: "member.gz")
    try wrapped.write(to: file)
    var content = Data()
    try gunzip(file) { piece in
      content += piece
      return content.count <= member.size
    }
    guard content.count == member.size else { throw BrokenArchive("is damaged") }
    return content
  }
}

/// A zip file's bytes; every number in them is doubted.
private struct ZipBytes {
  let data: Data

  struct Member {
    var path: String
    var method: Int
    var checksum: UInt32
    var packedSize: Int
    var size: Int
    var offset: Int
    /// Why it is not to be read.
    var refusal: String?
  }

  /// Reads the table of contents.
  func forEachMember(_ body: (Member) throws -> Void) throws {
    guard let end = endOfDirectory else { throw BrokenArchive("is damaged, or no zip file") }
    var position = end.start
    for _ in 0..<end.count {
      guard number(position, 4) == 0x0201_4b50, let nameLength = number(position + 28, 2),
        let extraLength = number(position + 30, 2), let commentLength = number(position + 32, 2),
        let name = slice(position + 46, nameLength), let extra = slice(position + 46 + nameLength, extraLength)
      else { throw BrokenArchive("is damaged") }
      try body(member(at: position, name: name, extra: extra))
      position += 46 + nameLength + extraLength + commentLength
    }
  }

  private func member(at position: Int, name: Data, extra: Data) -> Member {
    func field(_ offset: Int, _ length: Int) -> Int { number(position + offset, length) ?? 0 }
    var member = Member(
      path: String(decoding: name, as: UTF8.self), method: field(10, 2),
      checksum: UInt32(truncatingIfNeeded: field(16, 4)), packedSize: field(20, 4), size: field(24, 4),
      offset: field(42, 4))
    // Sizes beyond 4 GB, or just written so, are in an extra field, in this order.
    var large = largeSizes(extra)
    if member.size == 0xffff_ffff { member.size = large.popFirst() ?? Int.max }
    if member.packedSize == 0xffff_ffff { member.packedSize = large.popFirst() ?? Int.max }
    if member.offset == 0xffff_ffff { member.offset = large.popFirst() ?? Int.max }
    let unixMode = field(5, 1) == 3 ? field(40, 2) : 0
    switch unixMode & 0o170000 {
    case 0, 0o100000, 0o040000: break
    case 0o120000: member.refusal = "a symbolic link; links are never followed"
    default: member.refusal = "not an ordinary file"
    }
    if field(8, 2) & 1 != 0 { member.refusal = "locked with a password" }
    return member
  }

  private func largeSizes(_ extra: Data) -> ArraySlice<Int> {
    let extra = ZipBytes(data: extra)
    var position = 0
    while let kind = extra.number(position, 2), let length = extra.number(position + 2, 2) {
      if kind == 1 {
        return stride(from: position + 4, to: position + 4 + length - 7, by: 8).map { extra.number($0, 8) ?? Int.max }[
          ...]
      }
      position += 4 + length
    }
    return []
  }

  func bytes(of member: Member) -> Data? {
    guard number(member.offset, 4) == 0x0403_4b50, let nameLength = number(member.offset + 26, 2),
      let extraLength = number(member.offset + 28, 2)
    else { return nil }
    return slice(member.offset + 30 + nameLength + extraLength, member.packedSize)
  }

  /// The record at the file's end, before which only a comment may come.
  private var endOfDirectory: (start: Int, count: Int)? {
    var position = data.count - 22
    while position >= max(0, data.count - 22 - 0xffff) {
      if number(position, 4) == 0x0605_4b50, let count = number(position + 10, 2), let start = number(position + 16, 4)
      {
        if count < 0xffff, start < 0xffff_ffff { return (start, count) }
        // A locator before it leads to a record with wider numbers.
        guard number(position - 20, 4) == 0x0706_4b50, let wide = number(position - 12, 8),
          number(wide, 4) == 0x0606_4b50, let count = number(wide + 32, 8), let start = number(wide + 48, 8)
        else { return nil }
        return (start, count)
      }
      position -= 1
    }
    return nil
  }

  private func slice(_ offset: Int, _ count: Int) -> Data? {
    guard offset >= 0, count >= 0, offset <= data.count, count <= data.count - offset else { return nil }
    return data[(data.startIndex + offset)..<(data.startIndex + offset + count)]
  }

  /// A little-endian number that fits an `Int`.
  private func number(_ offset: Int, _ bytes: Int) -> Int? {
    guard let field = slice(offset, bytes) else { return nil }
    return Int(exactly: field.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
