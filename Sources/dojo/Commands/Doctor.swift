import Charts
import Curriculum
import Datasets
import Foundation
import Grading
import Solutions

extension Command {
  static let doctor = Command(name: "doctor", abstract: "Check the toolchain, the sandbox and the data.") {
    _, session in
    let findings: [(name: String, finding: Finding)] = [
      ("package", Finding { try session.workspace().root.path }),
      ("swiftc", Finding { try compilerVersion() }),
      ("worker", Finding { try BuildProducts.find().worker.path }),
      ("compiling", Finding { try compileAndAnswer(session) }),
      ("sandbox", sandbox()),
      ("data", Finding { try dataSummary() }),
      ("exercises", Finding { try exerciseSummary() }),
      ("state", Finding { try "\(session.workspace().state.path), \(Standing(session).tried) exercises tried" }),
      ("machine", .good("\(machine.activeProcessorCount) cores, \(machine.physicalMemory >> 30) GB of memory")),
    ]
    let console = session.console
    for (name, finding) in findings {
      let sign =
        switch finding {
        case .good: console.paint("✓", .green)
        case .limited: console.paint("!", .yellow)
        case .broken: console.paint("✗", .red)
        }
      console.line("\(sign) \(name.padding(toLength: 12, withPad: " ", startingAt: 0)) \(finding.text)")
    }
    let isHealthy = findings.allSatisfy { !$0.finding.isBroken }
    console.line(isHealthy ? "Ready." : "Something needs mending; see above.")
    return isHealthy ? .success : .failedChecks
  }

  private static let machine = ProcessInfo.processInfo

  private static func dataSummary() throws -> String {
    let mnist = try Datasets.mnist()
    let fashion = try Datasets.fashion()
    let retail = try Datasets.onlineRetail()
    let karate = try Datasets.karateClub()
    return "\(mnist.train.count + mnist.test.count) digits, \(fashion.train.count + fashion.test.count) clothes, "
      + "\(retail.invoices.count) invoices, \(karate.factions.count) karate members"
  }

  private static func exerciseSummary() throws -> String {
    let missing = Exercise.all.filter { references[$0.name] == nil }.map(\.id)
    guard missing.isEmpty else {
      throw CommandError(.ourFault, "no reference for \(missing.joined(separator: ", "))")
    }
    return "\(Exercise.all.count), each with a reference"
  }

  private static func compilerVersion() throws -> String {
    let version = try Toolchain.find().version
    return String(version.prefix { $0 != "\n" })
  }

  /// Compiles a pristine starter and asks it one question, which it must answer with "not started".
  private static func compileAndAnswer(_ session: Session) throws -> String {
    guard let exercise = Exercise.all.first, let pristine = PristineStarters.text(for: exercise) else {
      throw CommandError(.ourFault, "there is no pristine starter")
    }
    let file = FileManager.default.temporaryDirectory.appending(path: "dojo-doctor-\(UUID().uuidString).swift")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("\(pristine)\n// So that it is compiled: a pristine file is known without.\n".utf8).write(to: file)
    let start = ContinuousClock.now
    let result = try session.grader(seed: 1).grade(exercise, file: file) { _, _ in }
    guard result.isNotStarted else {
      throw CommandError(.ourFault, result.checks.first.map { "\($0.outcome.rawValue): \($0.message)" } ?? "no verdict")
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return "a starter compiles and answers in \(String(format: "%.2f", seconds)) s"
  }

  /// The tier that `--sandbox auto` takes, tried out.
  private static func sandbox() -> Finding {
    do {
      let sandbox = try Sandbox.resolve(.auto)
      guard let fallback = sandbox.fallback else { return .good(sandbox.meaning) }
      return .limited("\(sandbox.meaning). No stronger tier, as \(fallback)")
    } catch {
      return .broken("\(error)")
    }
  }
}

private enum Finding {
  case good(String)
  case limited(String)
  case broken(String)

  init(_ examine: () throws -> String) {
    do { self = .good(try examine()) } catch { self = .broken("\(error)") }
  }

  var isBroken: Bool {
    if case .broken = self { true } else { false }
  }

  var text: String {
    switch self {
    case .good(let text), .limited(let text), .broken(let text): text
    }
  }
}
