import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAdvisories } from './advisories.ts'
import { lockfile, lockfileProblems, uncheckedBinaries } from './lockfile-rules.ts'

// `npm run audit [-- --strict]`: licences, origins and checksums of every dependency, then known holes. Where the registry does not answer
// the last question, that is said; with --strict it fails.
const isStrict = process.argv.includes('--strict')
const isWorkflow = process.env.GITHUB_ACTIONS === 'true'
const lock = lockfile.parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')))
const count = Object.keys(lock.packages).length - 1
const advisories = readAdvisories(new Date().toISOString().slice(0, 10))
const unchecked = uncheckedBinaries(lock)
const problems = [...lockfileProblems(lock), ...(advisories.kind === 'read' ? advisories.problems : [])]

for (const problem of problems) say('error', problem)
if (problems.length === 0)
  say('ok', `${count} packages: licences, origins, checksums and install scripts are as they should be`)
if (unchecked.length > 0)
  say(
    'warning',
    `${unchecked.length} binaries of other systems have no checksum; \`npm install\` online fills them in (${unchecked[0]}, ...)`,
  )
if (advisories.kind === 'read') say('ok', `known holes: ${advisories.problems.length}`)
else
  say(
    'warning',
    `SKIPPED, nothing is known about known holes: the registry did not answer npm audit (${advisories.why})`,
  )
process.exitCode = problems.length > 0 ? 1 : advisories.kind === 'skipped' && isStrict ? 3 : 0

function say(level: 'ok' | 'warning' | 'error', sentence: string): void {
  process.stdout.write(level === 'ok' || !isWorkflow ? `${level.padEnd(8)} ${sentence}\n` : `::${level}::${sentence}\n`)
}
