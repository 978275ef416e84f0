import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...readdirSync(import.meta.dirname).flatMap((name) => (name.endsWith('.md') ? [join('docs', name)] : [])),
]

describe('links between documents', () => {
  it.each(PAGES)('of %s lead to something', (page) => {
    const text = readFileSync(join(root, page), 'utf8')
    const broken = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/gu)].flatMap(([, target = '']) => {
      const [path = '', anchor] = target.split('#', 2)
      const file = path === '' ? join(root, page) : join(root, dirname(page), path)
      if (!existsSync(file)) return [target]
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).has(anchor) ? [target] : []
    })
    expect(broken).toEqual([])
  })
})

/** As GitHub makes them: small letters, signs dropped, spaces to dashes. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gmu)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  )
}
