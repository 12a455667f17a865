import Foundation

/// Compiled libraries that are kept, each beside the key for which it was made.
///
/// The hash in a file's name only finds the place. A library is used if its whole key is the same: text, compiler,
/// flags and the package's build.
struct CompileCache: Sendable {
  /// Everything on which a compiled library depends.
  struct Key: Codable {
    var exercise: String
    var compiler: String
    var flags: [String]
    var glue: String
    var build: String
    var text: String

    var data: Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return (try? encoder.encode(self)) ?? Data()
    }
  }

  /// The folder of the kept libraries.
  let folder: URL

  /// How many are kept.
  static let capacity = 512

  func library(for key: Key) -> URL? {
    let (library, record) = files(for: key)
    guard let known = try? Data(contentsOf: record), known == key.data,
      FileManager.default.fileExists(atPath: library.path)
    else { return nil }
    // Whoever opens it now must find it: it is not among the oldest any more.
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: record.path)
    return library
  }

  /// Moves a fresh library to its place.
  func keep(_ fresh: URL, for key: Key) throws -> URL {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (library, record) = files(for: key)
    try? FileManager.default.removeItem(at: record)
    try WholeFile.write(try Data(contentsOf: fresh), to: library)
    try WholeFile.write(key.data, to: record)
    forgetTheOldest()
    return library
  }

  private func files(for key: Key) -> (library: URL, record: URL) {
    let place = "\(key.exercise)-\(contentHash(key.data))"
    return (folder.appending(path: "\(place).so"), folder.appending(path: "\(place).key"))
  }

  private func forgetTheOldest() {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let records = files.filter { $0.hasSuffix(".key") }
    guard records.count > Self.capacity else { return }
    let dated = records.map { name -> (URL, Date) in
      let file = folder.appending(path: name)
      let date = try? FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
      return (file, date ?? .distantPast)
    }
    for (record, _) in dated.sorted(by: { $0.1 < $1.1 }).prefix(records.count / 4) {
      try? FileManager.default.removeItem(at: record)
      try? FileManager.default.removeItem(at: record.deletingPathExtension().appendingPathExtension("so"))
    }
  }
}
