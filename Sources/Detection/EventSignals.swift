import Foundation
import Learning
import Tensors

/// What the parts of a detector say of one event.
public struct EventSignals: Sendable {
  /// −ln of the probability that the sequence model gave the action.
  public var actionSurprise = 0.0
  /// −ln of the probability that it gave the pause; 0 for a session's first event.
  public var pauseSurprise = 0.0
  /// The running mean of both, the latest counting most.
  public var surprise = 0.0
  /// How unusual the session's numbers are: the negative of the forest's score, from 0 to 1.
  public var isolation = 0.0
  /// ln of the odds that the event is not honest, by the type head; 0 without labels.
  public var odds = 0.0
  /// The probability of each type, by the type head; empty without labels.
  public var types: [Double] = []
  /// The number of the action that was expected most, and its probability.
  public var expected = 0
  /// The probability of `expected`.
  public var expectedProbability = 0.0

  /// Nothing said yet.
  public init() {}
}

/// The state of the sequence model within a session.
struct SequenceState: Sendable, Equatable {
  var units: [Float]  // hidden, then cell
  var surprise: Double
}

/// Runs the sequence model and the forest over events.
struct SignalReader {
  let stepper: SequenceStepper
  let forest: IsolationForest.Fitted
  /// The mean surprise of an honest event: its action's and its pause's.
  let usual: [Double]

  private var gates: [Float]
  private var logits: [Float]

  /// How much of the running mean of surprise the latest event makes.
  static let weightOfLatest = 0.25

  init(_ stepper: SequenceStepper, _ forest: IsolationForest.Fitted, usual: [Double]) {
    self.stepper = stepper
    self.forest = forest
    self.usual = usual
    gates = [Float](repeating: 0, count: 4 * stepper.shape.hidden)
    logits = [Float](repeating: 0, count: stepper.shape.outputs)
  }

  /// The state at the beginning of a session, after the mark.
  mutating func open(_ scaled: [Float]) -> SequenceState {
    var state = SequenceState(
      units: [Float](repeating: 0, count: 2 * stepper.shape.hidden), surprise: usual[0] + usual[1])
    stepper.step(action: stepper.shape.actions, scaled, state: &state.units, gates: &gates)
    return state
  }

  /// What is said of an event, and the state after it.
  mutating func read(
    action: Int, pause: Int, isFirst: Bool, _ scaled: [Float], features: [Double], _ state: inout SequenceState,
    into signals: inout EventSignals
  ) {
    let actions = 0..<stepper.shape.actions
    let foretold = 0..<stepper.shape.actions + EventEncoder.pauseBins
    stepper.logits(foretold, state: state.units, into: &logits)
    let total = logSumExp(logits, actions)
    signals.actionSurprise = Double(total - logits[action])
    var best = min(1, actions.count - 1)
    for k in actions.dropFirst() where logits[k] > logits[best] { best = k }
    signals.expected = best
    signals.expectedProbability = Double(expf(logits[best] - total))
    if isFirst {
      signals.pauseSurprise = 0
    } else {
      let bins = actions.upperBound..<foretold.upperBound
      signals.pauseSurprise = Double(logSumExp(logits, bins) - logits[bins.lowerBound + pause])
    }
    let latest = signals.actionSurprise + (isFirst ? usual[1] : signals.pauseSurprise)
    state.surprise += SignalReader.weightOfLatest * (latest - state.surprise)
    signals.surprise = state.surprise
    stepper.step(action: action, scaled, state: &state.units, gates: &gates)
    signals.isolation = -forest.score(of: features)
    readTypes(state, from: foretold.upperBound, &signals)
  }

  private mutating func readTypes(_ state: SequenceState, from first: Int, _ signals: inout EventSignals) {
    let count = stepper.shape.types
    if count == 0 { return }
    let range = first..<first + count
    stepper.logits(range, state: state.units, into: &logits)
    let total = logSumExp(logits, range)
    let honest = min(1 - 1e-7, max(1e-7, Double(expf(logits[first] - total))))
    signals.odds = log((1 - honest) / honest)
    if signals.types.count != count - 1 { signals.types = [Double](repeating: 0, count: count - 1) }
    for type in 1..<count { signals.types[type - 1] = Double(expf(logits[first + type] - total)) }
  }
}
