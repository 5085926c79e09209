import Glibc

/// Gives memory that this process has freed, but that its allocator keeps, back to the system before as
/// much of it is needed: proving the export of a large network leaves about a GiB.
func giveBackMemory(_ needed: Int) {
  guard needed >= 1 << 28, let trim else { return }
  _ = trim(0)
}

/// Looked up, for the module of the C library leaves it out, and only that of GNU has it.
private let trim: (@convention(c) (Int) -> Int32)? = dlsym(nil, "malloc_trim").map {
  unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
}
