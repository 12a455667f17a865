import Testing

@testable import Charts

@Test(
  "a text takes the columns that a terminal gives it",
  arguments: [
    ("", 0), ("loss", 4), ("损失", 4), ("损失 loss", 9), ("e\u{301}", 1), ("\u{301}", 0), ("👍", 2), ("👨‍👩‍👧", 2),
    ("🇨🇳", 2), ("1️⃣", 2), ("☀️", 2), ("한글", 4), ("，。", 4), ("ａ", 2), ("█▏⠿─", 4), ("a\u{200B}b", 2),
    ("\u{1B}\t\r\n", 0), ("“x”", 3), ("ﾊ", 1),
  ] as [(String, Int)])
func widthOfText(text: String, columns: Int) {
  #expect(displayWidth(of: text) == columns)
}

@Test("a text is cut to its limit, and wide characters are never halved", arguments: 0...12)
func clippedFits(limit: Int) {
  for text in ["损失函数的值", "a rather long name 12", "ab损失cd"] {
    for clipped in [
      TextMeasure.columns.clipped(text, to: Double(limit)), TextMeasure.columns.clippedInside(text, to: Double(limit)),
    ] {
      #expect(displayWidth(of: clipped) <= limit)
      #expect(clipped == text || clipped.contains("…") || limit == 0)
    }
  }
}

@Test("a long name keeps its end, where names of a list differ")
func clippedInsideKeepsTheEnd() {
  #expect(TextMeasure.columns.clippedInside("permutation importance 12", to: 14) == "permut…ance 12")
}

@Test("lines wrap at spaces and between Chinese characters, and lose nothing but the spaces at their ends")
func wrapping() {
  let measure = TextMeasure.columns
  #expect(measure.wrapped("the loss of the model", to: 8) == ["the loss", "of the", "model"])
  #expect(measure.wrapped("训练损失，验证损失", to: 10) == ["训练损失，", "验证损失"])
  #expect(measure.wrapped("LSTM 自编码器", to: 40) == ["LSTM 自编码器"])
  #expect(measure.wrapped("98% 的准确率", to: 6) == ["98% 的", "准确率"])
  #expect(measure.wrapped("abcdefgh", to: 3) == ["abc", "def", "gh"])
  #expect(measure.wrapped("a\n\nb", to: 3) == ["a", "", "b"])
  #expect(measure.wrapped("损失", to: 1) == ["损", "失"])
}
