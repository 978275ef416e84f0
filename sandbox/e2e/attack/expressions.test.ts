import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { type Expression, expressionsIn, slowText } from './expressions.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const ROOMS = /^(?:action|adapters|app|cli|config|fleet|governance|jobs|parts|pod|ports|review)\//
const NOT_SHIPPED = /\.test\.ts$|\/__support__\/|\/fakes\/|\/contracts\/|\/dist\//

/** Slow on long texts, and why no stranger can hand them one. */
const ALLOWED: readonly (readonly [place: string, source: string, why: string])[] = [
  ['', String.raw`\/+$`, "the operator's own address"],
  ['review/prove/suggestion.ts', '`{3,}', 'a suggestion, cut to 8,000 characters'],
]

function isAllowed({ file, pattern }: Expression): boolean {
  return ALLOWED.some(([place, source]) => file.startsWith(place) && pattern.source.includes(source))
}

it('no regular expression of the product takes long on a long text', () => {
  const files = execFileSync('git', ['ls-files', '*.ts'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
  const shipped = files.filter((file) => ROOMS.test(file) && !NOT_SHIPPED.test(file))
  const all = shipped.flatMap((file) => expressionsIn(`${ROOT}${file}`).map((one) => ({ ...one, file })))
  expect(all.length).toBeGreaterThan(200)
  const slow = all.flatMap((one) => {
    const text = isAllowed(one) ? null : slowText(one)
    return text === null ? [] : [`${one.file}:${one.line} ${one.pattern} on ${text}`]
  })
  expect(slow).toEqual([])
}, 60_000)

it('a slow one is found, by the power or by the square', () => {
  const [exponential, square, fine] = expressionsIn('a.ts', String.raw`const a = [/(a+)+b/, /\s+$/u, /[a-z]+/]`)
  expect([exponential, square, fine].map((one) => one !== undefined && slowText(one) !== null)).toEqual([
    true,
    true,
    false,
  ])
})
