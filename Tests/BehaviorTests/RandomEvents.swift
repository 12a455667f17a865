import Behavior
import Tensors

/// Events that a writer must not fall over: quotes, commas, line ends, emoji, empty fields, extreme numbers.
func randomEvents(_ count: Int, using random: inout SeededRandom) -> [Event] {
  let pieces = [
    "", "u1", ",", "\"", "\"\"", "\n", "\r\n", "\r", " ", "\t", "\\", "\\n", "😀", "中文", "e\u{301}", "\u{FEFF}", "{",
    "}",
    "null", "\u{1}", "\u{7F}", "\u{2028}", "-1", "é",
  ]
  let numbers = [
    0, 0.1, -0.1, 1e-300, -1e300, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 9_007_199_254_740_992, 1e15, 1e16,
    -59.9, 1.0 / 3,
  ]
  let times = [
    0, -0.1, 1_767_258_000, 1_767_258_000.123, 99_999_999_999.99998, -99_999_999_999, 1e-9, 1_767_258_000.1234567,
    1.0 / 3,
  ]
  func text(_ random: inout SeededRandom) -> String {
    (0..<random.below(4)).map { _ in pieces[random.below(pieces.count)] }.joined()
  }
  return (0..<count).map { _ in
    Event(
      user: text(&random) + "u", time: times[random.below(times.count)],
      action: Action(rawValue: "a" + text(&random)), item: text(&random), category: text(&random),
      value: numbers[random.below(numbers.count)], device: text(&random), region: text(&random))
  }
}
