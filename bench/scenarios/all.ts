import { connectStorm } from './connect-storm.ts'
import { conversationList } from './conversation-list.ts'
import { fanOut } from './fan-out.ts'
import { gateways } from './gateways.ts'
import { history } from './history.ts'
import { hotConversation } from './hot-conversation.ts'
import { idleMemory } from './idle-memory.ts'
import { login } from './login.ts'
import { maxRate } from './max-rate.ts'
import { resyncStorm } from './resync-storm.ts'
import type { Scenario } from './scenario.ts'
import { sendHttp, sendSocket } from './send.ts'
import { sustained } from './sustained.ts'

export const scenarios: readonly Scenario[] = [
  sendHttp,
  sendSocket,
  fanOut,
  maxRate,
  hotConversation,
  history,
  conversationList,
  idleMemory,
  gateways,
  connectStorm,
  resyncStorm,
  login,
  sustained,
]
