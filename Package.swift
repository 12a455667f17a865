// swift-tools-version: 6.3
import Foundation
import PackageDescription

// Numeric code runs at full speed in a plain `swift run` or `swift test`: `-O` optimises a target in debug builds
// too, `-march=native` lets the vector kernels use all of this machine's registers, and without `errno` a loop of
// square roots is one instruction for sixteen of them.
#if arch(x86_64)
  let optimised = ["-O", "-Xcc", "-march=native", "-Xcc", "-fno-math-errno"]
#else
  let optimised = ["-O", "-Xcc", "-fno-math-errno"]
#endif

// How a cold build keeps all cores busy. Optimised modules are compiled as wholes, several beside each other: parts
// share no work, so that what a file uses of the standard library would be optimised for each file anew. `Tensors`, on
// which all others wait, and what is not optimised are compiled in parts, more than there are cores. Indexing what the
// system's modules declare, once for each of ours, would take a tenth of the build.
let cores = ProcessInfo.processInfo.activeProcessorCount
let indexing = ["-index-ignore-system-modules", "-index-ignore-clang-modules"]
func inParts(_ count: Int) -> [String] { ["-j\(count + 1)", "-driver-batch-count", "\(count)"] + indexing }
let asWhole = ["-disable-batch-mode", "-whole-module-optimization", "-num-threads", "\(cores)"] + indexing
let fast: [SwiftSetting] = [.unsafeFlags(optimised + asWhole)]
let fastInParts: [SwiftSetting] = [.unsafeFlags(optimised + inParts(2 * cores))]

// The worker opens a candidate's library with `dlopen`; the library finds `Tensors`, `Curriculum` … in the worker. A
// crash is told by the lines of the candidate's file; reading the debug information of all the rest, too, would make
// each one ten times slower.
let workerLinking: [LinkerSetting] = [
  .unsafeFlags(
    ["-Xlinker", "--export-dynamic", "-Xlinker", "--strip-debug"], .when(platforms: [.linux]))
]

let package = Package(
  name: "BehaviorDojo",
  products: [
    .executable(name: "dojo", targets: ["dojo"])
  ],
  targets: [
    // The engine.
    .target(name: "Tensors", swiftSettings: fastInParts),
    .target(name: "Learning", dependencies: ["Tensors"], swiftSettings: fast),
    .target(name: "Behavior", dependencies: ["Tensors"], swiftSettings: fast),
    .target(name: "Simulation", dependencies: ["Tensors", "Behavior"], swiftSettings: fast),
    .target(
      name: "Datasets", dependencies: ["Tensors", "Behavior"], resources: [.copy("Data")], swiftSettings: fast),
    .target(name: "Detection", dependencies: ["Tensors", "Learning", "Behavior"], swiftSettings: fast),
    .target(name: "Charts"),

    .target(
      name: "Benchmarks", dependencies: ["Tensors", "Learning", "Behavior", "Simulation", "Detection"],
      swiftSettings: fast),

    // The exercises. Starters in `Exercises/` are no target: `dojo` compiles the one edited file by itself. What an
    // implementation calls, and what trains it, is optimised; checks and demos only call that, and optimising them
    // would take most of the build.
    .target(name: "Contracts", dependencies: ["Tensors", "Learning", "Behavior", "Simulation"]),
    .target(
      name: "Harness",
      dependencies: ["Contracts", "Tensors", "Learning", "Behavior", "Simulation", "Datasets", "Detection"],
      swiftSettings: fast),
    .target(
      name: "Curriculum",
      dependencies: ["Contracts", "Harness", "Tensors", "Learning", "Behavior", "Simulation", "Datasets", "Charts"],
      resources: [.copy("Goldens")]),
    .target(
      name: "Solutions", dependencies: ["Tensors", "Learning", "Behavior", "Contracts"],
      path: "Solutions", swiftSettings: fast),
    .target(
      name: "Mistakes", dependencies: ["Tensors", "Learning", "Behavior", "Contracts", "Curriculum", "Solutions"],
      path: "Tests/MistakeTests"),

    // The runner.
    .target(
      name: "Grading", dependencies: ["Contracts", "Curriculum", "Tensors", "Learning"],
      resources: [.copy("Starters.json")]),
    .target(name: "Similarity"),
    .target(name: "Classroom", dependencies: ["Grading", "Contracts", "Curriculum", "Charts", "Similarity"]),
    .executableTarget(
      name: "dojo",
      dependencies: [
        "Classroom", "Grading", "Contracts", "Curriculum", "Solutions", "Mistakes", "Tensors", "Learning", "Behavior",
        "Simulation", "Datasets", "Charts", "Benchmarks", "Detection", "dojo-worker",
      ]),
    .executableTarget(name: "dojo-worker", dependencies: ["Grading"], linkerSettings: workerLinking),

    // Tests.
    .target(name: "EngineTestSupport", dependencies: ["Tensors"], path: "Tests/EngineTestSupport"),
    .testTarget(
      name: "TensorsTests", dependencies: ["Tensors", "EngineTestSupport"], resources: [.copy("Goldens")]),
    .testTarget(
      name: "LearningTests", dependencies: ["Learning", "EngineTestSupport"], resources: [.copy("Goldens")]),
    .testTarget(
      name: "BenchmarksTests", dependencies: ["Benchmarks", "Tensors", "Learning", "EngineTestSupport"],
      resources: [.copy("Goldens")]),
    .testTarget(name: "BehaviorTests", dependencies: ["Behavior", "Simulation", "Tensors"]),
    .testTarget(name: "SimulationTests", dependencies: ["Simulation", "Behavior", "Tensors"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "Behavior", "Tensors"]),
    .testTarget(name: "DetectionTests", dependencies: ["Detection", "Behavior", "Simulation", "Learning", "Tensors"]),
    .testTarget(name: "ChartsTests", dependencies: ["Charts"]),
    .testTarget(name: "GradingTests", dependencies: ["Grading", "Contracts", "Curriculum", "dojo-worker"]),
    .testTarget(
      name: "RedTeam", dependencies: ["Grading", "Contracts", "Curriculum", "Solutions", "dojo-worker"],
      path: "Tests/RedTeam", exclude: ["Attacks"]),
    .testTarget(
      name: "ClassroomTests",
      dependencies: ["Classroom", "Similarity", "Grading", "Contracts", "Curriculum", "dojo", "dojo-worker"],
      resources: [.copy("Similarity/Fixtures")]),
    .testTarget(
      name: "CurriculumTests",
      dependencies: ["Grading", "Contracts", "Curriculum", "Solutions", "Mistakes", "dojo-worker"]),
    .testTarget(
      name: "ExerciseTests", dependencies: ["Grading", "Contracts", "Curriculum", "Solutions", "dojo-worker"]),
    .testTarget(
      name: "DojoTests",
      dependencies: ["dojo", "Grading", "Contracts", "Curriculum", "Benchmarks", "Behavior", "Tensors"]),
  ]
)

for target in package.targets where target.swiftSettings == nil {
  target.swiftSettings = [.unsafeFlags(inParts(cores + 1))]
}
