/// A curve in one line of text.
public enum Sparkline {
  /// The values as blocks of growing height.
  ///
  /// - Parameter values: any number of values; one that is not finite leaves a gap.
  /// - Returns: one character a value. `Sparkline.text([0, 1, 2, 3])` is `▁▃▆█`; equal values stand at half height.
  public static func text(_ values: [Double]) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else {
      return String(repeating: " ", count: values.count)
    }
    // In halves, because the difference of two large values may overflow.
    let span = high / 2 - low / 2
    return String(
      values.map { value in
        guard value.isFinite else { return " " }
        guard span > 0 else { return "▄" }
        return blocks[Int(((value / 2 - low / 2) / span * 7).rounded())]
      })
  }
}
