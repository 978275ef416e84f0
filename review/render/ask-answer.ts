import { formatUsd } from '../../ports/money.ts'
import { sanitizeModelLine, sanitizeModelText } from '../prove/sanitize.ts'
import type { AskRun } from '../run-ask.ts'
import { codeSpan } from './markdown-text.ts'
import { count } from './words.ts'

/** The answer to `/devloop ask`, as a comment. */
export function renderAskAnswer(question: string, run: AskRun): string {
  const { answer, evidence, problem } = run
  const quoted = question
    .split('\n')
    .slice(0, 5)
    .map((line) => `> ${sanitizeModelText(line, 300)}`)
  const parts = [quoted.join('\n')]
  if (answer === null)
    parts.push(`**No answer:** ${sanitizeModelLine(problem ?? 'no part of the change could be read.', 600)}`)
  else if (answer === '') parts.push('Nothing in the parts of this change that were read bears on the question.')
  else parts.push(sanitizeModelText(answer, 6_000))
  if (evidence.length > 0) {
    const lines = evidence
      .slice(0, 8)
      .map(({ path, line, quote }) => `- ${codeSpan(`${path}:${line}`)} ${codeSpan(quote.slice(0, 160))}`)
    parts.push(`From the change:\n${lines.join('\n')}`)
  }
  if (answer !== null && problem !== null)
    parts.push(`> Not all of the change was read: ${sanitizeModelText(problem, 300)}`)
  parts.push(`<sub>${receipt(run)}</sub>`)
  return parts.join('\n\n')
}

function receipt({ partsRead, partsAll, leftOut, unread, cost, model, usage }: AskRun): string {
  return [
    `${partsRead} of ${count(partsAll, 'part')} of the change read`,
    ...(leftOut > 0 ? [`${count(leftOut, 'hunk')} left out by rule`] : []),
    ...(unread > 0 ? [`${count(unread, 'hunk')} without room`] : []),
    model ?? 'no model',
    `${usage.promptTokens.toLocaleString('en-US')} tokens in, ${usage.completionTokens.toLocaleString('en-US')} out`,
    formatUsd(cost.microUsd),
  ].join(' · ')
}
