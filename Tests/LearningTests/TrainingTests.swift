import EngineTestSupport
import Foundation
import Learning
import Synchronization
import Tensors
import Testing

@Suite("training")
struct TrainingTests {
  /// Two interleaved half circles, which no straight line parts.
  private func moons(_ count: Int, seed: UInt64) -> (Tensor, [Int]) {
    var random = SeededRandom(seed: seed)
    var (points, labels): ([Float], [Int]) = ([], [])
    for i in 0..<count {
      let angle = random.uniform() * 3.14159
      let upper = i % 2 == 0
      points.append(Float(upper ? cos(angle) : 1 - cos(angle)) + 0.1 * Float(random.normal()))
      points.append(Float(upper ? sin(angle) : 0.5 - sin(angle)) + 0.1 * Float(random.normal()))
      labels.append(upper ? 0 : 1)
    }
    return (Tensor(points, shape: [count, 2]), labels)
  }

  @Test("average precision with weights of 1 is the usual one, ties and all; a weight of 2 is a row twice, of 0 none")
  func rankedSamples() throws {
    var random = SeededRandom(seed: 8)
    for _ in 0..<40 {
      let count = 2 + random.below(30)
      let scores = (0..<count).map { _ in Double(random.below(6)) }
      var labels = (0..<count).map { _ in random.below(2) }
      labels[0] = 1
      labels[1] = 0
      let ranked = try RankedSamples(labels, scores: scores)
      #expect(ranked.averagePrecision == (try Metrics.averagePrecision(labels, scores: scores)))
      let weighted = ranked.averagePrecision(weights: scores.indices.map { Double($0 % 3) })
      let repeated = scores.indices.flatMap { [Int](repeating: $0, count: $0 % 3) }
      if repeated.contains(where: { labels[$0] == 1 }), repeated.contains(where: { labels[$0] == 0 }) {
        let expected = try Metrics.averagePrecision(repeated.map { labels[$0] }, scores: repeated.map { scores[$0] })
        #expect(abs(weighted - expected) < 1e-12)
      }
    }
    let example = try RankedSamples([1, 0, 1], scores: [0.9, 0.8, 0.7])
    #expect(abs(example.averagePrecision - 5.0 / 6) < 1e-15 && example.averagePrecision(weights: [1, 0, 1]) == 1)
    #expect(example.averagePrecision(weights: [0, 1, 0]).isNaN)
    #expect(throws: MetricError.self) { try RankedSamples([1, 1], scores: [1, 2]) }
  }

  @Test("a small network learns two moons, the same way each time")
  func learns() throws {
    func run() throws -> (accuracy: Double, history: TrainingHistory, weights: [Tensor]) {
      var random = SeededRandom(seed: 1)
      let (inputs, labels) = moons(400, seed: 2)
      let (heldOut, answers) = moons(200, seed: 3)
      let model = Sequential(Dense(2, 16, using: &random), Activation.tanh, Dense(16, 2, using: &random))
      var adam = Adam(learningRate: 0.02)
      let history = train(
        model.parameters, with: &adam, samples: 400, options: TrainingOptions(epochs: 40, batchSize: 32),
        using: &random, validation: { softmaxCrossEntropy(model(heldOut), answers) }
      ) { batch in softmaxCrossEntropy(model(inputs.rows(batch), training: true), batch.map { labels[$0] }) }
      let accuracy = try Metrics.accuracy(answers, predicted: model(heldOut).argmax())
      return (accuracy, history, model.parameters.map(\.value))
    }
    let (first, second) = (try run(), try run())
    #expect(first.accuracy > 0.95)
    #expect(first.history.losses.count == 40 && first.history.losses[39] < 0.3 * first.history.losses[0])
    #expect(first.weights == second.weights && first.history == second.history)
  }

  @Test("training stops early and brings the best epoch's parameters back")
  func stopsEarly() {
    var random = SeededRandom(seed: 4)
    let parameter = Parameter("x", Tensor([0]))
    var sgd = SGD(learningRate: 1)
    let updates = Mutex<[ProgressUpdate]>([])
    // Each step adds 1; the validation loss is (x − 3)².
    let history = train(
      [parameter], with: &sgd, samples: 1,
      options: TrainingOptions(epochs: 50, batchSize: 1, patience: 2), using: &random,
      progress: { update in updates.withLock { $0.append(update) } },
      validation: { (parameter.value - 3).squared().sum() }
    ) { _ in -parameter.value.sum() }
    #expect(parameter.value == Tensor([3]))
    #expect(history.validationLosses == [4, 1, 0, 1, 4])
    #expect(history.bestEpoch == 2 && history.stoppedEarly)
    #expect(updates.withLock { $0.last?.fraction } == 1)
  }

  @Test("an epoch sees every sample once, and the mean loss weighs the smaller last batch")
  func epochs() {
    var random = SeededRandom(seed: 5)
    let parameter = Parameter("x", Tensor([0]))
    var sgd = SGD(learningRate: 0)
    var seen: [Int] = []
    let history = train(
      [parameter], with: &sgd, samples: 5, options: TrainingOptions(epochs: 1, batchSize: 2), using: &random
    ) { batch in
      seen += batch
      return parameter.value.sum() + Float(batch.reduce(0, +)) / Float(batch.count)
    }
    #expect(seen.sorted() == [0, 1, 2, 3, 4])
    #expect(abs(history.losses[0] - 2) < 1e-6)
  }

  @Test("an LSTM's training step has the same bits on one thread and on two")
  func sameBitsOnTwoThreads() async {
    await #expect(processExitsWith: .success) {
      guard TrainingTests.trainedLSTM(threads: 1) == TrainingTests.trainedLSTM(threads: 2) else { exit(1) }
    }
  }

  /// The parameters after three steps.
  private static func trainedLSTM(threads: Int) -> [Tensor] {
    Threads.use(threads)
    var random = SeededRandom(seed: 6)
    let model = Sequential(
      LSTM(20, 40, returnsSequence: true, using: &random), LSTM(40, 40, using: &random), Dense(40, 1, using: &random))
    let x = Tensor.normal([48, 12, 20], using: &random)
    let y = Tensor.uniform([48, 1], using: &random)
    var adam = Adam()
    for _ in 0..<3 { step(model.parameters, &adam) { binaryCrossEntropy(model(x, training: true), y) } }
    return model.parameters.map(\.value)
  }

  @Test("the other fused layers' training steps have the same bits on one thread and on two")
  func sameBitsOfFusedLayers() async {
    await #expect(processExitsWith: .success) {
      guard TrainingTests.trainedLayers(threads: 1) == TrainingTests.trainedLayers(threads: 2) else { exit(1) }
    }
  }

  /// The parameters after two steps, each piece large enough for two threads.
  private static func trainedLayers(threads: Int) -> [Tensor] {
    Threads.use(threads)
    var random = SeededRandom(seed: 7)
    let model = Sequential(
      LearnedPositions(40, 64, using: &random),
      TransformerEncoderLayer(64, heads: 4, inner: 128, dropout: 0.1, isCausal: true, using: &random),
      Bidirectional(returnsSequence: true, using: &random) { GRU(64, 48, using: &$0) },
      SimpleRNN(96, 64, using: &random))
    let attention = GraphAttention(64, 64, heads: 4, using: &random)
    let output = Dense(256, 1_000, using: &random)
    let x = Tensor.normal([48, 40, 64], using: &random)
    let graph = CSRMatrix(Tensor.ones([48, 48]))
    let parameters = model.parameters + attention.parameters + output.parameters
    let labels = (0..<48).map { $0 * 20 }
    var adam = Adam()
    for _ in 0..<2 {
      step(parameters, &adam) {
        let nodes = attention(model(x, training: true), adjacency: graph)
        return softmaxCrossEntropy(output(nodes), labels, smoothing: 0.1)
      }
    }
    return parameters.map { $0.value.detached() }
  }

  @Test("on a terminal progress is one line that is rewritten; elsewhere a line for each tenth")
  func progress() {
    func show(isTerminal: Bool) -> String {
      let text = Mutex("")
      let time = Mutex(0.0)
      let display = TerminalProgress(
        isTerminal: isTerminal, width: 70, now: { time.withLock { $0 } }, write: { t in text.withLock { $0 += t } })
      for i in 1...100 {
        time.withLock { $0 = Double(i) }
        display.handler(ProgressUpdate("LSTM", fraction: Double(i) / 100, details: "loss 0.5"))
      }
      display.finish()
      return text.withLock { $0 }
    }
    let terminal = show(isTerminal: true)
    #expect(terminal.components(separatedBy: "\r").count == 101 && terminal.hasSuffix("\n"))
    #expect(terminal.contains("LSTM ██████████░░░░░░░░░░ 50%  ETA 0:49  loss 0.5"))
    let plain = show(isTerminal: false)
    #expect(plain.split(separator: "\n").count == 11 && plain.hasPrefix("LSTM: 1%  loss 0.5\nLSTM: 10%"))
    #expect(!plain.contains("\u{1B}"))
  }

  @Test("ten thousand steps hold their memory", arguments: ["dense", "convolution", "LSTM", "GRU", "attention"])
  func memory(kind: String) async {
    // In a process of its own, where nothing else takes memory.
    await #expect(processExitsWith: .success) { [kind] in
      var random = SeededRandom(seed: 8)
      let (model, shape): (any TensorLayer, [Int])
      switch kind {
      case "dense":
        model = Sequential(Dense(6, 8, using: &random), Activation.relu, Dense(8, 1, using: &random))
        shape = [4, 6]
      case "convolution":
        model = Conv2D(1, 2, kernel: 3, using: &random)
        shape = [2, 1, 5, 5]
      case "LSTM":
        model = Sequential(LSTM(4, 8, using: &random), Dense(8, 1, using: &random))
        shape = [4, 5, 4]
      case "GRU":
        model = Sequential(GRU(4, 8, using: &random), Dense(8, 1, using: &random))
        shape = [4, 5, 4]
      default:
        model = MultiHeadAttention(4, heads: 2, using: &random)
        shape = [2, 5, 4]
      }
      let x = Tensor.normal(shape, using: &random)
      var adam = Adam()
      func steps(_ count: Int) {
        for _ in 0..<count { step(model.parameters, &adam) { model(x, training: true).squared().mean() } }
      }
      steps(1_000)
      let before = TrainingTests.residentPages()
      steps(10_000)
      let after = TrainingTests.residentPages()
      // 500 pages are 200 bytes a step: a lost graph is thousands, what the allocator keeps back varies by less.
      guard after - before < 500 else { exit(1) }
    }
  }

  /// How many pages of memory this process holds, on Linux; 0 elsewhere.
  private static func residentPages() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }
}

@Suite("learning rates")
struct ScheduleTests {
  @Test("schedules agree with PyTorch's, step by step", arguments: ["step", "exponential", "cosine", "warmUp"])
  func agree(name: String) throws {
    let schedules: [String: Schedule] = [
      "step": .step(5, gamma: 0.3), "exponential": .exponential(0.9), "cosine": .cosine(11, minimum: 0.1),
      "warmUp": .warmUp(4, from: 0.2, then: .exponential(0.9)),
    ]
    let schedule = try #require(schedules[name])
    let expected = try #require(LayerGoldenTests.goldens).numbers("schedule \(name)")
    try #require(expected.count == 12)
    for (step, rate) in expected.enumerated() { #expect(abs(Double(schedule(step)) - rate) < 1e-7, "step \(step)") }
    #expect(Schedule.cosine(5)(9) == 0 && Schedule.constant(7) == 1)
  }

  @Test("training follows a schedule and leaves the optimizer's rate as it was")
  func training() {
    var random = SeededRandom(seed: 1)
    let parameter = Parameter("x", Tensor([0]))
    var sgd = SGD(learningRate: 1)
    let options = TrainingOptions(epochs: 2, batchSize: 1, schedule: .exponential(0.5))
    train([parameter], with: &sgd, samples: 2, options: options, using: &random) { _ in -parameter.value.sum() }
    #expect(parameter.value == Tensor([1 + 0.5 + 0.25 + 0.125]) && sgd.learningRate == 1)
  }

  @Test("layers with rates of their own agree with PyTorch's parameter groups")
  func layerWise() throws {
    let goldens = try #require(LayerGoldenTests.goldens)
    let parameters = try (0..<2).map { Parameter("p", try #require(goldens["layer-wise start \($0)"])) }
    parameters[1].rateFactor = 0.1
    var adam = AdamW(learningRate: 0.01, weightDecay: 0.1)
    for step in 0..<3 {
      adam.update(parameters, try (0..<2).map { try #require(goldens["layer-wise step \(step) gradient \($0)"]) })
    }
    for i in 0..<2 {
      let expected = try #require(goldens["layer-wise end \(i)"])
      #expect(difference(parameters[i].value, expected, "tensor \(i)") == nil)
    }
    #expect(adam.learningRate == 0.01)
  }
}

@Suite("safetensors")
struct SafeTensorsTests {
  @Test("a file by the Python library is read")
  func readsPython() throws {
    let url = Bundle.module.bundleURL.appending(path: "Goldens/python.safetensors")
    let tensors = try SafeTensors.read(url)
    #expect(tensors.keys.sorted() == ["empty", "layer.bias", "layer.weight", "scalar"])
    #expect(tensors["layer.weight"] == Tensor(rows: [[1.5, -2, 0.25], [3, 0, -0.5]]))
    #expect(tensors["layer.bias"] == Tensor([7]) && tensors["scalar"] == Tensor(2.5))
    #expect(tensors["empty"]?.shape == [0, 3])
  }

  @Test("what is written has the bytes that the Python library was seen to read")
  func writesKnownBytes() throws {
    let data = try SafeTensors.encode([
      ("b/ü", Tensor(rows: [[1.5, -2]])), ("a", Tensor(2.5)), ("e", Tensor.zeros([0, 3])),
    ])
    // `python Tests/Oracles/engine.py read swift.safetensors` prints the three tensors.
    let golden = Bundle.module.bundleURL.appending(path: "Goldens/swift.safetensors")
    #expect(data == (try Data(contentsOf: golden)))
  }

  @Test("F16, BF16 and I64 by the Python library are read exactly, infinities and NaN too")
  func readsTypes() throws {
    let data = try Data(contentsOf: Bundle.module.bundleURL.appending(path: "Goldens/types.safetensors"))
    let integers = try SafeTensors.decodeIntegers(data)
    #expect(integers.keys.sorted() == ["i64"])
    #expect(integers["i64"]?.numbers == [1, -2, 9_007_199_254_740_993] && integers["i64"]?.shape == [3])
    #expect(throws: SafeTensorsError.inexact(name: "i64", "9007199254740993")) { try SafeTensors.decode(data) }
    let floats = try SafeTensors.read(Bundle.module.bundleURL.appending(path: "Goldens/halves.safetensors"))
    let expected: [Float] = [1.5, -2, 0.1, 65504, 6e-8, .infinity, -.infinity]
    for (name, tensor) in [("f16", floats["f16"]), ("bf16", floats["bf16"])] {
      let seen = try #require(tensor, "\(name)")
      try #require(seen.shape == [2, 4])
      let rounded = name == "f16" ? expected.map { Float(Float16($0)) } : [1.5, -2, 0.10009765625, 65536, 0, 0, 0]
      for i in 0..<(name == "f16" ? 7 : 4) { #expect(seen.scalars[i] == rounded[i], "\(name) \(i)") }
      #expect(seen.scalars[5] == .infinity && seen.scalars[6] == -.infinity && seen.scalars[7].isNaN)
    }
    #expect(floats["small"] == Tensor([3, -4]))
  }

  @Test("F16, BF16 and I64 are written as the Python library writes them, to the bit")
  func writesTypes() throws {
    var random = SeededRandom(seed: 3)
    let goldens = try GoldenFile(Bundle.module.bundleURL.appending(path: "Goldens/layers.json"))
    let numbers = try #require(goldens["safetensors numbers"])
    let expected = try SafeTensors.read(Bundle.module.bundleURL.appending(path: "Goldens/rounded.safetensors"))
    for (name, type) in [("F16", SafeTensors.NumberType.float16), ("BF16", .bfloat16)] {
      let data = try SafeTensors.encode([(name, numbers)], as: type)
      #expect(try SafeTensors.decode(data)[name] == expected[name], "\(name) rounds as PyTorch does")
    }
    let x = Tensor.normal([3], using: &random)
    let file = try SafeTensors.encode([("x", x), ("n", Tensor([1, -7]))], except: ["n": .int64])
    #expect(try SafeTensors.decode(file) == ["x": x, "n": Tensor([1, -7])])
    #expect(throws: SafeTensorsError.inexact(name: "n", "0.5")) {
      try SafeTensors.encode([("n", Tensor([0.5]))], as: .int64)
    }
    let golden = try Data(contentsOf: Bundle.module.bundleURL.appending(path: "Goldens/swift-types.safetensors"))
    #expect(try Self.everyType() == golden)
  }

  /// `python Tests/Oracles/engine_layers.py read swift-types.safetensors` prints these tensors.
  static func everyType() throws -> Data {
    let numbers = Tensor([1.5, -2, 0.1, 300, .infinity, 0])
    return try SafeTensors.encode(
      [("a", numbers), ("b", numbers), ("c", numbers), ("d", Tensor(rows: [[3, -4]]))],
      except: ["a": .float16, "b": .bfloat16, "d": .int64])
  }

  @Test("parameters come back by name, all or none")
  func parameters() throws {
    let directory = FileManager.default.temporaryDirectory.appending(
      path: "safetensors-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let url = directory.appending(path: "model.safetensors")
    var random = SeededRandom(seed: 1)
    let model = Sequential(Dense(2, 3, using: &random), Activation.relu, Dense(3, 1, using: &random))
    let before = model.parameters.map { $0.value.detached() }
    try SafeTensors.save(model.parameters, to: url)
    #expect(try SafeTensors.read(url).keys.sorted() == ["0.bias", "0.weight", "2.bias", "2.weight"])
    for parameter in model.parameters { parameter.value = parameter.value * 0 }
    try SafeTensors.load(model.parameters, from: url)
    #expect(model.parameters.map(\.value) == before)
    let other = [Parameter("0.bias", Tensor([9, 9, 9])), Parameter("0.weight", Tensor.zeros([2, 2]))]
    #expect(throws: SafeTensorsError.shape("0.weight", found: [3, 2], expected: [2, 2])) {
      try SafeTensors.load(other, from: url)
    }
    #expect(other[0].value == Tensor([9, 9, 9]))
    #expect(throws: SafeTensorsError.missing("x")) {
      try SafeTensors.load([Parameter("x", Tensor(0))], from: url)
    }
  }

  @Test("a damaged file is refused, saying what was found")
  func refusals() throws {
    func file(_ header: String, _ bytes: Int) -> Data {
      var data = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      data.append(Data(header.utf8))
      data.append(Data(repeating: 0, count: bytes))
      return data
    }
    func found(_ data: Data) -> SafeTensorsError? {
      do {
        _ = try SafeTensors.decode(data)
        return nil
      } catch { return error as? SafeTensorsError }
    }
    let one = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    #expect(found(file(one, 8)) == nil && (try? SafeTensors.decode(file(one, 8))) != nil)
    #expect(found(Data([1, 2, 3])) == .truncated(found: 3, expected: 8))
    #expect(found(file(one, 8).prefix(20)) == .truncated(found: 20, expected: 8 + one.utf8.count))
    #expect(found(file(one, 7)) == .truncated(found: 15 + one.utf8.count, expected: 16 + one.utf8.count))
    #expect(found(file(one, 9)) == .trailing(found: 17 + one.utf8.count, expected: 16 + one.utf8.count))
    #expect(found(Data(repeating: 0xFF, count: 9)) == .headerLength(.max))
    let wrongType = one.replacing("F32", with: "F64")
    #expect(found(file(wrongType, 8)) == .type("F64", name: "a"))
    let half = one.replacing("F32", with: "F16")
    #expect(found(file(half, 8)) == .size(name: "a", shape: [2], bytes: 8))
    let wrongSize = one.replacing("[2]", with: "[3]")
    #expect(found(file(wrongSize, 8)) == .size(name: "a", shape: [3], bytes: 8))
    let negative = one.replacing("[2]", with: "[-2]")
    #expect(found(file(negative, 8)) == .size(name: "a", shape: [-2], bytes: 8))
    let overlap =
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
    #expect(found(file(overlap, 8)) == .placed(name: "b", start: 4, expected: 8))
    let backwards = one.replacing("[0,8]", with: "[8,0]")
    #expect(found(file(backwards, 8)) == .offsets([8, 0], name: "a"))
    if case .header? = found(file("{\"a\":", 0)) {} else { Issue.record("half a header was accepted") }
    #expect(throws: SafeTensorsError.duplicateName("a")) {
      try SafeTensors.encode([("a", Tensor(1)), ("a", Tensor(2))])
    }
  }
}
