import Support
import Testing

@testable import Replay

private func rehearse(
  _ run: Run, trained: Bool = true, _ steps: Int = 1500
) throws -> Rehearsals {
  let weights = try Weights(run)
  let rehearsed = try Rehearsals.rehearse(
    run, on: try Stage(run), before: try Weights(run, at: .initial),
    after: trained ? weights : nil, .init(), workers: 2)
  guard case .done(let rehearsals) = rehearsed else { throw Missing() }
  return rehearsals
}

private struct Missing: Error {}

@Test func aFirstLookIsTheBeginningOfTheFullRehearsal() throws {
  let all = try rehearse(try RunFixture.sound(samples: 64).run()).all
  let own = all.filter { $0.script.rate == 1 && $0.script.start == .before }
  let (look, full) = (try #require(own.first), try #require(own.last))
  #expect(look.script.steps < full.script.steps)
  let shared = full.updates.filter { $0 <= look.script.steps }
  #expect(look.updates == shared)
  #expect(look.losses == Array(full.losses.prefix(shared.count)))
}

@Test func aRehearsalEndsWhereNothingIsLeftToLearn() throws {
  let all = try rehearse(try RunFixture.sound(samples: 64).run()).all
  let own = try #require(all.last { $0.script.rate == 1 && $0.script.start == .before })
  #expect(own.end <= 0.004)
  #expect(try #require(own.updates.last) < own.script.steps)
  #expect(own.losses.dropLast().allSatisfy { $0 > 0.004 })
}

@Test func aChangeIsRehearsedForAsLongAsTheTraining() throws {
  var net = RunFixture.sound(samples: 64)
  net.training["epochs"] = .int(100)
  let all = try rehearse(try net.run())
  #expect(all.trainedSteps == 400)
  for rehearsal in all.all where rehearsal.script.rate != 1 {
    #expect(rehearsal.script.steps <= 400)
  }
  #expect(all.all.contains { $0.script.rate == 1 && $0.script.steps == all.steps })
  let open = try rehearse(try net.run(), trained: false)
  #expect(open.all.contains { $0.script.rate != 1 && $0.script.steps == open.steps })
}
