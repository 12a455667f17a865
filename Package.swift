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

// A cold build is a quarter shorter if the compiler may start a module's interface and all its parts at once: left to
// itself it often finishes one part before it begins the next, whatever core is idle. And indexing what the system's
// modules declare, once for each of ours, would take a tenth of the build.
let cores = ProcessInfo.processInfo.activeProcessorCount
let building = [
  "-j\(cores + 2)", "-driver-batch-count", "\(cores + 1)", "-index-ignore-system-modules",
  "-index-ignore-clang-modules",
]
let fast: [SwiftSetting] = [.unsafeFlags(optimised + building)]

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
    .target(name: "Tensors", swiftSettings: fast),
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
  target.swiftSettings = [.unsafeFlags(building)]
}
