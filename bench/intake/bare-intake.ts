import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../adapters/postgres/open-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { createServer, listen, WEBHOOK_PATH } from '../../app/server.ts'
import { createInbox } from '../../app/webhooks/inbox.ts'
import { createWebhookRoute } from '../../app/webhooks/route.ts'
import { createWebhookListener } from '../../app/webhooks/webhook-listener.ts'
import { silentLog } from '../../ports/log.ts'

// The real way in, and nothing behind it: the server's HTTP, the signature, the inbox, the embedded database.
const secret = 'bench-webhook-secret'
const dataDir = await mkdtemp(join(tmpdir(), 'devloop-intake-'))
const parts = { clock: systemClock, random: createSystemRandom(), log: silentLog }
const { store, queue, close } = await openStore({ databaseUrl: undefined, dataDir, ...parts })
const inbox = createInbox({ deliveries: store.deliveries, queue, log: silentLog })
const webhook = createWebhookListener(createWebhookRoute({ secret, inbox, clock: systemClock }))
const server = await listen(createServer([]), { host: '127.0.0.1', port: 0, webhook })
process.send?.({ url: `${server.url}${WEBHOOK_PATH}`, secret })
process.once('SIGTERM', async () => {
  await server.close(1_000)
  await close()
  await rm(dataDir, { recursive: true, force: true })
  process.exit(0)
})
