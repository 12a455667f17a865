extension Grader {
  /// The compiler's version, in its own words.
  public var compilerVersion: String { compiler.toolchain.version }
}
