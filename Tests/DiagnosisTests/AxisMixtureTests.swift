import Testing

@testable import Diagnosis

/// Which reshapes mix axes.
struct AxisMixtureTests {
  @Test(arguments: [
    ([7, 15, 5], [7, 5, 15]), ([7, 16, 32], [7, 4, 16, 8]), ([7, 4, 16, 8], [7, 16, 32]),
    ([2, 7, 6], [7, 12]), ([7, 4, 4, 3], [7, 3, 4, 4]), ([7, 1, 10, 4], [7, 4, 1, 10]),
  ])
  func `lengths in another order are a permutation`(from: [Int], to: [Int]) throws {
    #expect(try #require(AxisMixture(from: from, to: to)).isPermutation)
  }

  @Test(arguments: [
    ([7, 28, 28], [7, 49, 16]), ([7, 3, 32, 32], [7, 64, 48]), ([10, 4], [8, 5]),
  ])
  func `rows that share no boundary are mixed`(from: [Int], to: [Int]) throws {
    #expect(try #require(AxisMixture(from: from, to: to)).isPermutation == false)
  }

  @Test(arguments: [
    ([7, 15, 5], [7, 75]), ([7, 75], [7, 15, 5]), ([7, 16, 32], [7, 16, 4, 8]), ([7, 6], [42]),
    ([7, 16, 5], [7, 8, 10]), ([7, 8, 10], [7, 16, 5]), ([7, 1, 5], [7, 5, 1]), ([6, 6], [6, 6]),
    ([7, 28, 28], [7, 14, 56]), ([0, 3], [3, 0]), ([2, 3], [5]), ([], [1]),
  ])
  func `merged, split and cut axes keep their order`(from: [Int], to: [Int]) {
    #expect(AxisMixture(from: from, to: to) == nil)
  }

  @Test func `an entry shows what lies where`() throws {
    let mixture = try #require(AxisMixture(from: [7, 15, 5], to: [7, 5, 15]))
    // The second row of 15 begins with the fourth row of 5.
    #expect(mixture.entry == [0, 1, 0])
    #expect(mixture.held == [0, 3, 0])
  }

  @Test func `sizes beyond all numbers are no mixture`() {
    let huge = Int.max / 2
    #expect(AxisMixture(from: [3, huge, 5], to: [5, huge, 3]) == nil)
  }
}
