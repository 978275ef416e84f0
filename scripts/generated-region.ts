const BEGIN = '<!-- generated: node scripts/references.ts -->'
const END = '<!-- /generated -->'

/** `page` with what stands between its two marks replaced; a page without them is a mistake. */
export function withGeneratedRegion(page: string, region: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin === -1 || end < begin) throw new Error(`The page has no region between ${BEGIN} and ${END}.`)
  return `${page.slice(0, begin)}${BEGIN}\n\n${region}\n\n${page.slice(end)}`
}
