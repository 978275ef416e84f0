import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { Database } from './database.ts'
import { findOrder, searchOrders, totalOf } from './orders.ts'

export function startServer(database: Database, port: number) {
  return createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname === '/search') {
      const customer = url.searchParams.get('customer') ?? ''
      const filters = JSON.parse(url.searchParams.get('filters') ?? '{}')
      const orders = await searchOrders(database, customer, filters.limit ?? 50)
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ orders, totalCents: totalOf(orders) }))
      return
    }
    if (url.pathname === '/invoice') {
      const file = await readFile(join('invoices', url.searchParams.get('name') ?? ''))
      response.writeHead(200, { 'content-type': 'application/pdf' })
      response.end(file)
      return
    }
    const id = Number.parseInt(url.searchParams.get('id') ?? '', 10)
    const order = Number.isNaN(id) ? undefined : await findOrder(database, id)
    response.writeHead(order ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(order ?? { error: 'no such order' }))
  }).listen(port)
}
