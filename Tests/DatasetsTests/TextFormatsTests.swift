import Behavior
import Datasets
import Foundation
import Simulation
import Tensors
import Testing

@Test("ratings are read from u.data with tabs or blanks, and CRLF")
func readsRatings() throws {
  let ratings = try MovieLens.ratings("196\t242\t3\t881250949\r\n186 302 3 891717742\n\n")
  #expect(
    ratings == [
      Rating(user: 196, item: 242, stars: 3, time: 881_250_949),
      Rating(user: 186, item: 302, stars: 3, time: 891_717_742),
    ])
}

@Test("what the generator writes is what the reader reads")
func ratingsRoundTrip() throws {
  var random = SeededRandom(seed: 3)
  var generator = RatingsGenerator()
  generator.users = 30
  let ratings = generator.ratings(using: &random)
  #expect(ratings.count > 600)
  #expect(try MovieLens.ratings(RatingsGenerator.text(ratings)) == ratings)
}

@Test(
  "a bad line of ratings is named with its number and what is wrong",
  arguments: [
    ("1\t1\t5\t0\n1\t2\t5\n", "u.data:2: user, item, stars and time expected, found 3 fields"),
    ("1\t1\tfive\t0\n", "u.data:1: \"five\" is not a whole number"),
    ("\n\n1\t1\t6\t0\n", "u.data:3: stars from 1 to 5 expected, found 6"),
    ("0\t1\t5\t0\n", "u.data:1: users and items are numbered from 1, found 0, 1"),
    ("userId,movieId,rating,timestamp\n", "u.data:1: user, item, stars and time expected, found 1 fields"),
  ])
func rejectsBadRatings(text: String, message: String) {
  let error = #expect(throws: DatasetError.self) { try MovieLens.ratings(text) }
  #expect(error?.description == message)
}

@Test("a table's columns are read by name and type")
func readsTables() throws {
  let table = try CSVTable("name,price,count\n\"a,b\",1.5,2\nc,-3e2,4\n", file: "t.csv")
  #expect(try table.texts("name") == ["a,b", "c"])
  #expect(try table.numbers("price") == [1.5, -300])
  #expect(try table.integers("count") == [2, 4])
}

@Test("a table's faults are named with the line")
func rejectsBadTables() throws {
  func message(_ body: () throws -> Void) -> String? {
    #expect(throws: DatasetError.self, performing: body)?.description
  }
  #expect(
    message { _ = try CSVTable("", file: "t.csv") } == "t.csv:1: the file is empty; the first row must name the columns"
  )
  #expect(message { _ = try CSVTable("a,b\n1\n", file: "t.csv") } == "t.csv:2: 2 fields expected, found 1")
  let table = try CSVTable("a,b\n1,\"two\nlines\"\nx,2.5\n", file: "t.csv")
  #expect(message { _ = try table.numbers("c") } == "t.csv:1: no column \"c\"; found a, b")
  #expect(message { _ = try table.numbers("a") } == "t.csv:4: a: \"x\" is not a number")
  #expect(message { _ = try table.integers("b") } == "t.csv:2: b: \"two\nlines\" is not a whole number")
  let missing = URL(filePath: "/nowhere/table.csv")
  #expect(
    message { _ = try CSVTable(contentsOf: missing) } == "/nowhere/table.csv: cannot be read: there is no such file")
}
