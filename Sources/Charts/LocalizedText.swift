/// A text in English and in Chinese.
public struct LocalizedText: Codable, Sendable, Hashable {
  /// The English text.
  public var en: String

  /// The Chinese text.
  public var zh: String

  /// A text in both languages.
  public init(en: String, zh: String) {
    self.en = en
    self.zh = zh
  }

  /// A text that is the same in both languages, such as "AUC" or a file's name.
  public init(_ both: String) {
    self.init(en: both, zh: both)
  }

  /// The text in one language.
  public subscript(language: Language) -> String {
    switch language {
    case .english: en
    case .chinese: zh
    }
  }
}

/// The languages in which the exercises speak.
public enum Language: String, Codable, Sendable, CaseIterable {
  /// English.
  case english = "en"

  /// Simplified Chinese.
  case chinese = "zh"
}
