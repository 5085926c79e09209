// swift-tools-version: 6.2
import PackageDescription

// Fuzzers guided by coverage, as a package of its own: every module in it is built with the
// instruments of libFuzzer and AddressSanitizer (scripts/fuzz). Sources/Modules is a link to Defib's. The
// commands stay out, and with them the engine's file that calls them.

let modules = "Sources/Modules/"

let package = Package(
  name: "defib-fuzz",
  targets: [
    .systemLibrary(name: "CDNNL", path: modules + "CDNNL", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CZlib", path: modules + "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CEngine", path: modules + "CEngine"),
    .target(name: "Npy", dependencies: ["CZlib"], path: modules + "Npy"),
    .target(name: "Tensors", dependencies: ["CDNNL"], path: modules + "Tensors"),
    .target(name: "Operators", dependencies: ["Tensors"], path: modules + "Operators"),
    .target(name: "Runs", dependencies: ["Npy", "Operators"], path: modules + "Runs"),
    .target(name: "Replay", dependencies: ["Runs"], path: modules + "Replay"),
    .target(name: "Trials", dependencies: ["Replay"], path: modules + "Trials"),
    .target(name: "Diagnosis", dependencies: ["Trials"], path: modules + "Diagnosis"),
    .target(name: "Reports", dependencies: ["Diagnosis"], path: modules + "Reports"),
    .target(name: "Inspection", dependencies: ["Npy"], path: modules + "Inspection"),
    .target(
      name: "Engine", dependencies: ["Reports", "Inspection", "CEngine"], path: modules + "Engine",
      exclude: ["CommandLines.swift"]),
    .systemLibrary(name: "LibFuzzer"),
    .executableTarget(name: "fuzz", dependencies: ["Engine", "LibFuzzer"]),
  ],
  swiftLanguageModes: [.v6]
)
