import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { type Asked, type ThreadOrder, type Told, toPlain, type Wish } from './pglite-messages.ts'

// The thread that PostgreSQL runs in: a statement there keeps no webhook and no answer waiting here. Started by start-pglite.ts.

interface OpenTransaction {
  readonly connection: Pick<PGlite, 'query' | 'exec'>
  readonly end: PromiseWithResolvers<void>
  /** Resolves when it is committed, rejects when it was rolled back or could not be committed. */
  readonly over: Promise<void>
}

if (parentPort === null) throw new Error('this file is started as a thread, never as a program')
const port = parentPort
const tell = (told: Told) => port.postMessage(told)
const { files, settings } = workerData as ThreadOrder
const transactions = new Map<number, OpenTransaction>()
const listeners = new Map<number, () => Promise<void>>()

try {
  const pglite = await PGlite.create({
    dataDir: files,
    startParams: [...PGlite.defaultStartParams, ...settings],
    parsers: { 20: Number },
  })
  port.on('message', ({ id, wish }: Asked) => {
    carryOut(pglite, id, wish).then(
      (rows) => tell({ kind: 'done', id, rows }),
      (error: unknown) => tell({ kind: 'failed', id, error: toPlain(error) }),
    )
  })
  tell({ kind: 'opened' })
} catch (error) {
  tell({ kind: 'refused', error: toPlain(error) })
}

async function carryOut(pglite: PGlite, id: number, wish: Wish): Promise<readonly object[]> {
  switch (wish.kind) {
    case 'query':
      return (await connectionOf(pglite, wish.transaction).query<object>(wish.text, [...wish.values])).rows
    case 'exec':
      return (await connectionOf(pglite, wish.transaction).exec(wish.text)).flatMap(({ rows }) => rows)
    case 'begin':
      await begin(pglite, id)
      return []
    case 'end':
      await end(wish.transaction, wish.how)
      return []
    case 'listen':
      listeners.set(id, await pglite.listen(wish.channel, (payload) => tell({ kind: 'heard', listener: id, payload })))
      return []
    case 'unlisten':
      await listeners.get(wish.listener)?.()
      listeners.delete(wish.listener)
      return []
    case 'close':
      await pglite.close()
      return []
  }
}

function connectionOf(pglite: PGlite, transaction: number | undefined): Pick<PGlite, 'query' | 'exec'> {
  return transaction === undefined ? pglite : openTransaction(transaction).connection
}

function openTransaction(id: number): OpenTransaction {
  const transaction = transactions.get(id)
  if (transaction === undefined) throw new Error('the transaction has ended')
  return transaction
}

/** PGlite's own transaction, held open until its end is asked for; all others wait for it meanwhile, as they would for any. */
function begin(pglite: PGlite, id: number): Promise<void> {
  const opened = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const over = pglite.transaction(async (connection) => {
    transactions.set(id, { connection, end, over })
    opened.resolve()
    await end.promise
  })
  over.catch(opened.reject)
  return opened.promise
}

async function end(id: number, how: 'commit' | 'rollback'): Promise<void> {
  const transaction = openTransaction(id)
  transactions.delete(id)
  if (how === 'commit') {
    transaction.end.resolve()
    await transaction.over
    return
  }
  const asked = new Error('rolled back as it was asked')
  transaction.end.reject(asked)
  await transaction.over.catch((error: unknown) => {
    if (error !== asked) throw error
  })
}
