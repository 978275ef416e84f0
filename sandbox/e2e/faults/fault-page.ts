import { thisMachine } from '../__support__/machine.ts'
import type { Told } from './run-faults.ts'

const COMMAND = 'npm run faults -- --write'

/** `docs/faults.md`. */
export function faultPage(told: readonly Told[], at: Date): string {
  const rows = told.map((row) =>
    'cannot' in row
      ? line([row.id, '', `not shown here: ${row.cannot}`, '', '', '', '', '', ''])
      : line([
          row.area,
          row.fault,
          row.pullRequest,
          row.dashboard,
          row.log === '' ? 'nothing' : row.log,
          row.cli,
          row.lost.length === 0 ? 'nothing' : row.lost.join('; '),
          String(row.podsAtEnd),
          `${row.recoverySeconds} s`,
        ]),
  )
  return [
    '# Faults: what people see, and what is lost',
    '',
    `Written by \`${COMMAND}\` on ${at.toISOString().slice(0, 10)}, ${thisMachine()}.`,
    '',
    'Each row is one run of the real server over an emulated GitHub, RunPod and Ollama; faults of PostgreSQL, disk, clock and memory strike',
    'real processes. Somebody asks for a review, the fault strikes, it is healed, and what went in (commands, jobs, deliveries, money) is',
    'compared by machine with what came out. "Lost" must say nothing, and no pod may live at the end. Time is from the end of the fault to',
    'the end of the work, its pod given back. A door that says "stored" before anything is turns the table red',
    '(`sandbox/e2e/faults/faults.test.ts`).',
    '',
    line(['of', 'fault', 'on the pull request', 'dashboard', 'log', 'command line', 'lost', 'pods', 'recovered in']),
    line(Array.from({ length: 9 }, () => '---')),
    ...rows,
    '',
  ].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}
