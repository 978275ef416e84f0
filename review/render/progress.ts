import { formatUsd, type MicroUsd } from '../../ports/money.ts'
import { codeSpan } from './markdown-text.ts'
import { summaryMarker } from './markers.ts'
import { count, duration } from './words.ts'

/** Where a running review is. */
export interface Progress {
  readonly headSha: string
  readonly phase: 'gathering' | 'waiting' | 'reading' | 'doubting' | 'posting'
  /** What the fleet says while it rents and boots; empty otherwise. */
  readonly detail: string
  readonly promptsDone: number
  readonly promptsAll: number
  readonly filesDone: number
  readonly filesAll: number
  readonly spentMicroUsd: MicroUsd
  readonly elapsedMs: number
  readonly detailsUrl: string | null
}

const phaseText: Readonly<Record<Progress['phase'], string>> = {
  gathering: 'reading the change',
  waiting: 'waiting for a GPU',
  reading: 'the model reads the change',
  doubting: 'doubting what was found',
  posting: 'writing the result',
}

/** The summary comment while the review runs. */
export function renderProgress(progress: Progress): string {
  return [summaryMarker, `### DevLoop review: ${progressTitle(progress)}`, progressLine(progress), linkLine(progress)]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Short enough for the title of a check run. */
export function progressTitle({ phase, promptsDone, promptsAll }: Progress): string {
  return phase === 'reading' && promptsAll > 0
    ? `${phaseText[phase]}, ${promptsDone} of ${promptsAll}`
    : phaseText[phase]
}

export function progressLine(progress: Progress): string {
  const { headSha, detail, filesDone, filesAll, spentMicroUsd, elapsedMs } = progress
  const facts = [
    `commit ${codeSpan(headSha.slice(0, 10))}`,
    ...(filesAll > 0 ? [`${filesDone} of ${count(filesAll, 'file')} read`] : []),
    `${duration(elapsedMs)} so far`,
    `${formatUsd(spentMicroUsd)} spent`,
    ...(detail === '' ? [] : [codeSpan(detail.slice(0, 200))]),
  ]
  return facts.join(' · ')
}

function linkLine({ detailsUrl }: Progress): string {
  return detailsUrl === null ? '' : `<sub>[Live](${detailsUrl}) · \`/devloop cancel\` stops it</sub>`
}
