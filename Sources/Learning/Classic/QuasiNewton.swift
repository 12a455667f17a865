/// The point at which a function of a few variables is least, near a start: the BFGS method.
///
/// Steps are halved until they gain a share of what the slope promises (Armijo). It ends when the largest partial
/// derivative is below `tolerance`, when no step gains anything, or after `iterations` steps.
///
/// Source: Nocedal & Wright, "Numerical optimization" (2006), §6.1.
///
/// - Parameters:
///   - start: where to begin, `[d]`.
///   - tolerance: the gradient that counts as zero.
///   - iterations: the most steps.
///   - function: its value and its gradient `[d]`.
/// - Returns: the point `[d]`, the value there, and how often the function was evaluated.
func quasiNewtonMinimum(
  from start: [Double], tolerance: Double = 1e-8, iterations: Int = 200,
  of function: ([Double]) -> (value: Double, gradient: [Double])
) -> (point: [Double], value: Double, evaluations: Int) {
  let d = start.count
  var point = start
  var (value, gradient) = function(point)
  var evaluations = 1
  var inverse = identity(d)  // of the Hessian, [d, d]
  for _ in 0..<iterations where gradient.contains(where: { abs($0) > tolerance }) {
    var direction = product(inverse, gradient).map { -$0 }
    if dot(direction, gradient) >= 0 {  // rounding has spoilt the estimate
      inverse = identity(d)
      direction = gradient.map { -$0 }
    }
    let promise = dot(direction, gradient)
    var size = 1.0
    var next = (value: Double.nan, gradient: gradient)
    var target = point
    while size > 1e-12 {
      target = zip(point, direction).map { $0 + size * $1 }
      next = function(target)
      evaluations += 1
      if next.value <= value + 1e-4 * size * promise { break }
      size /= 2
    }
    if size <= 1e-12 { break }
    let step = zip(target, point).map { $0 - $1 }
    let change = zip(next.gradient, gradient).map { $0 - $1 }
    let curvature = dot(step, change)
    if curvature > 0 {
      // H ← (I − s·yᵀ/ρ)·H·(I − y·sᵀ/ρ) + s·sᵀ/ρ with ρ = s·y.
      let moved = product(inverse, change)
      let factor = (1 + dot(change, moved) / curvature) / curvature
      for i in 0..<d {
        for j in 0..<d {
          inverse[i * d + j] +=
            factor * step[i] * step[j] - (moved[i] * step[j] + step[i] * moved[j]) / curvature
        }
      }
    }
    (point, value, gradient) = (target, next.value, next.gradient)
  }
  return (point, value, evaluations)
}

private func identity(_ d: Int) -> [Double] { (0..<d * d).map { $0 % (d + 1) == 0 ? 1 : 0 } }

private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

private func product(_ matrix: [Double], _ x: [Double]) -> [Double] {
  (0..<x.count).map { i in (0..<x.count).reduce(0) { $0 + matrix[i * x.count + $1] * x[$1] } }
}
