import { alice, bob } from './protocol-server.ts'
import { createSimulatedApp, type SimulatedApp } from './simulated-app.ts'
import { createSimulatedNetwork } from './simulated-network.ts'
import type { Plan, Step } from './simulated-plan.ts'
import { wrongInResyncs, wrongInSends, wrongInView } from './simulated-promises.ts'
import { createSimulatedServer } from './simulated-server.ts'
import { createVirtualClock } from './virtual-clock.ts'

/** Longer than everything that a client may wait for: 5 minutes that a server asked for, and some gaps. */
const patienceMs = 480_000

/** Lets a plan happen, then the weather clear, and tells what is wrong then. */
export async function liveThrough({ from, history, steps, fates, blocked }: Plan): Promise<string[]> {
  const clock = createVirtualClock()
  const server = createSimulatedServer(clock.now)
  for (let i = 0; i < history; i += 1) server.send('room', bob.id, `h${i}`, `history ${i}`)
  await clock.pass(1_000)
  const network = createSimulatedNetwork(server, clock.timers(), fates)
  const apps = from.map((start, index) =>
    createSimulatedApp({
      server,
      network,
      clock,
      user: index === 1 ? bob : alice,
      from: start,
      blocked: blocked?.who === index ? blocked.how : undefined,
      random: [0.5, 0.1, 0.9][index] ?? 0,
    }),
  )
  let said = 0

  async function take(step: Step): Promise<void> {
    if (step.do === 'restart-server') return network.restart(step.ms)
    if (step.do === 'drain') return network.drain(step.ms)
    if (step.do === 'expire-tokens') return server.expireTokens()
    const app = apps[step.who % apps.length]
    switch (step.do) {
      case 'send': {
        said += 1
        const text = `message ${said}`
        const to = app?.client.user?.id === bob.id ? alice.id : bob.id
        return app?.send(step.to === 'person' ? { to, text } : { conversationId: step.to, text }, `c${said}`)
      }
      case 'give-up':
        return app?.giveUp()
      case 'cut':
        return app?.device.cut(step.noticedAfterMs)
      case 'silence':
        return app?.device.silence(step.ms)
      case 'disconnect':
        return app?.client.disconnect()
      case 'connect':
        return app?.connect()
      case 'restart-app':
        await app?.restart()
    }
  }

  for (const [pauseMs, step] of steps) {
    await clock.pass(pauseMs)
    await take(step)
  }

  network.heal()
  for (const app of apps) {
    app.device.silence(0)
    app.connect()
  }
  const isDone = (app: SimulatedApp): boolean =>
    (app.blocked === undefined ? app.client.state === 'live' : app.client.limited === 'no-socket') &&
    app.client.unsent().length === 0 &&
    [...server.conversations].every(([id, entries]) => app.client.position(id) === entries.length)
  const deadline = clock.now() + patienceMs
  while (clock.now() < deadline) {
    if (apps.every(isDone)) {
      // Nothing may come twice afterwards, and a gateway that drains may only now send its clients away.
      await clock.pass(45_000)
      if (apps.every(isDone)) break
    }
    await clock.pass(5_000)
  }

  const problems = [...network.faults]
  for (const [index, app] of apps.entries()) {
    if (!isDone(app)) problems.push(`app ${index} never got done: ${app.client.state}`)
    await app.end()
    problems.push(
      ...[...app.faults, ...wrongInView(app, server.conversations, history), ...wrongInResyncs(app)].map(
        (problem) => `app ${index}: ${problem}`,
      ),
    )
  }
  return [...problems, ...wrongInSends(apps, server.conversations)]
}
