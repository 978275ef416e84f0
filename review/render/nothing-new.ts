const marker = '<!-- devloop:nothing-new -->'

/** The standing summary with one note on top; an earlier such note is replaced. */
export function withNothingNew(summary: string, sentence: string): string {
  const lines = summary.split('\n').filter((line) => !line.includes(marker))
  const heading = lines.findIndex((line) => line.startsWith('### '))
  const at = heading < 0 ? lines.length : heading + 1
  return [...lines.slice(0, at), `> ${sentence} ${marker}`, ...lines.slice(at)].join('\n')
}
