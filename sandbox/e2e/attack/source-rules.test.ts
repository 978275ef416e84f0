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
