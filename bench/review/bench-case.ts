import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Change } from './review-change.ts'

const text = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value))

const caseShape = z.strictObject({
  id: z.string(),
  /** The class of the seeded bug; absent in clean changes and anchor cases. */
  class: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  path: z.string(),
  base: z.string(),
  edits: z.array(z.strictObject({ from: z.string(), to: z.string() })).default([]),
  append: z.string().default(''),
  eol: z.enum(['lf', 'crlf', 'crlf-to-lf']).default('lf'),
  finalNewline: z.boolean().default(true),
  /** Lines at the head, verbatim, any of which is the right place. */
  at: text.default([]),
  anchor: z
    .strictObject({
      quote: z.string(),
      claimed: z.number(),
      line: z.number().nullable(),
      endLine: z.number().optional(),
      side: z.enum(['LEFT', 'RIGHT']).default('RIGHT'),
    })
    .optional(),
})

/** One small pull request of the set. */
export interface BenchCase extends z.infer<typeof caseShape> {
  readonly kind: 'bug' | 'clean' | 'injection' | 'anchor'
  readonly language: 'TypeScript' | 'Python' | 'Go'
  readonly change: Change
  /** Numbers of the lines `at`. */
  readonly rightLines: readonly number[]
}

const folder = join(import.meta.dirname, 'cases')
const run = promisify(execFile)

/** Reads the whole set; throws where a case contradicts itself. */
export async function loadCases(): Promise<BenchCase[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'devloop-bench-'))
  try {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort()
    const cases: BenchCase[] = []
    for (const file of files) {
      const entries = z.array(caseShape).parse(parse(await readFile(join(folder, file), 'utf8')))
      for (const entry of entries) cases.push(await buildCase(entry, kindOf(file), scratch))
    }
    return cases
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function kindOf(file: string): BenchCase['kind'] {
  if (file === 'clean.yaml') return 'clean'
  if (file === 'injections.yaml') return 'injection'
  return file === 'anchors.yaml' ? 'anchor' : 'bug'
}

async function buildCase(
  entry: z.infer<typeof caseShape>,
  kind: BenchCase['kind'],
  scratch: string,
): Promise<BenchCase> {
  const { path, eol, finalNewline } = entry
  const plainHead =
    entry.edits.reduce((known, { from, to }) => replaceOnce(known, from, to, entry.id), entry.base) + entry.append
  const base = eol === 'lf' ? entry.base : entry.base.replaceAll('\n', '\r\n')
  const ended = eol === 'crlf' ? plainHead.replaceAll('\n', '\r\n') : plainHead
  const head = finalNewline ? ended : ended.replace(/\r?\n$/u, '')
  const lines = plainHead.split('\n')
  const rightLines = entry.at.map((line) => lines.indexOf(line) + 1)
  if (rightLines.includes(0)) throw new Error(`case ${entry.id}: a line of "at" is not in its head`)
  return {
    ...entry,
    kind,
    language: path.endsWith('.py') ? 'Python' : path.endsWith('.go') ? 'Go' : 'TypeScript',
    rightLines,
    change: {
      diff: await gitDiff(scratch, path, base, head),
      title: entry.title ?? `Change ${path}`,
      description: entry.description ?? '',
      head: new Map([[path, head]]),
    },
  }
}

function replaceOnce(known: string, from: string, to: string, id: string): string {
  if (known.split(from).length !== 2) throw new Error(`case ${id}: "${from}" does not stand exactly once in its base`)
  return known.replace(from, () => to)
}

/** Git itself makes the diff, so that cases hold what reviews get. */
async function gitDiff(scratch: string, path: string, base: string, head: string): Promise<string> {
  for (const [side, content] of [
    ['a', base],
    ['b', head],
  ] as const) {
    const file = join(scratch, side, path)
    await rm(join(scratch, side), { recursive: true, force: true })
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  const done = run(
    'git',
    [
      '-c',
      'core.autocrlf=false',
      '-c',
      'core.quotePath=true',
      'diff',
      '--no-index',
      '--no-prefix',
      '--no-color',
      'a',
      'b',
    ],
    { cwd: scratch },
  )
  // Exit status 1 means that there are differences.
  return done.then(
    () => {
      throw new Error(`case of ${path}: base and head are the same`)
    },
    (error: { readonly code?: number; readonly stdout?: string }) => {
      if (error.code === 1 && error.stdout !== undefined) return error.stdout
      throw error
    },
  )
}
