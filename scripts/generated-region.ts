const END = '<!-- /generated -->'

/** `page` with what stands between its two marks, of which the first names `command`, replaced; a page without them is a mistake. */
export function withGeneratedRegion(page: string, region: string, command = 'node scripts/references.ts'): string {
  const mark = `<!-- generated: ${command} -->`
  const begin = page.indexOf(mark)
  const end = page.indexOf(END, begin)
  if (begin === -1 || end < begin) throw new Error(`The page has no region between ${mark} and ${END}.`)
  return `${page.slice(0, begin)}${mark}\n\n${region}\n\n${page.slice(end)}`
}
