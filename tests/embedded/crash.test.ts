import { createPlan } from '../traffic/plan.ts'
import { runTrafficOnEmbedded } from '../traffic/traffic-on-embedded.ts'

describe('real traffic', () => {
  it('loses and doubles nothing, while clients come and go and the process is killed twice', async () => {
    const seed = 20_260
    const plan = createPlan({ seed, users: 12, conversations: 30, messages: 1_200 })
    const report = await runTrafficOnEmbedded({
      plan,
      processes: 2,
      seed,
      killAt: [0.3, 0.6],
      onProgress: () => {},
      onKill: () => {},
    })
    expect(report.findings).toEqual([])
    expect(report.counts).toMatchObject({ accepted: 1_200, stored: 1_200, expected: 2_400, seen: 2_400 })
    expect(report).toMatchObject({ kills: 2, pending: 0, exitCode: 0 })
    expect(report.duplicates).toBeGreaterThan(100)
    expect(report.disconnects).toBeGreaterThan(0)
  }, 180_000)
})
