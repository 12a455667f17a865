import EngineTestSupport
import Tensors
import Testing

@Suite("gradients in rows")
struct SparseRowsTests {
  @Test("rows of one number are added, and the numbers ascend")
  func sums() {
    let values = Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])
    let sparse = SparseRows(shape: [5, 2], adding: [4, 1, 4], values: values)
    #expect(sparse.rows == [1, 4])
    #expect(sparse.values == Tensor(rows: [[3, 4], [6, 8]]))
    #expect(sparse.dense() == Tensor(rows: [[0, 0], [3, 4], [0, 0], [0, 0], [6, 8]]))
    #expect(Gradient.rows(sparse).dense() == sparse.dense())
    #expect(SparseRows(shape: [3], adding: [], values: Tensor([])).dense() == Tensor.zeros([3]))
  }

  @Test("a table that is only looked up has a gradient in rows, with the dense one's bits", arguments: [1, 2, 3])
  func lookups(times: Int) {
    var random = SeededRandom(seed: 7)
    let table = Tensor.normal([50, 3], using: &random).tracked()
    let weights = Tensor.normal([3, 2], using: &random).tracked()
    var total = Tensor(0)
    for _ in 0..<times {
      let indices = (0..<8).map { _ in Int(random.uniform(in: 0..<12)) }
      total = total + table.rows(indices).matmul(weights).tanh().sum()
    }
    let (dense, sparse) = (total.gradients(of: [table, weights]), total.sparseGradients(of: [table, weights]))
    guard case .rows(let rows) = sparse[0] else {
      Issue.record("the table's gradient is dense")
      return
    }
    #expect(rows.rows.count <= 12 && rows.rows == Set(rows.rows).sorted())
    #expect(difference(rows.dense(), dense[0], "table", tolerance: 1e-6) == nil)
    if times == 1 { #expect(rows.dense() == dense[0]) }
    #expect(sparse[1] == .dense(dense[1]))
  }

  @Test("finite differences agree with a gradient in rows")
  func finiteDifferences() {
    var random = SeededRandom(seed: 8)
    let table = Tensor.normal([6, 3], using: &random)
    let upstream = Tensor.normal([4, 3], using: &random)
    func looked(_ table: Tensor) -> Tensor { table.rows([5, 0, 5, 2]).squared() }
    let leaf = table.tracked()
    let gradient = (looked(leaf) * upstream).sum().sparseGradients(of: [leaf])[0]
    #expect(gradientProblem([table], [gradient.dense()], upstream: upstream) { looked($0[0]) } == nil)
  }

  @Test("a table that is used in another way too has a dense gradient, and so has one that is not used")
  func mixed() {
    var random = SeededRandom(seed: 9)
    let table = Tensor.normal([5, 2], using: &random).tracked()
    let other = Tensor.ones([2, 2]).tracked()
    let total = table.rows([1, 3, 1]).sum() + table.squared().sum() + table.transposed().rows([0]).sum()
    let seen = total.sparseGradients(of: [table, other])
    #expect(difference(seen[0].dense(), total.gradients(of: [table])[0], "table", tolerance: 1e-6) == nil)
    if case .rows = seen[0] { Issue.record("the table's gradient is in rows") }
    #expect(seen[1] == .dense(Tensor.zeros([2, 2])))
  }

  @Test("a step on rows is the dense step of a rule that leaves the others alone")
  func step() {
    var random = SeededRandom(seed: 10)
    var (table, expected) = (Tensor.normal([9, 4], using: &random), Tensor(0))
    let leaf = table.tracked()
    let loss = leaf.rows([8, 2, 8]).squared().sum()
    expected = table - 0.1 * loss.gradients(of: [leaf])[0]
    guard case .rows(let gradient) = loss.sparseGradients(of: [leaf])[0] else {
      Issue.record("the gradient is dense")
      return
    }
    table.replaceRows(gradient.rows, with: table.rows(gradient.rows) - 0.1 * gradient.values)
    #expect(table == expected)
  }

  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test("rows of another width are refused")
  func width() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SparseRows(shape: [5, 2], adding: [0], values: Tensor.ones([1, 3]))
    }
    #expect(message(result).contains("shape error in SparseRows: [1, 3] at 1 indices of [5, 2]"))
  }

  @Test("a row that is not there is not replaced")
  func replaced() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var table = Tensor.ones([2, 3])
      table.replaceRows([2], with: Tensor.ones([1, 3]))
    }
    #expect(message(result).contains("shape error in replaceRows: row 2 of a tensor of shape [2, 3]"))
  }

  @Test("a leaf that is not tracked is refused")
  func untracked() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.ones([]).sparseGradients(of: [Tensor.ones([2, 3])])
    }
    #expect(message(result).contains("shape error in sparseGradients: a tensor of shape [2, 3] is not tracked"))
  }
}
