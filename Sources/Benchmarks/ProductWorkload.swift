import Tensors

extension Workload {
  /// A 1024×1024×1024 matrix product.
  static let matrixProduct = Workload("gemm-1024", multiplyAdds: 1024 * 1024 * 1024) {
    var random = numbers("inputs")
    let (a, b) = (Tensor.drawn([1024, 1024], &random), Tensor.drawn([1024, 1024], &random))
    return { a.matmul(b).scalars[0] }
  }
}
