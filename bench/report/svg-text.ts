/** Words in a picture, `kind` being their class in its style. */
export function svgText(x: number, y: number, words: string, kind: string): string {
  return `<text x="${x.toFixed(1)}" y="${y}" class="${kind}">${escapeMarkup(words)}</text>`
}

export function escapeMarkup(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
