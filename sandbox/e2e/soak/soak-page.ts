import { thisMachine } from '../__support__/machine.ts'
import type { SoakResult } from './soak-run.ts'

/** `docs/soak.md`. */
export function soakPage(result: SoakResult, faults: readonly string[], at: Date): string {
  const { days, seed, wallSeconds, spells, deliveries, jobsByOutcome } = result
  const { fine: _fine, ...bad } = spells
  return [
    '# A soak in virtual time',
    '',
    `Written by \`npm run soak -- --days ${days} --seed ${seed} --write\` on ${at.toISOString().slice(0, 10)}, ${thisMachine()}.`,
    '',
    'The real server (webhook route, inbox, commands, job runner, reviews, governance, upkeep, fleet, controller, the adapters of GitHub and',
    'Ollama) over a GitHub in memory, a RunPod at its port and the rule-based stand-in for a model, in virtual time. People work in office',
    'hours; vendors fail now and then and have bad spells; the process is killed and deployed. Rows live in the in-memory store; what has',
    'ended is kept for two days.',
    '',
    '| what | came to |',
    '| --- | --- |',
    ...[
      ['days, in seconds of real time', `${days}, ${wallSeconds} s`],
      ['pull requests, pushes, commands', `${result.pullRequests}, ${result.pushes}, ${result.commands}`],
      ['commands done, refused with a reason', `${result.answered}, ${result.refused}`],
      ['pull requests with a verdict on their last head', `${result.governed} of ${result.pullRequests}`],
      ['jobs by outcome', wordsOf(jobsByOutcome)],
      [
        'webhooks',
        `${wordsOf(deliveries)} in the inbox; ${result.lostWebhooks} lost on the way, ${result.redelivered} asked for again`,
      ],
      ['calls to GitHub', `${result.githubCalls}, at most ${result.mostCallsPerMinute} in a minute`],
      ['killed, deployed', `${result.kills}, ${result.restarts}`],
      ['bad spells', wordsOf(bad)],
      ['pods rented, at once, at the end', `${result.podsRented}, ${result.maxPods}, ${result.podsAtEnd}`],
      ['ledger, bill', `$${result.ledgerUsd.toFixed(4)}, $${result.billedUsd.toFixed(4)} (${apartOf(result)} % apart)`],
      ['lost, done twice, never ended', `${result.lost.length}, ${result.twice.length}, ${result.jobsOpen}`],
      ['verdict', faults.length === 0 ? 'holds' : `**does not hold**: ${faults.join('; ')}`],
    ].map((cells) => line(cells)),
    '',
    'At three in the morning, after a full collection:',
    '',
    '| at | pull requests so far | heap | rows that are dropped in time | of those overdue | rows that stay | open handles |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...result.looks.map(({ at: time, pullRequests, heapMb, rows, overdue, lasting, handles }) =>
      line([time.slice(0, 10), pullRequests, `${heapMb.toFixed(1)} MB`, rows, overdue, lasting, handles]),
    ),
    '',
    'Rows that stay are pods, what jobs cost, and small facts. The judgement fails when retention is switched off (`--leak`), and when heap',
    'or handles grow (`sandbox/e2e/soak/soak.test.ts`).',
    '',
  ].join('\n')
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}

function wordsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ')
}

function apartOf({ ledgerUsd, billedUsd }: SoakResult): string {
  return ((Math.abs(ledgerUsd - billedUsd) / Math.max(billedUsd, 1e-9)) * 100).toFixed(2)
}
