import type { Attack } from './attack.ts'
import type { FromAttacker, ToAttacker } from './attacker.ts'
import { hostileKinds } from './kinds.ts'

let attack: Attack | undefined
const tell = (message: FromAttacker): void => void process.send?.(message)

async function carryOut(message: ToAttacker): Promise<FromAttacker> {
  switch (message.do) {
    case 'prepare': {
      const kind = hostileKinds.find(({ name }) => name === message.kind)!
      attack = await kind.prepare(message.target)
      return { did: 'prepare' }
    }
    case 'begin':
      attack!.begin()
      return { did: 'begin' }
    case 'end':
    default:
      attack!.end()
      return { did: 'end', counts: attack!.counts() }
  }
}

process.on('message', (message) => {
  carryOut(message as ToAttacker).then(tell, (error: unknown) => tell({ did: 'fail', why: String(error) }))
})
