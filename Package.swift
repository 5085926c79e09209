// swift-tools-version: 6.2
import PackageDescription

// The house: every target imports only what stands above it here. docs/architecture.md says what
// each one owns, and Tests/HouseTests holds this file against that table.

let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "defib",
  products: [
    .library(name: "defib", type: .dynamic, targets: ["Engine"]),
    .executable(name: "npyinspect", targets: ["npyinspect"]),
    .executable(name: "defib-cli", targets: ["defib-cli"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C libraries of the system, and the C contract.
    .systemLibrary(name: "CDNNL", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CEngine"),
    .target(name: "CArguments"),

    // The engine.
    .target(name: "Npy", dependencies: ["CZlib"]),
    .target(name: "Tensors", dependencies: ["CDNNL"]),
    .target(name: "Operators", dependencies: ["Tensors"]),
    .target(name: "Runs", dependencies: ["Npy", "Operators"]),
    .target(name: "Replay", dependencies: ["Runs"]),
    .target(name: "Trials", dependencies: ["Replay"]),
    .target(name: "Diagnosis", dependencies: ["Trials"]),
    .target(name: "Reports", dependencies: ["Diagnosis"]),
    .target(name: "Inspection", dependencies: ["Npy"]),

    // The commands, the library that holds everything, and the executables. The tool maintains this
    // repository.
    .target(name: "Commands", dependencies: ["Inspection", "CArguments", arguments]),
    .target(name: "DefibCommands", dependencies: ["Reports", "Commands", arguments]),
    .target(name: "Engine", dependencies: ["DefibCommands", "CEngine"]),
    .executableTarget(name: "npyinspect", dependencies: ["Commands"]),
    .executableTarget(name: "defib-cli", dependencies: ["DefibCommands"]),
    .executableTarget(name: "devtool", dependencies: ["Diagnosis", arguments]),

    // Tests: one target per module, and the few that look at the whole.
    .target(name: "Support", dependencies: ["Npy", "Trials"], path: "Tests/Support"),
    .systemLibrary(
      name: "CPython", path: "Tests/CPython", pkgConfig: "python3-embed",
      providers: [.apt(["python3-dev"])]),
    .testTarget(name: "NpyTests", dependencies: ["Npy", "Support"]),
    .testTarget(name: "InspectionTests", dependencies: ["Inspection", "Support"]),
    .testTarget(name: "InteropTests", dependencies: ["Npy", "CPython", "Support"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    .testTarget(
      name: "OperatorsTests", dependencies: ["Operators", "Npy"], exclude: ["Goldens"]),
    .testTarget(name: "RunsTests", dependencies: ["Runs", "Support"]),
    .testTarget(name: "ReplayTests", dependencies: ["Replay", "Support"]),
    .testTarget(name: "TrialsTests", dependencies: ["Trials", "Support"]),
    .testTarget(name: "DiagnosisTests", dependencies: ["Diagnosis", "Support"]),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "Support"]),
    .testTarget(
      name: "EngineTests", dependencies: ["Engine", "CEngine", "Support"], exclude: ["Programs"]),
    .testTarget(name: "CommandTests", dependencies: ["Support"], exclude: ["Snapshots"]),
    .testTarget(name: "HouseTests", dependencies: ["Operators", "Support"]),
  ],
  swiftLanguageModes: [.v6]
)
