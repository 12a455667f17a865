import Foundation
import Tensors
import Testing

@Suite("Matrix")
struct MatrixTests {
  @Test("the example in the documentation holds")
  func example() {
    let a = Matrix([[1, 2], [3, 4]])
    #expect(a[0, 1] == 2)
    #expect(a.times(a).values == [7, 10, 15, 22])
    #expect(a.transposed()[0, 1] == 3)
    #expect(a.row(1) == [3, 4])
  }

  @Test("a product of rectangles equals the sum by definition")
  func product() {
    var random = SeededRandom(seed: 5)
    let a = Matrix.normal(rows: 3, columns: 4, using: &random)
    let b = Matrix.normal(rows: 4, columns: 2, using: &random)
    let product = a.times(b)
    for i in 0..<3 {
      for j in 0..<2 {
        #expect(product[i, j] == (0..<4).reduce(0) { $0 + a[i, $1] * b[$1, j] })
      }
    }
  }

  @Test("writing one number changes that number alone")
  func write() {
    var a = Matrix(repeating: 0, rows: 2, columns: 3)
    a[1, 2] += 5
    #expect(a.values == [0, 0, 0, 0, 0, 5])
  }

  @Test("a matrix survives encoding, and data that does not fit throws")
  func coding() throws {
    let a = Matrix([[0.1, 0.2, 1.0 / 3]])
    #expect(try JSONDecoder().decode(Matrix.self, from: JSONEncoder().encode(a)) == a)
    for text in [#"{"rows":2,"columns":2,"values":[1,2,3]}"#, #"{"rows":-1,"columns":-1,"values":[1]}"#] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(Matrix.self, from: Data(text.utf8)) }
    }
  }
}
