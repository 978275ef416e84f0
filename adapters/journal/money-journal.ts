import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { StoreError } from '../../ports/errors.ts'
import { podName } from '../../ports/ids.ts'
import { microUsd } from '../../ports/money.ts'
import type { JournalLine, MoneyJournal } from '../../ports/store.ts'

const money = z.number().int().transform(microUsd)
const journalLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('create'),
    at: z.number(),
    podName,
    gpu: z.string(),
    microUsdPerHour: money,
    deadlineAt: z.number(),
    holderPid: z.number().int().nullable(),
  }),
  z.object({ kind: z.literal('settle'), at: z.number(), podName, microUsd: money, reason: z.string() }),
  z.object({ kind: z.literal('bill'), at: z.number(), podName, microUsd: money }),
])

/** One line of JSON per money fact in `directory/money.jsonl`, on the disk when `append` resolves. */
export function createMoneyJournal(directory: string): MoneyJournal {
  const path = join(directory, 'money.jsonl')
  let last: Promise<void> = Promise.resolve()
  return {
    append(line) {
      // One at a time: two writers of one file could mix their lines, and the second must see whether the first left a torn one.
      last = last.catch(() => {}).then(() => appendLine(path, line))
      return last
    },
    async readAll() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return ''
        throw journalFailure(path, error)
      })
      return text.split('\n').flatMap((line) => parseLine(line) ?? [])
    },
  }
}

async function appendLine(path: string, line: JournalLine): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, 'a+', 0o600)
    try {
      const torn = await endsWithoutNewline(file)
      await file.appendFile(`${torn ? '\n' : ''}${JSON.stringify(line)}\n`)
      await file.datasync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw journalFailure(path, error)
  }
}

/** A crash in the middle of a write leaves half a line; the next one must not be glued to it. */
async function endsWithoutNewline(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== 0x0a
}

/** Half lines, and kinds of a newer version, are passed over: every whole line before and after still counts. */
function parseLine(line: string): JournalLine | undefined {
  if (line.trim() === '') return undefined
  try {
    return journalLine.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

function journalFailure(path: string, cause: unknown): StoreError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  return new StoreError({
    code: 'unwritable',
    message: `The money journal ${path} could not be used (${code}); without it nothing is rented.`,
    remedy: 'Free space and give this user the right to write there, or point DEVLOOP_DATA to another directory.',
    owner: 'operator',
    facts: { path, code },
    cause,
  })
}
