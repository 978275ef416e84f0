import { parseArgs } from 'node:util'
import { PARSERS } from './parsers.ts'

// `npm run attack -- --runs 100000 [--only NAME] [--seed N]`: every parser that strangers reach, one after the other.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
for (const parser of PARSERS.filter(({ name }) => values.only === undefined || name === values.only)) {
  const began = performance.now()
  const failure = await parser.fuzz(Number(values.runs), Number(values.seed))
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  process.stdout.write(
    `${parser.name.padEnd(28)}${values.runs.padStart(9)} inputs ${seconds.padStart(8)} s  ${failure ?? 'holds'}\n`,
  )
  if (failure !== null) process.exitCode = 1
}
