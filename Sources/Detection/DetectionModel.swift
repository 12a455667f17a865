import Foundation
import Learning
import Tensors

/// A fitted detector: what `detect fit` writes and `detect score` reads.
public struct DetectionModel: Sendable {
  /// The types that are told apart without labels: what speaks loudest against the session.
  ///
  /// `order`: unlikely actions; `pace`: unlikely pauses; `device`: a device or region that the user was not seen on;
  /// `profile`: the session's numbers, by the isolation forest.
  public static let unlabelledTypes = ["order", "pace", "device", "profile"]

  /// What is not weights and trees.
  public struct Settings: Codable, Sendable, Equatable {
    /// How events become numbers.
    public var scale: EncoderScale
    /// The sizes of the sequence model.
    public var shape: SequenceModel.Shape
    /// The names of the types.
    public var types: [String]
    /// Whether labels taught the types.
    public var hasLabels: Bool
    /// The mean surprise of an event: its action's and its pause's.
    public var usualSurprise: [Double]
    /// How rare a running surprise is among honest events.
    public var surpriseTail: TailTable
    /// How rare an isolation is among honest events.
    public var isolationTail: TailTable
    /// A constant, and what the rarity of the surprise, that of the isolation and the type head's odds count.
    public var fusion: [Double]
    /// How rare a session's largest evidence is among honest sessions.
    public var sessionTail: TailTable
    /// What the thresholds were set by.
    public var falseAlarms: FalseAlarmBudget
    /// The thresholds.
    public var thresholds: Hysteresis
    /// False alarms that are allowed in 1,000 honest sessions.
    public var budget: Double
    /// −ln of the probability of each action after each other, and after none (last): the Markov baseline,
    /// `[V + 1, V]`.
    public var transitions: [Double]
    /// The 5 % and the 95 % quantile of each feature of the session.
    public var usualFeatures: [[Double]]
  }

  /// A name for this model, the same for the same model.
  public let id: String
  /// What is not weights and trees.
  public let settings: Settings
  /// The sequence model's weights, as a safetensors file.
  let weights: Data
  let stepper: SequenceStepper
  let forest: IsolationForest.Fitted

  init(settings: Settings, sequence: SequenceModel, forest: IsolationForest.Fitted) throws {
    self.settings = settings
    self.forest = forest
    stepper = SequenceStepper(sequence)
    weights = try SafeTensors.encode(sequence.parameters.map { ($0.name, $0.value) })
    id = try ModelFolder.id(settings, weights, forest)
  }

  /// The same model for another budget: only the thresholds differ.
  ///
  /// - Parameter budget: false alarms that are allowed in 1,000 honest sessions, above 0 and below 1,000.
  /// - Returns: the model.
  /// - Throws: where its settings cannot be written as JSON, as with a budget that is not finite.
  public func with(budget: Double) throws -> DetectionModel {
    var settings = settings
    settings.budget = budget
    settings.thresholds = DetectionModel.thresholds(settings.falseAlarms, budget: budget)
    return try DetectionModel(settings: settings, copying: self)
  }

  private init(settings: Settings, copying other: DetectionModel) throws {
    self.settings = settings
    (weights, stepper, forest) = (other.weights, other.stepper, other.forest)
    id = try ModelFolder.id(settings, weights, forest)
  }

  /// An alarm closes below six tenths of the score that opens it.
  static func thresholds(_ falseAlarms: FalseAlarmBudget, budget: Double) -> Hysteresis {
    let open = falseAlarms.threshold(budget)
    return Hysteresis(open: open, close: 0.6 * open)
  }

  /// One number of all signals, before it is put on the scale of scores.
  func evidence(_ signals: EventSignals) -> Double {
    let weights = settings.fusion
    return weights[0] + weights[1] * settings.surpriseTail.rarity(of: signals.surprise)
      + weights[2] * settings.isolationTail.rarity(of: signals.isolation) + weights[3] * signals.odds
  }

  /// −log₁₀ of the share of honest sessions whose largest evidence is as large.
  func score(evidence: Double) -> Double { settings.sessionTail.rarity(of: evidence) / 2.302_585_092_994_046 }

  /// What an event adds to each type.
  func addTypes(_ signals: EventSignals, _ event: EncodedEvent, to sums: inout [Double]) {
    if settings.hasLabels {
      for type in sums.indices { sums[type] += signals.types[type] }
    } else {
      sums[0] += max(0, signals.actionSurprise - settings.usualSurprise[0])
      sums[1] += max(0, signals.pauseSurprise - settings.usualSurprise[1])
      sums[2] += (event.isNewDevice ? 4 : 0) + (event.isNewRegion ? 4 : 0)
      sums[3] += settings.isolationTail.rarity(of: signals.isolation)
    }
  }

  /// The numbers of an event on the scale of the training part, kept within ±6.
  func scaled(_ numbers: [Float], into output: inout [Float]) {
    settings.scale.standardize(numbers, into: &output)
  }
}

extension EncoderScale {
  /// Numbers less their means, in standard deviations, kept within ±6.
  func standardize(_ numbers: [Float], into output: inout [Float]) {
    for k in output.indices { output[k] = min(6, max(-6, (numbers[k] - means[k]) / deviations[k])) }
  }
}
