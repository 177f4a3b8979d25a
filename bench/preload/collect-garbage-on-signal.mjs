// Loaded into a process whose memory is measured (node --import): SIGUSR2 collects all garbage, so that what is left is
// what its sockets need.
import { Session } from 'node:inspector/promises'

const session = new Session()
session.connect()
await session.post('HeapProfiler.enable')

process.on('SIGUSR2', () => {
  session
    .post('HeapProfiler.collectGarbage')
    .catch((error) => process.stderr.write(`no garbage was collected: ${error}\n`))
})
