// swift-tools-version: 6.2
import PackageDescription

// Benchmarks of single kernels, as a package of its own: nothing else needs its dependency, and no
// product of Defib lets the modules inside of it be imported. Sources/Modules is a link to Defib's.

let modules = "Sources/Modules/"

let package = Package(
  name: "defib-benchmarks",
  dependencies: [
    .package(url: "https://github.com/google/swift-benchmark", from: "0.1.2")
  ],
  targets: [
    .systemLibrary(name: "CDNNL", path: modules + "CDNNL", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CZlib", path: modules + "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "Npy", dependencies: ["CZlib"], path: modules + "Npy"),
    .target(name: "Tensors", dependencies: ["CDNNL"], path: modules + "Tensors"),
    .target(name: "Operators", dependencies: ["Tensors"], path: modules + "Operators"),
    .target(name: "Runs", dependencies: ["Npy", "Operators"], path: modules + "Runs"),
    .target(name: "Replay", dependencies: ["Runs"], path: modules + "Replay"),
    .executableTarget(
      name: "microbench",
      dependencies: ["Replay", .product(name: "Benchmark", package: "swift-benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
