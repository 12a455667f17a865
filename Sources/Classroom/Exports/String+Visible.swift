extension String {
  /// The text with everything that could steer a terminal, a spreadsheet or a reader's eye made visible, and nothing
  /// that XML forbids; tabs and line breaks stay. What a submission prints, names or provokes passes through here (or
  /// a page's own markup) before anybody sees it.
  public var withVisibleControls: String { VisibleText.of(self) }

  /// The same on one line: a line break or a tab becomes a space.
  public var onOneVisibleLine: String {
    String(withVisibleControls.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  /// At most so many characters, and a word on how many more there are.
  func shortened(to count: Int) -> String {
    guard utf8.count > count, self.count > count else { return self }
    return "\(prefix(count))\n… and \(self.count - count) characters more"
  }
}
