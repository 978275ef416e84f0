import type { ChangedFile } from '../diff/model.ts'
import type { Finding } from '../finding.ts'
import { renderBlock } from '../pack/render-block.ts'
import type { DoubtSubject } from './doubt-finding.ts'

/** Lines of the file shown on either side of the claim. */
const linesAround = 30
const maxLineChars = 300

/**
 * What the sceptic gets to see of a finding: the file around it where it was read, else its hunk. Undefined for a finding without a
 * place: there is nothing to hold it against.
 */
export function doubtSubject(
  finding: Finding,
  files: readonly ChangedFile[],
  headText: string | null,
): DoubtSubject | undefined {
  if (finding.line === null) return undefined
  if (finding.side === 'RIGHT' && headText !== null) return subjectOfText(finding, headText, finding.line)
  const file = files.find(({ path }) => path === finding.path)
  const hunk = file?.hunks.find(({ lines }) =>
    lines.some(({ newLine, oldLine }) => (finding.side === 'RIGHT' ? newLine : oldLine) === finding.line),
  )
  if (file === undefined || hunk === undefined) return undefined
  const block = renderBlock(file, hunk, undefined)
  return {
    finding,
    code: [block.header, ...block.lines].join('\n').slice(0, 12_000),
    shown: hunk.lines.filter(({ kind }) => kind !== 'deleted').map(({ text }) => text),
  }
}

function subjectOfText(finding: Finding, text: string, line: number): DoubtSubject {
  const lines = text.split(/\r?\n/u)
  const start = Math.max(0, line - 1 - linesAround)
  const end = Math.min(lines.length, (finding.endLine ?? line) + linesAround)
  const shown = lines.slice(start, end).map((each) => each.slice(0, maxLineChars))
  return { finding, code: shown.map((each, index) => `${start + index + 1} ${each}`).join('\n'), shown }
}
