import { createHash } from 'node:crypto'
import { formatUsd } from '../../ports/money.ts'
import type { ReviewResult } from '../result.ts'
import { codeSpan, table } from './markdown-text.ts'
import { count, duration } from './words.ts'

/** `$0.0042 · 21 GPU s · qwen3-coder:30b`. */
export function receiptLine({ cost, receipt }: ReviewResult): string {
  if (receipt.model === null) return 'no model was used'
  const price = receipt.pod === null && cost.microUsd === 0 ? 'nothing rented' : formatUsd(cost.microUsd)
  return [price, `${Math.round(cost.gpuMs / 1000)} GPU s`, receipt.model].join(' · ')
}

export function receiptTable({ cost, receipt, usage }: ReviewResult): string {
  const versions = Object.entries(receipt.promptVersions).map(([name, version]) => `${name} ${version}`)
  const rows: (readonly [string, string])[] = [
    ['model', receipt.model === null ? 'none' : codeSpan(receipt.model)],
    ['digest', receipt.digest === null ? 'unknown' : codeSpan(receipt.digest.slice(0, 19))],
    ['pod', receipt.pod === null ? 'none rented by this run' : codeSpan(receipt.pod)],
    ['GPU', receipt.gpu ?? 'unknown'],
    ['GPU time', duration(cost.gpuMs)],
    ['cost', formatUsd(cost.microUsd)],
    ['calls', count(usage.calls, 'call')],
    [
      'tokens',
      `${usage.promptTokens.toLocaleString('en-US')} in, ${usage.completionTokens.toLocaleString('en-US')} out`,
    ],
    ['passes', String(receipt.passes)],
    ['seed', String(receipt.seed)],
    [
      'prompts',
      `${versions.join(', ')}; ${count(receipt.promptHashes.length, 'hash', 'hashes')}, together ${codeSpan(hashOfAll(receipt.promptHashes))}`,
    ],
    ['input', codeSpan(receipt.inputHash.slice(0, 16))],
    ['change', `${codeSpan(receipt.headSha.slice(0, 10))} against ${codeSpan(receipt.baseSha.slice(0, 10))}`],
    ['took', duration(receipt.endedAt - receipt.startedAt)],
  ]
  return table(['', ''], rows)
}

function hashOfAll(hashes: readonly string[]): string {
  return createHash('sha256').update(hashes.join('\n')).digest('hex').slice(0, 16)
}
