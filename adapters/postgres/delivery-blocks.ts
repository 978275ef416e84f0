import type { DeliveryId } from '../../ports/ids.ts'
import type { StoredDelivery } from '../../ports/store.ts'
import { packTexts, unpackTexts } from './delivery-block.ts'
import { type Sql, withoutNul } from './sql.ts'

/** A payload that is read later brings its whole block with it, and a text in memory may not be endless. */
const MOST_CHARS = 4_000_000

/** Deliveries whose payloads lie together in blocks, one statement each. */
export function createDeliveryBlocks(sql: Pick<Sql, 'query'>) {
  /** A backlog is read in the order it came, so that the next payload is nearly always in the same block. */
  let last: { readonly id: number; readonly texts: readonly string[] } | undefined

  async function add(deliveries: readonly StoredDelivery[]): Promise<readonly DeliveryId[]> {
    const payloads = deliveries.map(({ payload }) => payload)
    const rows = await sql.query<{ id: DeliveryId }>(
      `WITH block AS (
         INSERT INTO devloop.delivery_block (newest_at, packed) VALUES ($1, decode($2, 'base64')) RETURNING id
       )
       INSERT INTO devloop.delivery (id, event, received_at, payload, block, place)
       SELECT v.id, v.event, v.received_at, '', block.id, v.place - 1
       FROM block, unnest($3::text[], $4::text[], $5::bigint[]) WITH ORDINALITY AS v (id, event, received_at, place)
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [
        Math.max(...deliveries.map(({ receivedAt }) => receivedAt)),
        packTexts(withoutNul(payloads) as string[]),
        deliveries.map(({ id }) => id),
        deliveries.map(({ event }) => event),
        deliveries.map(({ receivedAt }) => receivedAt),
      ],
    )
    return rows.map(({ id }) => id)
  }

  return {
    async addAll(deliveries: readonly StoredDelivery[]): Promise<ReadonlySet<DeliveryId>> {
      const added = new Set<DeliveryId>()
      for (const part of partsOf(deliveries)) for (const id of await add(part)) added.add(id)
      return added
    },
    async textAt(block: number, place: number): Promise<string> {
      if (last?.id !== block) {
        const [row] = await sql.query<{ packed: string }>(
          `SELECT encode(packed, 'base64') AS packed FROM devloop.delivery_block WHERE id = $1`,
          [block],
        )
        last = { id: block, texts: unpackTexts(row?.packed ?? '') }
      }
      const text = last.texts[place]
      if (text === undefined) throw new RangeError(`block ${block} of the inbox has no payload ${place}`)
      return text
    },
    /** Drops the blocks of which every delivery is gone: those that stay although they are old are undone. */
    async prune(before: number): Promise<void> {
      await sql.query(
        `DELETE FROM devloop.delivery_block b WHERE b.newest_at < $1 AND NOT EXISTS (
           SELECT 1 FROM devloop.delivery d WHERE d.fate IS NULL AND d.received_at < $1 AND d.block = b.id)`,
        [before],
      )
      last = undefined
    },
  }
}

function partsOf(deliveries: readonly StoredDelivery[]): readonly (readonly StoredDelivery[])[] {
  const parts: StoredDelivery[][] = [[]]
  let chars = 0
  for (const delivery of deliveries) {
    if (chars > 0 && chars + delivery.payload.length > MOST_CHARS) {
      parts.push([])
      chars = 0
    }
    chars += delivery.payload.length
    parts.at(-1)?.push(delivery)
  }
  return parts
}
