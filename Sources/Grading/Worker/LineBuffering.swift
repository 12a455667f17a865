// This file imports nothing else: Swift 6 lets `stdout`, a C variable, be used only under `@preconcurrency`.
#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Darwin)
  @preconcurrency import Darwin
#endif

/// Has each printed line leave the process at once, so that what was printed before a crash is not lost.
func printLineByLine() {
  setvbuf(stdout, nil, _IOLBF, 0)
}
