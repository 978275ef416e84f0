import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { requirePeer } from '../report/peers.ts'

// Probot as it comes, with a handler that does nothing: verified, parsed, handed over, forgotten.
interface ProbotPeer {
  readonly Probot: new (options: { appId: number; privateKey: string; secret: string; logLevel: string }) => unknown
  createNodeMiddleware(
    app: (probot: { onAny(handler: () => void): void }) => void,
    options: { probot: unknown; webhooksPath: string },
  ): Promise<RequestListener>
}

const secret = 'bench-webhook-secret'
const path = '/api/github/webhooks'
const { Probot, createNodeMiddleware }: ProbotPeer = await import(pathToFileURL(requirePeer.resolve('probot')).href)
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})
const probot = new Probot({ appId: 1, privateKey, secret, logLevel: 'fatal' })
const middleware = await createNodeMiddleware((app) => app.onAny(() => {}), { probot, webhooksPath: path })
const server = createServer(middleware).listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ url: `http://127.0.0.1:${port}${path}`, secret })
})
process.once('SIGTERM', () => process.exit(0))
