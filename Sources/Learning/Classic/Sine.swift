#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// The C library's sine, named once so that no other file needs to know which C library it is.
func sine(_ x: Double) -> Double { sin(x) }
