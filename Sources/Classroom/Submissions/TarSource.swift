import Foundation

/// A `.tar` or `.tar.gz`, read from front to back. Nothing of it is written to disk, so nothing in it can be hostile
/// but by its length.
struct TarSource: SubmissionSource {
  let file: URL
  let isCompressed: Bool

  func entries(isWanted: (Substring) -> Bool) throws -> [SubmissionEntry] {
    try withoutActuallyEscaping(isWanted) { isWanted in
      let reader = TarReader(isWanted: isWanted)
      if isCompressed {
        try gunzip(file) { piece in try reader.add(piece) }
      } else {
        let handle = try FileHandle(forReadingFrom: file)
        while let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty {
          if try !reader.add(piece) { break }
        }
      }
      return try reader.finish()
    }
  }
}

/// Takes a tar stream apart: POSIX `ustar`, with the long names of GNU and of `pax`.
private final class TarReader {
  private static let blockBytes = 512
  private static let longNameBytes = 1 << 16

  private enum Body {
    case skipped
    case member(String)
    case longName
    case attributes
  }

  private var members: MemberList
  private var block: [UInt8] = []
  private var body = Body.skipped
  private var content: [UInt8] = []
  private var bytesLeft = 0  // of the body, without its padding
  private var paddingLeft = 0
  private var longName: String?
  private var longSize: Int?
  private var total = 0
  private var hasEnded = false

  init(isWanted: @escaping (Substring) -> Bool) {
    members = MemberList(isWanted: isWanted)
  }

  /// Takes the next bytes in.
  ///
  /// - Returns: whether more are wanted.
  func add(_ piece: Data) throws -> Bool {
    total += piece.count
    guard total <= SubmissionLimits.unpackedBytes else {
      throw BrokenArchive("unpacks to more than \(SubmissionLimits.unpackedBytes >> 20) MB")
    }
    var rest = piece[...]
    while !rest.isEmpty, !hasEnded {
      if bytesLeft > 0 {
        let count = min(bytesLeft, rest.count)
        if case .skipped = body {} else { content.append(contentsOf: rest.prefix(count)) }
        bytesLeft -= count
        rest = rest.dropFirst(count)
        if bytesLeft == 0 { endBody() }
      } else if paddingLeft > 0 {
        let count = min(paddingLeft, rest.count)
        paddingLeft -= count
        rest = rest.dropFirst(count)
      } else {
        let count = min(Self.blockBytes - block.count, rest.count)
        block.append(contentsOf: rest.prefix(count))
        rest = rest.dropFirst(count)
        if block.count == Self.blockBytes {
          try readHeader()
          block.removeAll(keepingCapacity: true)
        }
      }
    }
    return !hasEnded
  }

  func finish() throws -> [SubmissionEntry] {
    guard total > 0, block.isEmpty, bytesLeft == 0 else { throw BrokenArchive("ends too early") }
    return members.entries
  }

  private func readHeader() throws {
    if block.allSatisfy({ $0 == 0 }) {
      hasEnded = true
      return
    }
    let sum = block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    guard octal(148..<156) == sum, let declared = octal(124..<136) else { throw BrokenArchive("is damaged") }
    let size = longSize ?? declared
    guard size >= 0, size <= SubmissionLimits.unpackedBytes else {
      throw BrokenArchive("unpacks to more than \(SubmissionLimits.unpackedBytes >> 20) MB")
    }
    bytesLeft = size
    paddingLeft = (Self.blockBytes - size % Self.blockBytes) % Self.blockBytes
    content.removeAll(keepingCapacity: true)
    try chooseBody(size)
    if bytesLeft == 0 { endBody() }
  }

  private func chooseBody(_ size: Int) throws {
    let kind = Character(UnicodeScalar(block[156]))
    if kind == "L" || kind == "x" {
      guard size <= Self.longNameBytes else { throw BrokenArchive("is damaged") }
      body = kind == "L" ? .longName : .attributes
      return
    }
    body = .skipped
    if kind == "K" || kind == "g" { return }
    let path = longName ?? headerName
    longName = nil
    longSize = nil
    switch kind {
    case "5": return
    case "0", "7", "\0":
      if path.hasSuffix("/") { return }
      guard let wanted = try members.wants(path, refusal: nil) else { return }
      if size > SubmissionLimits.fileBytes {
        members.add(wanted, .tooLong)
      } else {
        body = .member(wanted)
      }
    case "1", "2": _ = try members.wants(path, refusal: "a link; links are never followed")
    default: _ = try members.wants(path, refusal: "not an ordinary file")
    }
  }

  private func endBody() {
    switch body {
    case .skipped: break
    case .member(let path): members.add(path, .file(Data(content)))
    case .longName: longName = String(decoding: content.prefix { $0 != 0 }, as: UTF8.self)
    case .attributes: readAttributes()
    }
    body = .skipped
  }

  /// `pax`: lines of "length key=value\n".
  private func readAttributes() {
    var rest = content[...]
    while let space = rest.firstIndex(of: UInt8(ascii: " ")),
      let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
      length > rest.distance(from: rest.startIndex, to: space) + 1,
      length <= rest.count
    {
      let line = String(decoding: rest[(space + 1)..<(rest.startIndex + length)].dropLast(), as: UTF8.self)
      if line.hasPrefix("path=") { longName = String(line.dropFirst("path=".count)) }
      if line.hasPrefix("size=") { longSize = Int(line.dropFirst("size=".count)) }
      rest = rest.dropFirst(length)
    }
  }

  private var headerName: String {
    let name = text(0..<100)
    let isPOSIX = Array(block[257..<263]) == Array("ustar\0".utf8)
    let prefix = isPOSIX ? text(345..<500) : ""
    return prefix.isEmpty ? name : "\(prefix)/\(name)"
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: block[range].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// A number in octal digits, or in base 256 where the first bit is set (GNU).
  private func octal(_ range: Range<Int>) -> Int? {
    let bytes = block[range]
    if block[range.lowerBound] & 0x80 != 0 {
      var value = 0
      for byte in bytes.dropFirst() {
        guard value < 1 << 48 else { return nil }
        value = value << 8 | Int(byte)
      }
      return value
    }
    let digits = bytes.drop { $0 == 32 }.prefix { (48..<56).contains($0) }
    return digits.reduce(0) { $0 << 3 | Int($1 - 48) }
  }
}
