import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Account, spentMicroUsd } from './account.ts'

/** The balance, which only the older API has. Failures come as 200 with `errors`, or as a page once it is gone. */
export async function answerGraphql(
  account: Account,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = ''
  for await (const part of request) text += String(part)
  if (account.options.graphql === 'gone') {
    response.writeHead(410, { 'content-type': 'text/html' }).end('<html><h1>Gone</h1></html>')
    return
  }
  if (request.headers.authorization !== `Bearer ${account.apiKey}`) {
    response.writeHead(401, { 'content-type': 'text/html' }).end('<html><h1>Unauthorized</h1></html>')
    return
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(/\bmyself\b/.test(text) ? { data: { myself: myself(account) } } : unknownField))
}

const unknownField = {
  errors: [{ message: 'Cannot query this field', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
}

function myself(account: Account) {
  const paying = [...account.pods.values()].filter((pod) => pod.status !== 'EXITED' && pod.status !== 'TERMINATED')
  return {
    clientBalance: (account.balanceMicroUsd - spentMicroUsd(account)) / 1e6,
    currentSpendPerHr: paying.reduce((sum, pod) => sum + pod.microUsdPerHour, 0) / 1e6,
    spendLimit: 80,
    notifyLowBalance: true,
  }
}
