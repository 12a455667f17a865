#if canImport(Glibc)
  import Glibc
#endif

/// How freed memory is kept.
enum Memory {
  /// Keeps freed memory for the next step of a training loop, once it is called.
  ///
  /// The GNU allocator gives blocks of megabytes back to the system when they are freed; the next step then waits for
  /// the system to clear the same pages again, which took a third of a small convolution network's time.
  static func keepFreed() { _ = once }

  private static let once: Bool = {
    #if canImport(Glibc)
      // `mallopt` is in no module of the toolchain, so it is asked for by name.
      guard let symbol = dlsym(nil, "mallopt") else { return false }
      typealias SetOption = @convention(c) (_ option: Int32, _ value: Int32) -> Int32
      let setOption = unsafeBitCast(symbol, to: SetOption.self)
      let (trimThreshold, fastLimit, mapThreshold): (Int32, Int32, Int32) = (-1, 1, -3)
      // Without lists of small freed blocks, no large request has to sort them first.
      return setOption(mapThreshold, 32 << 20) == 1 && setOption(trimThreshold, 512 << 20) == 1
        && setOption(fastLimit, 0) == 1
    #else
      return false
    #endif
  }()
}
