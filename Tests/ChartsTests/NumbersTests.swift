import Testing

@testable import Charts

@Test(
  "numbers are short, and exact to three digits",
  arguments: [
    (0, "0"), (-0.0, "0"), (1, "1"), (-12, "-12"), (0.875, "0.875"), (0.9996, "1"), (12.34, "12.3"), (999.96, "1000"),
    (123456, "123456"), (1.5e6, "1500000"), (1.5e8, "1.5e8"), (9.999e8, "1e9"), (0.0001, "1e-4"), (-2.5e-5, "-2.5e-5"),
    (1e300, "1e300"), (1.7e308, "1.7e308"), (.leastNonzeroMagnitude, "0"), (.nan, "–"), (.infinity, "∞"),
    (-.infinity, "-∞"),
  ] as [(Double, String)])
func compactNumbers(value: Double, text: String) {
  #expect(Numbers.compact(value) == text)
}

@Test("values that stand together have the same decimals, except one that these would make zero")
func alignedNumbers() {
  #expect(Numbers.aligned([0.61, 0.5, .nan, 1]) == ["0.61", "0.50", "–", "1.00"])
  #expect(Numbers.aligned([982, 11, 0]) == ["982", "11", "0"])
  #expect(Numbers.aligned([123.4, 0.02]) == ["123", "0.02"])
}

@Test(
  "ticks are multiples of 1, 2 or 5 times a power of ten, labelled without superfluous digits",
  arguments: [
    (0.0, 1.0, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]), (0, 100, 5, ["0", "20", "40", "60", "80", "100"]),
    (-1.5, 1.5, 3, ["-1", "0", "1"]), (0.001, 0.0035, 5, ["0.0010", "0.0015", "0.0020", "0.0025", "0.0030", "0.0035"]),
    (0, 4e6, 4, ["0", "1e6", "2e6", "3e6", "4e6"]), (0, 3e-7, 3, ["0", "1e-7", "2e-7", "3e-7"]),
    (1_000_000, 1_000_002, 2, ["1000000", "1000001", "1000002"]),
  ] as [(Double, Double, Int, [String])])
func niceTicks(low: Double, high: Double, count: Int, labels: [String]) {
  // A point between them that is no whole number, so that no axis is one of whole numbers.
  let between = low + 0.495 * (high - low)
  let scale = Scale(fitting: [low, between, high], margin: .none)
  #expect(scale.ticks(count).map(\.label) == labels)
}

@Test("a logarithmic axis has decades, or 1, 2 and 5 where it is short")
func logarithmicTicks() {
  let decades = Scale(fitting: [1e-4, 10], isLogarithmic: true, margin: .none)
  #expect(decades.ticks(8).map(\.label) == ["1e-4", "0.001", "0.01", "0.1", "1", "10"])
  #expect(decades.position(0.1) == 0.6)
  #expect(decades.position(0) == nil)
  let short = Scale(fitting: [1, 10], isLogarithmic: true, margin: .none)
  #expect(short.ticks(5).map(\.label) == ["1", "2", "5", "10"])
}

@Test("whole numbers, such as epochs, have no ticks between them")
func wholeTicks() {
  #expect(Scale(fitting: [1, 2, 3], margin: .none).ticks(10).map(\.label) == ["1", "2", "3"])
}

@Test("labels of ticks differ from each other, however far from zero the axis lies")
func distinctTicks() {
  for (low, span) in [(0.0, 1.0), (1e6, 1e-2), (-1e15, 1e7), (1e-12, 1e-14), (5, 1e-7), (-3e299, 6e299)] {
    let labels = Scale(fitting: [low, low + span], margin: .none).ticks(6).map(\.label)
    #expect(labels.count >= 2 && Set(labels).count == labels.count, "\(low) + \(span): \(labels)")
  }
}
