import EngineTestSupport
import Foundation
import Tensors
import Testing

@Suite("tensors")
struct TensorTests {
  @Test("argmax takes the first of equals")
  func argmax() {
    #expect(Tensor(rows: [[1, 3, 3], [5, 2, 1]]).argmax() == [1, 0])
  }

  @Test("one-hot rows have a 1 in the label's column")
  func oneHot() {
    #expect(Tensor.oneHot([2, 0], classes: 3) == Tensor(rows: [[0, 0, 1], [1, 0, 0]]))
  }

  @Test("comparisons give 1 and 0")
  func comparisons() {
    let x = Tensor(rows: [[1, 2], [3, 2]])
    #expect(x.greater(than: Tensor(2)) == Tensor(rows: [[0, 0], [1, 0]]))
    #expect(x.equals(Tensor([1, 2])) == Tensor(rows: [[1, 1], [0, 1]]))
  }

  @Test("a tie shares the gradient of max evenly, as amax in PyTorch")
  func tiesOfMax() {
    let x = Tensor([2, 1, 2]).tracked()
    #expect(x.max().gradients(of: [x])[0] == Tensor([0.5, 0, 0.5]))
  }

  @Test("empty tensors pass through")
  func emptyTensors() {
    let x = Tensor.zeros([0, 3])
    #expect(x.matmul(Tensor.ones([3, 2])).shape == [0, 2])
    #expect(Tensor.ones([2, 0]).matmul(Tensor.ones([0, 3])) == Tensor.zeros([2, 3]))
    #expect((x + Tensor.ones([3])).shape == [0, 3])
    #expect(x.sum().scalar == 0 && x.sum(axis: 0) == Tensor.zeros([3]))
    #expect(x.softmax().shape == [0, 3] && x.argmax() == [])
    #expect(x.rows([]).shape == [0, 3])
    #expect(Tensor.zeros([0, 2, 4, 4]).conv2d(Tensor.ones([3, 2, 2, 2])).shape == [0, 3, 3, 3])
    #expect(Tensor.zeros([0, 2, 4, 4]).maxPool2d(2).shape == [0, 2, 2, 2])
  }

  @Test("a value used twice gets both gradients, and writing a value forgets its history")
  func usedTwice() {
    let x = Tensor(3).tracked()
    #expect((x * x + x).gradients(of: [x])[0].scalar == 7)
    var y = x * 2
    y.scalars[0] = 1
    #expect(!y.isTracked)
  }

  @Test("a leaf that is not used has a gradient of zeros")
  func unusedLeaf() {
    let (x, y) = (Tensor([1, 2]).tracked(), Tensor([3]).tracked())
    #expect(y.sum().gradients(of: [x, y]) == [Tensor([0, 0]), Tensor([1])])
  }

  @Test("a chain of 200,000 operations is differentiated and let go")
  func longChain() {
    let x = Tensor(1).tracked()
    var y = x
    for _ in 0..<200_000 { y = y + 1 }
    #expect(y.gradients(of: [x])[0].scalar == 1)
  }

  @Test("a tensor survives encoding, and a shape that does not fit its bytes throws")
  func coding() throws {
    let x = Tensor([1, -0.0, .infinity, 4], shape: [2, 2])
    let data = try JSONEncoder().encode(x)
    #expect(try JSONDecoder().decode(Tensor.self, from: data) == x)
    let bad = Data(#"{"shape":[3],"float32":"AACAPw=="}"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Tensor.self, from: bad) }
  }
}

@Suite("sparse matrices")
struct SparseMatrixTests {
  private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> CSRMatrix {
    var random = SeededRandom(seed: seed)
    return CSRMatrix(Tensor.normal([rows, columns], using: &random).mapped { $0 > 0.6 ? $0 : 0 })
  }

  @Test("the product and its gradient agree with the dense ones")
  func product() {
    var source = SeededRandom(seed: 9)
    let sparse = random(700, 40, seed: 4)
    let dense = Tensor.normal([40, 7], using: &source).tracked()
    let upstream = Tensor.normal([700, 7], using: &source)
    let (seen, expected) = (sparse.matmul(dense), sparse.dense().matmul(dense))
    #expect(difference(seen, expected, "product", tolerance: 1e-6) == nil)
    let gradients = [seen, expected].map { $0.gradients(of: [dense], upstream: upstream)[0] }
    #expect(difference(gradients[0], gradients[1], "gradient", tolerance: 1e-6) == nil)
    let small = random(5, 4, seed: 6)
    #expect(gradientProblem([Tensor.normal([4, 3], using: &source)]) { small.matmul($0[0]) } == nil)
  }

  @Test("transposing exchanges rows and columns")
  func transposition() {
    let sparse = random(6, 9, seed: 2)
    #expect(sparse.transposed().dense() == sparse.dense().transposed())
    #expect(sparse.transposed().transposed() == sparse)
  }

  @Test("entries in any order are sorted, and entries of one place are added")
  func entries() throws {
    let sparse = try CSRMatrix(rows: 2, columns: 3, entries: [(1, 2, 5), (0, 1, 1), (1, 0, 2), (0, 1, 3)])
    #expect(sparse.dense() == Tensor(rows: [[0, 4, 0], [2, 0, 5]]))
  }

  @Test("parts that contradict each other are refused")
  func validation() {
    #expect(throws: CSRError.rowStarts(count: 2, last: 1, rows: 2, values: 1)) {
      try CSRMatrix(rows: 2, columns: 2, rowStarts: [0, 1], columnIndices: [0], values: [1])
    }
    #expect(throws: CSRError.column(2, row: 0, previous: -1, columns: 2)) {
      try CSRMatrix(rows: 1, columns: 2, rowStarts: [0, 1], columnIndices: [2], values: [1])
    }
    #expect(throws: CSRError.column(0, row: 0, previous: 1, columns: 2)) {
      try CSRMatrix(rows: 1, columns: 2, rowStarts: [0, 2], columnIndices: [1, 0], values: [1, 1])
    }
    #expect(throws: CSRError.lengths(columnIndices: 0, values: 1)) {
      try CSRMatrix(rows: 1, columns: 2, rowStarts: [0, 1], columnIndices: [], values: [1])
    }
    #expect(throws: CSRError.decreasingRowStart(row: 1)) {
      try CSRMatrix(rows: 2, columns: 2, rowStarts: [0, 2, 1], columnIndices: [0], values: [1])
    }
    #expect(throws: CSRError.entry(row: 2, column: 0, rows: 2, columns: 2)) {
      try CSRMatrix(rows: 2, columns: 2, entries: [(2, 0, 1)])
    }
  }
}

/// A shape that does not fit stops the program with the operation and both shapes.
@Suite("shapes that do not fit")
struct ShapeFailureTests {
  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test("of a sum")
  func sum() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]) + Tensor.ones([4])
    }
    #expect(message(result).contains("shape error in +: [2, 3] and [4]"))
  }

  @Test("of a matrix product")
  func product() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).matmul(Tensor.ones([2, 3]))
    }
    #expect(message(result).contains("shape error in matmul: [2, 3] and [2, 3]"))
  }

  @Test("of a convolution")
  func convolution() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([1, 2, 5, 5]).conv2d(Tensor.ones([3, 4, 3, 3]))
    }
    #expect(message(result).contains("shape error in conv2d: [1, 2, 5, 5] and [3, 4, 3, 3]"))
  }

  @Test("of a reshaped tensor")
  func reshaped() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).reshaped([4, -1])
    }
    #expect(message(result).contains("shape error in reshaped: [2, 3] and [4, -1]"))
  }

  @Test("of joined tensors")
  func concatenated() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.concatenated([Tensor.ones([2, 3]), Tensor.ones([2, 4])])
    }
    #expect(message(result).contains("shape error in concatenated: [2, 3] and [2, 4]"))
  }

  @Test("of a long short-term memory")
  func lstm() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3, 4]).lstm(
        inputWeights: Tensor.ones([8, 5]), recurrentWeights: Tensor.ones([8, 2]), bias: Tensor.ones([8]),
        hidden: Tensor.ones([2, 2]), cell: Tensor.ones([2, 2]))
    }
    #expect(message(result).contains("shape error in lstm: [2, 3, 4] and input weights [8, 5]"))
  }

  @Test("of a row that is not there")
  func rows() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([2, 3]).rows([2])
    }
    #expect(message(result).contains("shape error in rows: row 2 of a tensor of shape [2, 3]"))
  }
}
