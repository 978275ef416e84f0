import { createServer } from 'node:http'
import type { Database } from './database.ts'
import { findOrder } from './orders.ts'

export function startServer(database: Database, port: number) {
  return createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const id = Number.parseInt(url.searchParams.get('id') ?? '', 10)
    const order = Number.isNaN(id) ? undefined : await findOrder(database, id)
    response.writeHead(order ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(order ?? { error: 'no such order' }))
  }).listen(port)
}
