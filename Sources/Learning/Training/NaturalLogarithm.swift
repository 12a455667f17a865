#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// The C library's logarithm, named once so that no other file needs to know which C library it is.
func naturalLogarithm(_ x: Double) -> Double { log(x) }
