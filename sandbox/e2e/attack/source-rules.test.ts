import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const shipped = execFileSync('git', ['ls-files', '*.ts'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => /^(?:action|adapters|app|cli|config|fleet|governance|jobs|parts|pod|ports|review)\//.test(file))
  .filter((file) => !/\.test\.ts$|\/__support__\/|\/fakes\/|\/contracts\/|\/dist\//.test(file))

/** `===` beside a name that holds a secret: its time tells how much of a guess was right. */
const COMPARED =
  /\b\w*(?:secret|signature|apiKey|password|bearer|hmac)\w*\s*[!=]==(?!\s*(?:undefined|null|''|""|0\b))|[!=]==\s*\w*(?:secret|signature|apiKey|password|hmac)\w*\b(?!\.length)/i

function comparisonsIn(source: string): readonly string[] {
  return source.split('\n').filter((line) => !/^\s*(?:\/\/|\*|\/\*)/.test(line) && COMPARED.test(line))
}

describe('secrets', () => {
  it('are never compared sign by sign', () => {
    const found = shipped.flatMap((file) =>
      comparisonsIn(readFileSync(join(ROOT, file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
    )
    expect(found).toEqual([])
  })

  it('are seen when they are', () => {
    expect(comparisonsIn('if (given === webhookSecret) return true')).toHaveLength(1)
    expect(comparisonsIn("if (secret === '') throw new RangeError()")).toEqual([])
  })

  it.each(['app/webhooks/signature.ts', 'app/dashboard/signed.ts', 'pod/token.ts', 'action/gateway/route.ts'])(
    '%s compares in constant time',
    (file) => {
      expect(readFileSync(join(ROOT, file), 'utf8')).toContain('timingSafeEqual(')
    },
  )
})

describe('dependencies', () => {
  const ALLOWED = new Set(
    [
      'MIT',
      'Apache-2.0',
      'ISC',
      'BSD-2-Clause',
      'BSD-3-Clause',
      '0BSD',
      'CC0-1.0',
      'BlueOak-1.0.0',
      'Python-2.0',
    ].concat([
      // Changes to its own files stay open; ours are none of them.
      'MPL-2.0',
      'Unlicense',
    ]),
  )
  /** Of an expression such as `(AFL-2.1 OR MIT)` one choice must be allowed. */
  const isAllowed = (license: string) =>
    license
      .replaceAll(/[()]/g, '')
      .split(' OR ')
      .some((choice) => choice.split(' AND ').every((one) => ALLOWED.has(one)))

  it('stand under a licence of the list', () => {
    const lock: { readonly packages: Readonly<Record<string, { readonly license?: string }>> } = JSON.parse(
      readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
    )
    // Of `format` only the readme says that it is under MIT.
    const all = Object.entries(lock.packages).filter(([path]) => path !== '' && path !== 'node_modules/format')
    expect(all.length).toBeGreaterThan(100)
    const others = all.flatMap(([path, { license = 'none named' }]) =>
      isAllowed(license) ? [] : [`${path}: ${license}`],
    )
    expect(others).toEqual([])
  })

  it('are refused under any other', () => {
    expect([isAllowed('GPL-3.0'), isAllowed('MIT AND GPL-3.0'), isAllowed('(GPL-3.0 OR MIT)')]).toEqual([
      false,
      false,
      true,
    ])
  })
})
