import Foundation

/// Finds and reads the files under `Data/`.
enum Resources {
  /// Where the embedded files are.
  ///
  /// `Bundle.module` would stop the program if the build had been moved; this tells what it looked for instead. The
  /// folder lies beside the program, beside the test bundle, or, where a build was moved without it, in the sources.
  static func url(_ path: String) throws(DatasetError) -> URL {
    for place in places {
      let url = place.appending(path: path)
      if FileManager.default.fileExists(atPath: url.path) { return url }
    }
    throw .resourceMissing(path: path, lookedIn: places.map(\.path))
  }

  static func data(_ path: String) throws(DatasetError) -> Data {
    try read(url(path))
  }

  static func read(_ url: URL) throws(DatasetError) -> Data {
    do {
      return try Data(contentsOf: url)
    } catch {
      let exists = FileManager.default.fileExists(atPath: url.path)
      throw .unreadable(file: url.path, reason: exists ? error.localizedDescription : "there is no such file")
    }
  }

  static func text(_ url: URL) throws(DatasetError) -> String {
    guard let text = String(data: try read(url), encoding: .utf8) else {
      throw .malformed(file: url.path, expected: "UTF-8 text", found: "other bytes")
    }
    return text
  }

  private static let places: [URL] = {
    let programs = [
      Bundle.main.bundleURL, Bundle.main.resourceURL, Bundle.main.executableURL?.deletingLastPathComponent(),
      Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent(),
      // In a test run on a Mac the program is Apple's and this code is in a bundle beside the resources.
      Bundle(for: Anchor.self).bundleURL, Bundle(for: Anchor.self).bundleURL.deletingLastPathComponent(),
    ]
    var places: [URL] = []
    for folder in programs.compactMap({ $0 }) {
      places.append(folder.appending(path: "BehaviorDojo_Datasets.resources/Data"))
      places.append(folder.appending(path: "BehaviorDojo_Datasets.bundle/Data"))
      places.append(folder.appending(path: "BehaviorDojo_Datasets.bundle/Contents/Resources/Data"))
    }
    places.append(URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Data"))
    var seen = Set<String>()
    return places.filter { seen.insert($0.standardizedFileURL.path).inserted }
  }()

  private final class Anchor {}
}
