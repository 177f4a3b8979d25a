import { getConversation, getHeads, listConversations } from './conversations.ts'
import { getDirectHistory, getHistory, sendCommand, sendDirect, sendMessage } from './messages.ts'
import type { Operation } from './operation.ts'
import { advanceReceipt } from './receipts.ts'
import { login, logout, logoutEverywhere, refresh } from './sessions.ts'
import { getTimeline } from './timeline.ts'
import { getJwks } from './token.ts'
import { createUser, getMe, getUser, searchUsers } from './users.ts'

/** Every HTTP operation of Parley, in the order in which the API page shows them. */
export const operations: readonly Operation[] = [
  createUser,
  getMe,
  getUser,
  searchUsers,
  login,
  refresh,
  logout,
  logoutEverywhere,
  getJwks,
  sendDirect,
  getDirectHistory,
  sendCommand,
  sendMessage,
  getHistory,
  listConversations,
  getConversation,
  getTimeline,
  getHeads,
  advanceReceipt,
]
