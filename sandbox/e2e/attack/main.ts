import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type DoorLine, recordDoors } from './attack-record.ts'
import { PARSERS } from './parsers.ts'

// `npm run attack [-- --runs 100000] [--door NAME] [--seed N] [--record]`: every door that strangers reach, one after the other; with
// --record what was measured goes into docs/security.md. Doors are fed in slices of their own seeds, so that a slice is quick to repeat.
const SLICE = 10_000
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    door: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
})
const doors = PARSERS.filter(({ name }) => values.door === undefined || name === values.door)
if (doors.length === 0) {
  process.stderr.write(`There is no door "${values.door}"; there are: ${PARSERS.map(({ name }) => name).join(', ')}.\n`)
  process.exitCode = 2
}
const runs = Number(values.runs)
const lines: DoorLine[] = []
for (const parser of doors) {
  const began = process.cpuUsage()
  let failure: string | null = null
  for (let done = 0; done < runs && failure === null; done += SLICE)
    failure = await parser.fuzz(Math.min(SLICE, runs - done), Number(values.seed) + done / SLICE)
  const { user, system } = process.cpuUsage(began)
  const seconds = (user + system) / 1e6
  lines.push({ door: parser.name, runs, seconds: Math.round(seconds * 10) / 10, holds: failure === null })
  process.stdout.write(
    `${parser.name.padEnd(28)}${values.runs.padStart(9)} inputs ${seconds.toFixed(1).padStart(8)} s of processor  ${failure ?? 'holds'}\n`,
  )
  if (failure !== null) process.exitCode = 1
}
if (values.record) {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`
  recordDoors(lines, { machine, date: new Date().toISOString().slice(0, 10) })
}
