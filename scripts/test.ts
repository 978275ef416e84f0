import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

// `npm test`: types, lint, directions, dead code, every test, fresh bundles, and a tree that is as clean after as it was before.
const resultSchema = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() })

const dirtyBefore = dirtyPaths()
const scratch = mkdtempSync(join(tmpdir(), 'devloop-test-'))
const failures: string[] = []
let summary = '0 passed, 0 failed'
try {
  if (!run('npm', ['run', '--silent', 'check'])) failures.push('npm run check')
  const reportPath = join(scratch, 'vitest.json')
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`]
  if (!run('vitest', [...args, ...process.argv.slice(2)])) failures.push('vitest')
  summary = summarise(reportPath)
  if (!run(process.execPath, ['scripts/bundle.ts', '--check'])) failures.push('bundle freshness (npm run bundle)')
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
const left = [...dirtyPaths()].filter((line) => !dirtyBefore.has(line))
if (left.length > 0) failures.push(`a clean tree (left behind: ${left.join(', ')})`)

if (failures.length > 0) process.stderr.write(`\nNot green: ${failures.join('; ')}\n`)
process.stdout.write(`\n${summary}\n`)
process.exitCode = failures.length > 0 ? 1 : 0

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0
}

function dirtyPaths(): ReadonlySet<string> {
  const text = execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' })
  return new Set(text.split('\n').filter((line) => line !== ''))
}

function summarise(path: string): string {
  const result = resultSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  const skipped = result.numPendingTests > 0 ? `, ${result.numPendingTests} skipped` : ''
  return `${result.numPassedTests} passed, ${result.numFailedTests} failed${skipped}`
}
