import Datasets
import Foundation
import Testing

/// The header of an IDX file of bytes, and as many entries as asked for.
private func idx(_ shape: [UInt8], entries: Int, type: UInt8 = 8, start: [UInt8] = [0, 0]) -> [UInt8] {
  start + [type, UInt8(shape.count)] + shape.flatMap { [0, 0, 0, $0] } + (0..<entries).map { UInt8($0 % 251) }
}

/// A folder that is removed when the test is over.
private func withFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "IDXTests-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

@Test("an IDX file gives its shape and its bytes")
func readsIDX() throws {
  let array = try IDXArray(idx([2, 3, 4], entries: 24), file: "x", rank: 3)
  #expect(array.shape == [2, 3, 4])
  #expect(array.bytes == Array(0..<24))
  #expect(try IDXArray(idx([0], entries: 0), file: "x").bytes.isEmpty)
}

@Test(
  "a broken IDX file is named with what was expected and what was found",
  arguments: [
    ([], "x: expected an IDX file, which begins with 0 0, found 0 bytes beginning "),
    ([0x89, 0x50, 0x4E, 0x47], "x: expected an IDX file, which begins with 0 0, found 4 bytes beginning 89 50 4e 47"),
    ([0x1F, 0x8B, 8, 0], "x: expected an uncompressed IDX file (unpack it with gunzip), found a gzip file"),
    (idx([2, 2, 2], entries: 8, type: 13), "x: expected IDX type 8 (unsigned bytes), found type 13"),
    (idx([8], entries: 8), "x: expected 3 axes, found 1"),
    ([0, 0, 8, 3, 0, 0], "x: expected a header of 16 bytes, found 6 bytes"),
    (idx([2, 3, 4], entries: 23), "x: expected 24 entries for shape [2, 3, 4], found 23"),
    (idx([2, 3, 4], entries: 25), "x: expected 24 entries for shape [2, 3, 4], found 25"),
    (
      [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12),
      "x: expected axes of a sensible size, found [4294967295, 4294967295]"
    ),
  ] as [([UInt8], String)])
func rejectsBrokenIDX(bytes: [UInt8], message: String) {
  let error = #expect(throws: DatasetError.self) { try IDXArray(bytes, file: "x", rank: 3) }
  #expect(error?.description == message)
}

@Test("a user's own folder with the four published files is read")
func readsAUsersFolder() throws {
  try withFolder { folder in
    for (name, count) in [("train", 3), ("t10k", 2)] {
      try Data(idx([UInt8(count), 2, 2], entries: 4 * count)).write(
        to: folder.appending(path: "\(name)-images-idx3-ubyte"))
      try Data(idx([UInt8(count)], entries: count)).write(to: folder.appending(path: "\(name)-labels-idx1-ubyte"))
    }
    let set = try ImageDataset(folder: folder, classNames: ["a", "b", "c"])
    #expect(set.train.count == 3 && set.test.labels == [0, 1])
    #expect(set.train.images(at: [2]).scalars == [8, 9, 10, 11].map { Float($0) / 255 })

    let labels = folder.appending(path: "train-labels-idx1-ubyte")
    let tooLarge = #expect(throws: DatasetError.self) { try ImageDataset(folder: folder, classNames: ["a", "b"]) }
    #expect(tooLarge?.description == "\(labels.path): expected labels below 2, found 2 for image 2")
    try Data(idx([2], entries: 2)).write(to: labels)
    let tooFew = #expect(throws: DatasetError.self) { try ImageDataset(folder: folder, classNames: ["a", "b", "c"]) }
    #expect(tooFew?.description == "\(labels.path): expected 3 labels, one for each image, found 2")
    try FileManager.default.removeItem(at: labels)
    let missing = #expect(throws: DatasetError.self) { try ImageDataset(folder: folder, classNames: ["a", "b", "c"]) }
    #expect(missing?.description == "\(labels.path): cannot be read: there is no such file")
  }
}

@Test("images can be chosen by place and by class")
func choosesImages() {
  let images = LabelledImages(height: 1, width: 2, pixels: [0, 51, 102, 153, 204, 255], labels: [7, 8, 7])
  #expect(images.images.shape == [3, 2])
  #expect(images.images.scalars == [0, 0.2, 0.4, 0.6, 0.8, 1])
  #expect(images.only(classes: [7]).pixels == [0, 51, 204, 255])
  #expect(images.selecting([2, 1]).labels == [7, 8])
}
