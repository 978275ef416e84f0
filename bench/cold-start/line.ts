import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OpenChange, openChange } from '../checks/open-change.ts'
import { runDanger } from '../checks/run-danger.ts'
import { startChecksWorld } from '../checks/world.ts'
import type { Figures } from '../report/line-result.ts'
import { arePeersInstalled, PEERS, PEERS_MISSING } from '../report/peers.ts'
import { reportLine } from '../report/report-line.ts'
import { median, medianRatio, percentile } from '../report/statistics.ts'
import { createRepository } from './repository.ts'

const ROOT = join(import.meta.dirname, '../..')
const FULL = { rounds: 11, files: 5_000 }
const QUICK = { rounds: 2, files: 500 }
const OWN = 'devloop check'

type Times = Map<string, number[]>

await reportLine(async ({ isQuick, say }) => {
  const { rounds, files } = isQuick ? QUICK : FULL
  const hasPeers = arePeersInstalled()
  say(`a repository of ${files} files`)
  const repository = await createRepository(files)
  const world = await startChecksWorld()
  try {
    const change = await openChange(world.github, 'acme/cold', 1)
    await writeFile(join(repository.folder, 'empty.mjs'), '')
    const node = (...given: string[]) => runNode(repository.folder, given)
    const subjects: readonly (readonly [name: string, run: () => Promise<number>])[] = [
      ['bare node', () => node('empty.mjs')],
      [OWN, () => node(join(ROOT, 'dist/devloop.js'), 'check', '--staged', '--base', 'main')],
      ['devloop check, from source', () => node(join(ROOT, 'cli/main.ts'), 'check', '--staged', '--base', 'main')],
      ...(hasPeers
        ? peers(node, (dangerfile) => runDanger(world.github, change satisfies OpenChange, dangerfile))
        : []),
    ]
    const times: Times = new Map(subjects.map(([name]) => [name, []]))
    for (const [, run] of subjects) await run()
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}`)
      const first = round % subjects.length
      for (const [name, run] of [...subjects.slice(first), ...subjects.slice(0, first)])
        times.get(name)?.push(await run())
    }
    return figuresOf(times, files)
  } finally {
    await world.stop()
    await repository.remove()
  }
})

function peers(
  node: (...given: string[]) => Promise<number>,
  danger: (dangerfile: 'dangerfile.js' | 'dangerfile-empty.js') => Promise<number>,
): readonly (readonly [string, () => Promise<number>])[] {
  const commitlint = join(PEERS, 'node_modules/@commitlint/cli/cli.js')
  return [
    ['commitlint', () => node(commitlint, '--last', '--config', join(PEERS, 'commitlint.json'))],
    ['danger ci', () => danger('dangerfile.js')],
    ['danger ci, empty dangerfile', () => danger('dangerfile-empty.js')],
  ]
}

/** Milliseconds from start to exit; it must have judged, and found nothing wrong. */
async function runNode(cwd: string, given: readonly string[]): Promise<number> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, given, { cwd, stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const [code] = await once(child, 'close')
  const ms = performance.now() - startedAt
  if (code !== 0) throw new Error(`${given.join(' ')} ended with ${code}: ${said.slice(-500)}`)
  return ms
}

function figuresOf(times: Times, files: number): Figures {
  const of = (name: string) => times.get(name) ?? []
  const hasPeers = times.has('danger ci')
  return {
    tables: [
      {
        title: 'From start to exit',
        columns: [
          { name: '' },
          { name: 'median ms', digits: 0 },
          { name: 'p90 ms', digits: 0 },
          { name: 'beyond bare node ms', digits: 0 },
        ],
        rows: [...times].map(([name, all]) => [
          name,
          median(all),
          percentile(all, 0.9),
          median(all) - median(of('bare node')),
        ]),
      },
    ],
    goals: [
      {
        what: `devloop check --staged, ${files.toLocaleString('en-US')} files`,
        value: median(of(OWN)),
        unit: 'ms',
        sign: '<=',
        limit: 350,
        digits: 0,
      },
      {
        what: 'faster than `danger ci`',
        value: hasPeers ? medianRatio(of('danger ci'), of(OWN)) : null,
        unit: '×',
        sign: '>=',
        limit: 1,
        digits: 1,
      },
      {
        what: 'faster than `commitlint`',
        value: hasPeers ? medianRatio(of('commitlint'), of(OWN)) : null,
        unit: '×',
        sign: '>=',
        limit: 1,
        digits: 1,
      },
    ],
    charts: [
      {
        title: 'From start to exit',
        unit: 'ms',
        isMoreBetter: false,
        bars: [...times].map(([name, all]) => ({ name, value: median(all), isOurs: name.startsWith('devloop') })),
      },
    ],
    skipped: hasPeers ? [] : [PEERS_MISSING],
  }
}
