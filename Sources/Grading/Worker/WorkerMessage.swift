import Contracts
import Curriculum
import Foundation
import Learning

/// What a worker sends to the runner on its answer descriptor.
///
/// A message is a frame: one letter for the kind, eight bytes for the length (little-endian), and that many bytes of
/// plain data. The sender is not trusted: whatever is not such a frame is malformed.
enum WorkerMessage {
  /// How far a demo is; any number of them may come before its report.
  case progress(ProgressUpdate)

  /// The answer to a check: the last message.
  case answer(Answer)

  /// What a demo found: the last message.
  case report(DemoReport)

  /// The descriptor on which a worker answers.
  static let descriptor: Int32 = 3

  /// The longest message that is read.
  static let maximumBytes = 64 << 20

  private static let headerBytes = 9

  private var kind: Character {
    switch self {
    case .progress: "p"
    case .answer: "a"
    case .report: "r"
    }
  }

  /// The frame of this message.
  func frame() throws -> Data {
    let payload =
      switch self {
      case .progress(let update): try PlainData.encode(update)
      case .answer(let answer): try PlainData.encode(answer)
      case .report(let report): try PlainData.encode(report)
      }
    var frame = Data("\(kind)".utf8)
    withUnsafeBytes(of: UInt64(payload.count).littleEndian) { frame.append(contentsOf: $0) }
    return frame + payload
  }

  /// Takes the first message off the front of what has been received.
  ///
  /// - Returns: nil if it has not arrived whole.
  /// - Throws: if what arrived is no message.
  static func take(from received: inout Data) throws -> WorkerMessage? {
    guard let kind = received.first else { return nil }
    guard [UInt8(ascii: "p"), UInt8(ascii: "a"), UInt8(ascii: "r")].contains(kind) else {
      throw BadInput("what it wrote as its answer is not an answer")
    }
    guard received.count >= headerBytes else { return nil }
    let length = received.dropFirst().prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumBytes) else {
      throw BadInput("its answer is longer than \(maximumBytes >> 20) MB")
    }
    guard received.count >= headerBytes + Int(length) else { return nil }
    let payload = Data(received.dropFirst(headerBytes).prefix(Int(length)))
    received = Data(received.dropFirst(headerBytes + Int(length)))
    do {
      switch kind {
      case UInt8(ascii: "p"): return .progress(try PlainData.decode(ProgressUpdate.self, from: payload))
      case UInt8(ascii: "a"): return .answer(try PlainData.decode(Answer.self, from: payload))
      default: return .report(try PlainData.decode(DemoReport.self, from: payload))
      }
    } catch {
      throw BadInput("its answer is malformed")
    }
  }
}
