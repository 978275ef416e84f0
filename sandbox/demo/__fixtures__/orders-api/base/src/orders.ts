import type { Database } from './database.ts'

export interface Order {
  readonly id: number
  readonly customer: string
  readonly totalCents: number
}

export async function findOrder(database: Database, id: number): Promise<Order | undefined> {
  const rows = await database.query<Order>('SELECT id, customer, total_cents FROM orders WHERE id = $1', [id])
  return rows[0]
}

export async function saveOrder(database: Database, order: Order): Promise<void> {
  await database.query('INSERT INTO orders (id, customer, total_cents) VALUES ($1, $2, $3)', [
    order.id,
    order.customer,
    order.totalCents,
  ])
}
