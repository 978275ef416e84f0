import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const tests = new Set(
  execFileSync('git', ['ls-files', '*.test.ts'], { cwd: root, encoding: 'utf8' }).trim().split('\n'),
)

/** What is wrong with a threat model, one sentence each. */
function problemsOf(page: string): readonly string[] {
  return page
    .split(/^## (?=\d+\. )/m)
    .slice(1)
    .flatMap((border) => {
      const [name = ''] = border.split('\n', 1)
      const rows = [...border.matchAll(/^\| ([STRIDE]) \| ([^|]+)\| ([^|]+)\| ([^|]+)\|$/gm)]
      const kinds = rows.map(([, kind]) => kind).join('')
      return [
        ...(kinds === 'STRIDE' ? [] : [`${name}: has ${kinds}`]),
        ...rows.flatMap(([, kind, , , shown = '']) => {
          const files = [...shown.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)
          const missing = files.filter((file) => !tests.has(file))
          return files.length === 0
            ? [`${name}: ${kind} is shown by nothing`]
            : missing.map((file) => `${name}: no ${file}`)
        }),
      ]
    })
}

describe('the threat model', () => {
  const page = readFileSync(join(import.meta.dirname, 'threat-model.md'), 'utf8')

  it('names every kind of threat at every border, and a test that exists for each', () => {
    expect(page.match(/^## \d+\. /gm)).toHaveLength(10)
    expect(problemsOf(page)).toEqual([])
  })

  it('would be seen to lack a kind, or to name a test that is gone', () => {
    expect(problemsOf(page.replace(/^\| D \|.*\n/m, ''))).toHaveLength(1)
    expect(problemsOf(page.replace('`pod/route.test.ts`', '`pod/gone.test.ts`'))).toEqual([
      '6. The pod: no pod/gone.test.ts',
    ])
    expect(problemsOf(page.replace('`pod/route.test.ts`', 'nothing'))).toHaveLength(1)
  })
})
