import Foundation
import Learning
import Tensors

/// A model on disk: a folder with `model.json` (settings, and the names of both), `weights.safetensors` and
/// `forest.json`. `model.json` holds the model's id, which is a hash of all three, so that a damaged model is refused.
public enum ModelFolder {
  /// The version that is written and read.
  public static let version = 2
  private static let format = "behaviordojo-detector"

  private struct Manifest: Codable {
    var format: String
    var version: Int
    var id: String
    var settings: DetectionModel.Settings
  }

  static func id(_ settings: DetectionModel.Settings, _ weights: Data, _ forest: IsolationForest.Fitted) throws
    -> String
  {
    id(try json(settings), weights, try json(forest))
  }

  private static func id(_ parts: Data...) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for part in parts { for byte in part { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func json(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// Writes a model, whole or not at all: beside, then renamed.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - url: the folder; what holds it must exist.
  ///   - replacing: whether a model that is there gives way. Anything else that is there never does.
  /// - Throws: `DetectionError.exists`, or what the file system says.
  public static func write(_ model: DetectionModel, to url: URL, replacing: Bool = false) throws {
    let files = FileManager.default
    let isThere = files.fileExists(atPath: url.path)
    if isThere, !replacing { throw DetectionError.exists(url.relativePath) }
    if isThere, !files.fileExists(atPath: url.appending(path: "model.json").path) {
      throw DetectionError.damaged(url.relativePath, "it exists and is no model; it is left alone")
    }
    let place = url.standardizedFileURL
    let name = ".\(place.lastPathComponent).\(UUID().uuidString.prefix(8))"
    let beside = place.deletingLastPathComponent().appending(path: name + ".part")
    let old = place.deletingLastPathComponent().appending(path: name + ".old")
    do {
      try files.createDirectory(at: beside, withIntermediateDirectories: false)
      let manifest = Manifest(format: format, version: version, id: model.id, settings: model.settings)
      try model.weights.write(to: beside.appending(path: "weights.safetensors"))
      try json(model.forest).write(to: beside.appending(path: "forest.json"))
      try json(manifest).write(to: beside.appending(path: "model.json"))
      if isThere { try files.moveItem(at: place, to: old) }
      try files.moveItem(at: beside, to: place)
    } catch {
      try? files.removeItem(at: beside)
      if !files.fileExists(atPath: place.path) { try? files.moveItem(at: old, to: place) }
      throw DetectionError.file(url.relativePath, "cannot be written: \(error.localizedDescription)")
    }
    try? files.removeItem(at: old)
  }

  /// Reads a model.
  ///
  /// - Throws: `DetectionError`: there is none, it is not one of ours, of a later version, or damaged.
  public static func read(_ url: URL) throws -> DetectionModel {
    let path = url.relativePath
    guard let data = try? Data(contentsOf: url.appending(path: "model.json")) else {
      throw DetectionError.noModel(path)
    }
    struct Head: Decodable { let format: String, version: Int }
    guard let head = try? JSONDecoder().decode(Head.self, from: data), head.format == format else {
      throw DetectionError.damaged(path, "model.json is not that of a detector")
    }
    guard head.version == version else {
      throw DetectionError.version(path, found: head.version, expected: version)
    }
    func part(_ name: String) throws -> Data {
      do { return try Data(contentsOf: url.appending(path: name)) } catch {
        throw DetectionError.damaged(path, "\(name) is missing")
      }
    }
    let weights = try part("weights.safetensors")
    let trees = try part("forest.json")
    guard let manifest = try? JSONDecoder().decode(Manifest.self, from: data),
      manifest.id == id(try json(manifest.settings), weights, trees)
    else { throw DetectionError.damaged(path, "the model is damaged: its parts do not have the hash in model.json") }
    let settings = manifest.settings
    guard isSound(settings), let forest = try? JSONDecoder().decode(IsolationForest.Fitted.self, from: trees),
      forest.fits(columns: EventEncoder.featureNames.count)
    else { throw DetectionError.damaged(path, "the model was made by another program: its parts do not fit") }
    var random = SeededRandom(seed: 0)
    let sequence = SequenceModel(settings.shape, using: &random)
    do {
      let tensors = try SafeTensors.decode(weights)
      for parameter in sequence.parameters {
        guard let tensor = tensors[parameter.name], tensor.shape == parameter.value.shape,
          tensor.scalars.allSatisfy(\.isFinite)
        else { throw DetectionError.damaged(path, "weights.safetensors has no fitting \(parameter.name)") }
        parameter.value = tensor
      }
    } catch let error as SafeTensorsError {
      throw DetectionError.damaged(path, "\(error)")
    }
    return try DetectionModel(settings: settings, sequence: sequence, forest: forest)
  }

  private static func isSound(_ settings: DetectionModel.Settings) -> Bool {
    let shape = settings.shape
    let count = EventEncoder.numberNames.count
    let scale = settings.scale
    return shape.actions == scale.vocabulary.count && scale.actionSurprise.count == shape.actions
      && scale.rarityBeside.count == shape.actions * shape.actions
      && (1...4_096).contains(shape.hidden) && (1...4_096).contains(shape.embedding)
      && shape.types == (settings.hasLabels ? settings.types.count + 1 : 0) && !settings.types.isEmpty
      && (settings.hasLabels || settings.types == DetectionModel.unlabelledTypes)
      && settings.transitions.count == (shape.actions + 1) * shape.actions && scale.means.count == count
      && scale.deviations.count == count && scale.deviations.allSatisfy { $0 > 0 }
      && scale.sessionGap >= 0 && settings.usualSurprise.count == 2 && settings.fusion.count == 4
      && settings.surpriseTail.isSound && settings.isolationTail.isSound && settings.sessionTail.isSound
      && settings.falseAlarms.sessions > 0 && settings.falseAlarms.designEffect >= 1
      && settings.thresholds.close <= settings.thresholds.open && settings.budget > 0
      && settings.usualFeatures.count == EventEncoder.featureNames.count
      && settings.usualFeatures.allSatisfy { $0.count == 2 && $0[0] <= $0[1] }
  }
}
