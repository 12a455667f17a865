import Foundation
import Tensors

/// What Adam remembers: running means of each gradient and of its square (Kingma & Ba, arXiv:1412.6980, algorithm 1).
struct AdamMoments: Sendable {
  private var means: [Tensor] = []
  private var squares: [Tensor] = []
  private var steps = 0

  mutating func update(_ parameters: inout [Tensor], gradients: [Tensor], learningRate: Float) {
    if means.isEmpty {
      means = parameters.map { .zeros($0.shape) }
      squares = means
    }
    steps += 1
    let correction1 = 1 - Float(pow(0.9, Double(steps)))
    let correction2 = 1 - Float(pow(0.999, Double(steps)))
    for index in parameters.indices {
      gradients[index].scalars.withUnsafeBufferPointer { g in
        means[index].scalars.withUnsafeMutableBufferPointer { m in
          squares[index].scalars.withUnsafeMutableBufferPointer { v in
            parameters[index].scalars.withUnsafeMutableBufferPointer { p in
              for i in 0..<p.count {
                m[i] = 0.9 * m[i] + 0.1 * g[i]
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
                p[i] -= learningRate * (m[i] / correction1) / ((v[i] / correction2).squareRoot() + 1e-8)
              }
            }
          }
        }
      }
    }
  }
}
