import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const root = join(import.meta.dirname, '..')
const manifest = z
  .object({
    bin: z.object({ devloop: z.string() }),
    engines: z.object({ node: z.string() }),
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
const packed = z.array(z.object({ files: z.array(z.object({ path: z.string(), size: z.number() })) }))

// `--ignore-scripts`: what prepack builds is not built here; dist/ may be absent in a fresh clone.
function listPacked() {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [first] = packed.parse(JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })))
  return first?.files ?? []
}

describe('the npm package', () => {
  const files = listPacked()
  const paths = files.map(({ path }) => path)

  it('holds the bundle and what people read, nothing else', () => {
    const strange = paths.filter(
      (path) =>
        !path.startsWith('dist/') &&
        ![
          'CHANGELOG.md',
          'LICENSE',
          'README.md',
          'SECURITY.md',
          'app.yml',
          'config/devloop.schema.json',
          'package.json',
        ].includes(path),
    )
    expect(strange).toEqual([])
    for (const path of ['LICENSE', 'README.md', 'app.yml', 'config/devloop.schema.json']) expect(paths).toContain(path)
  })

  it('holds no source, no test, no data folder and no secret', () => {
    expect(paths.filter((path) => /\.ts$|\.test\.|\.env|\.devloop\/|\.pem$|\.map$/u.test(path))).toEqual([])
  })

  it('is built before it is packed, and starts from the bundle', () => {
    expect(manifest.scripts.prepack).toBe('node scripts/bundle.ts')
    expect(manifest.bin.devloop).toBe('dist/devloop.js')
    expect(manifest.engines.node).toBe('>=24')
  })

  it('brings what the bundle leaves outside', () => {
    const bundle = readFileSync(join(root, 'scripts/bundle.ts'), 'utf8')
    const [, list] = /NATIVE = \[([^\]]+)\]/u.exec(bundle) ?? []
    const outside = [...(list ?? '').matchAll(/'([^']+)'/gu)].map(([, name]) => name ?? '')
    expect(outside).toContain('@electric-sql/pglite')
    // `pg` asks for pg-native and goes on without it; uplot is read as a file.
    const needed = [...outside.filter((name) => name !== 'pg-native'), 'uplot']
    for (const name of needed) expect(Object.keys(manifest.dependencies)).toContain(name)
  })
})
