import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import type { Target } from './attack.ts'

export type ToAttacker = { do: 'prepare'; kind: string; target: Target } | { do: 'begin' } | { do: 'end' }
export type FromAttacker =
  | { did: 'prepare' | 'begin' }
  | { did: 'end'; counts: Readonly<Record<string, number>> }
  | { did: 'fail'; why: string }

/**
 * Hostile people have machines of their own. Here they have the server's, so what they do for themselves comes after
 * what it does (`nice`); what they make it do does not.
 */
const priority = 15

/** A process that plays one hostile kind, so that its work does not delay what honest people are measured by. */
export interface Attacker {
  readonly kind: string
  begin(): Promise<void>
  /** Resolves to what it did, and what it was answered. */
  end(): Promise<Readonly<Record<string, number>>>
  close(): void
}

/** Resolves when it has its accounts and is ready. @throws when it cannot get them */
export async function startAttacker(kind: string, target: Target): Promise<Attacker> {
  const child: ChildProcess = fork('tests/hostile/attacker-process.ts', {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  if (child.pid !== undefined) setPriority(child.pid, priority)
  const order = (message: ToAttacker) =>
    new Promise<FromAttacker>((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`${kind} ended with ${code}`))
      child.once('exit', onExit)
      child.once('message', (answer: FromAttacker) => {
        child.off('exit', onExit)
        if (answer.did === 'fail') reject(new Error(`${kind}: ${answer.why}`))
        else resolve(answer)
      })
      child.send(message)
    })
  try {
    await order({ do: 'prepare', kind, target })
  } catch (error) {
    child.kill()
    throw error
  }
  return {
    kind,
    begin: async () => void (await order({ do: 'begin' })),
    async end() {
      const answer = await order({ do: 'end' })
      return answer.did === 'end' ? answer.counts : {}
    },
    close: () => void child.kill(),
  }
}
