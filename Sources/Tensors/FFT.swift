#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The discrete Fourier transform of a power-of-two number of complex numbers: Xₖ = Σₜ xₜ · exp(−2πi·k·t/n).
///
/// A plan holds the twiddle factors; make it once and use it for many transforms. Real and imaginary parts stand in
/// two arrays. The method is Stockham's: radix 2, self-sorting, n·log₂n butterflies, no bit reversal.
///
///     let plan = FFT(size: 4)
///     plan.forward(real: [1, 2, 3, 4], imaginary: [0, 0, 0, 0])
///     // real [10, -2, -2, -2], imaginary [0, 2, 0, -2]
///
/// Source: Cochran et al., "What is the fast Fourier transform?", Proceedings of the IEEE 55 (1967); the self-sorting
/// form is Stockham's, described by Van Loan, "Computational Frameworks for the Fast Fourier Transform" (1992), §1.7.
public struct FFT: Sendable {
  /// How many complex numbers one transform takes.
  public let size: Int

  /// cos(2πj/n) and −sin(2πj/n) for j in 0..<n/2.
  private let cosines: [Double]
  private let sines: [Double]

  /// A plan for transforms of `size` numbers.
  ///
  /// - Precondition: `size` is a power of two.
  public init(size: Int) {
    requireShape(size > 0 && size & (size - 1) == 0, "FFT(size: \(size)): the size must be a power of two")
    self.size = size
    let angles = (0..<size / 2).map { 2 * Double.pi * Double($0) / Double(size) }
    cosines = angles.map { cos($0) }
    sines = angles.map { -sin($0) }
  }

  /// The smallest power of two that is not less than `count`: the size that a linear convolution needs.
  public static func size(holding count: Int) -> Int {
    var size = 1
    while size < count { size *= 2 }
    return size
  }

  /// The transform.
  ///
  /// - Parameters:
  ///   - real: `[size]`.
  ///   - imaginary: `[size]`.
  /// - Returns: the two parts of the transform, `[size]` each.
  public func forward(real: [Double], imaginary: [Double]) -> (real: [Double], imaginary: [Double]) {
    requireShape(
      real.count == size && imaginary.count == size,
      "FFT(size: \(size)) of \(real.count) real and \(imaginary.count) imaginary parts")
    var re = real
    var im = imaginary
    re.withUnsafeMutableBufferPointer { re in
      im.withUnsafeMutableBufferPointer { im in transform(re, im) }
    }
    return (re, im)
  }

  /// The inverse transform: `inverse(forward(x))` is `x`, the factor 1/n included.
  public func inverse(real: [Double], imaginary: [Double]) -> (real: [Double], imaginary: [Double]) {
    // Exchanging the two parts before and after turns the transform into its inverse.
    let swapped = forward(real: imaginary, imaginary: real)
    let factor = 1 / Double(size)
    return (swapped.imaginary.map { $0 * factor }, swapped.real.map { $0 * factor })
  }

  /// The transform in place. Exchange `re` and `im` for the inverse without its factor 1/n.
  package func transform(_ re: UnsafeMutableBufferPointer<Double>, _ im: UnsafeMutableBufferPointer<Double>) {
    guard size > 1 else { return }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * size) { work in
      guard let re = re.baseAddress, let im = im.baseAddress, let other = work.baseAddress else { return }
      var (fromRe, fromIm, toRe, toIm) = (re, im, other, other + size)
      cosines.withUnsafeBufferPointer { cosines in
        sines.withUnsafeBufferPointer { sines in
          // A pass combines numbers that are n/2 apart; `stride` neighbours share one twiddle factor.
          var half = size / 2
          var stride = 1
          while half > 0 {
            let far = half * stride
            for group in 0..<half {
              let c = cosines[group * stride]
              let s = sines[group * stride]
              let source = group * stride
              let target = 2 * group * stride
              for lane in 0..<stride {
                let aRe = fromRe[source + lane]
                let aIm = fromIm[source + lane]
                let bRe = fromRe[source + far + lane]
                let bIm = fromIm[source + far + lane]
                toRe[target + lane] = aRe + bRe
                toIm[target + lane] = aIm + bIm
                let dRe = aRe - bRe
                let dIm = aIm - bIm
                toRe[target + stride + lane] = dRe * c - dIm * s
                toIm[target + stride + lane] = dRe * s + dIm * c
              }
            }
            swap(&fromRe, &toRe)
            swap(&fromIm, &toIm)
            half /= 2
            stride *= 2
          }
        }
      }
      if fromRe != re {
        re.update(from: fromRe, count: size)
        im.update(from: fromIm, count: size)
      }
    }
  }
}
