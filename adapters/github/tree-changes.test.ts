import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PathChange } from '../../ports/github.ts'
import { type CommitSha, commitSha } from '../../ports/ids.ts'
import { openTopic, type Shop, startShop } from '../../sandbox/github/__support__/start-shop.ts'
import { systemClock } from '../system/system-clock.ts'
import { createUserTokenRepository } from './user-token.ts'

type Files = ReadonlyMap<string, { readonly mode: string; readonly text: string }>

const LONG = `${Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n')}\n`
const SUBMODULE = '160000'
const FILE = { mode: '100644', text: 'x' }
const PATHS = ['a.ts', 'src/a.ts', 'src/b.ts', 'src/deep/c.ts', 'docs/ä.md', 'zoo', 'run.sh', 'vendor/lib'] as const
const BASE: Files = new Map(
  PATHS.map((path, index) => [
    path,
    path === 'vendor/lib'
      ? { mode: SUBMODULE, text: '1'.repeat(40) }
      : { mode: '100644', text: `${index % 2}\n${LONG}` },
  ]),
)

const anyPath = fc.constantFrom(...PATHS)
const anyStep = fc.oneof(
  fc.record({ do: fc.constant('rename' as const), path: anyPath, to: fc.constantFrom('src/new.ts', 'a/b/c', 'zoo/x') }),
  fc.record({ do: fc.constant('rewrite' as const), path: anyPath, to: fc.constantFrom('src/moved.ts', 'Z.ts') }),
  fc.record({ do: fc.constant('copy' as const), path: anyPath, to: fc.constantFrom('src/copy.ts', 'copy') }),
  fc.record({ do: fc.constantFrom('edit', 'remove', 'chmod', 'link', 'swap'), path: anyPath, to: anyPath }),
)
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

/** The tree that so many changes leave. A file where a folder must be gives way. */
function leftBy(steps: readonly Step[]): Files {
  const files = new Map(BASE)
  const put = (path: string, file: { readonly mode: string; readonly text: string }) => {
    for (const other of [...files.keys()])
      if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other)
    files.set(path, file)
  }
  for (const { do: how, path, to } of steps) {
    const file = files.get(path)
    if (file === undefined) continue
    const isFile = file.mode !== SUBMODULE
    if (how === 'copy') put(to, file)
    else if (how === 'rename' || how === 'rewrite') {
      files.delete(path)
      put(to, how === 'rewrite' && isFile ? { ...file, text: `${file.text}more\n` } : file)
    } else if (how === 'remove') files.delete(path)
    else if (how === 'edit')
      put(path, isFile ? { ...file, text: `edited\n${file.text}` } : { ...file, text: '2'.repeat(40) })
    else if (how === 'chmod' && isFile) put(path, { ...file, mode: '100755' })
    else if (how === 'link') put(path, { mode: '120000', text: 'elsewhere' })
    else {
      const other = files.get(to)
      if (other === undefined) continue
      files.set(path, other)
      files.set(to, file)
    }
  }
  return files
}

function pathsOf(changes: readonly PathChange[]): readonly string[] {
  const all = changes.flatMap(({ path, previousPath }) => (previousPath === undefined ? [path] : [path, previousPath]))
  return [...new Set(all)].sort()
}

describe('changes between two whole trees', () => {
  let shop: Shop
  let gitDir: string
  let base: CommitSha
  let count = 0
  beforeAll(async () => {
    shop = await startShop()
    gitDir = shop.github.repository('acme/shop').gitDir
    base = commit(BASE)
    await shop.bob.forcePush('base', base)
    await openTopic(shop)
  })
  afterAll(async () => {
    await shop.stop()
    shop.github.assertClean()
  })

  function commit(files: Files): CommitSha {
    const ref = `refs/made/${count++}`
    const lines = [`commit ${ref}`, `committer bob <bob@example.com> ${count} +0000`, 'data 1', 'x']
    lines.push(count === 1 ? 'deleteall' : `from ${base}\ndeleteall`)
    for (const [path, { mode, text }] of files)
      lines.push(
        mode === SUBMODULE
          ? `M ${mode} ${text} ${path}`
          : `M ${mode} inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}`,
      )
    execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: gitDir, input: `${lines.join('\n')}\n` })
    return commitSha.parse(execFileSync('git', ['rev-parse', ref], { cwd: gitDir, encoding: 'utf8' }).trim())
  }
  const repository = () =>
    createUserTokenRepository({
      fetch,
      baseUrl: shop.github.url,
      clock: systemClock,
      token: shop.github.createInstallationToken(shop.installation),
      repository: 'acme/shop',
    })

  it('name the same paths as the pages of a pull request, the old names of renamed files among them', async () => {
    const { contents, pullRequests } = repository()
    const first = commit(leftBy([{ do: 'edit', path: 'a.ts', to: 'a.ts' }]))
    await shop.bob.forcePush('changed', first)
    const { number } = await shop.bob.openPullRequest({ title: 'Change', body: '', head: 'changed', base: 'base' })
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 6 }), async (steps) => {
        const head = commit(leftBy(steps))
        await shop.bob.forcePush('changed', head)
        const paged = await pullRequests.listFiles(number)
        expect(pathsOf((await contents.treeChanges(base, head)) ?? [])).toEqual(pathsOf(paged.items))
      }),
      {
        numRuns: 12,
        examples: [
          // Two commits with the same tree.
          [[{ do: 'swap', path: 'a.ts', to: 'a.ts' }]],
          [[{ do: 'rename', path: 'src/b.ts', to: 'src/new.ts' }]],
          [[{ do: 'rewrite', path: 'src/b.ts', to: 'src/moved.ts' }]],
          [[{ do: 'chmod', path: 'run.sh', to: 'run.sh' }]],
          [[{ do: 'link', path: 'src/a.ts', to: 'src/a.ts' }]],
          [[{ do: 'rename', path: 'src/a.ts', to: 'zoo/x' }]],
          [[{ do: 'edit', path: 'vendor/lib', to: 'a.ts' }]],
          [[{ do: 'swap', path: 'src/a.ts', to: 'src/b.ts' }]],
        ],
      },
    )
  })

  it('cost one call for each further head of a change, and none for a head that was compared', async () => {
    const { contents } = repository()
    const heads = ['one', 'two'].map((text) => commit(new Map([...BASE, ['new.ts', { mode: '100644', text }]])))
    const counts: number[] = []
    for (const head of [...heads, ...heads]) {
      shop.github.resetCalls()
      expect(await contents.treeChanges(base, head)).toEqual([{ path: 'new.ts', status: 'added' }])
      counts.push(shop.github.calls.length)
    }
    expect(counts).toEqual([2, 1, 0, 0])
  })

  it('are not told where GitHub cuts a tree short (7 MB), nor is it asked twice', async () => {
    const long = Array.from({ length: 2_400 }, (_, index) => [`${index}${'x'.repeat(3_000)}`, FILE] as const)
    const many = commit(new Map(long))
    const { contents } = repository()
    shop.github.resetCalls()
    for (const head of [base, commit(BASE)]) expect(await contents.treeChanges(many, head)).toBeNull()
    expect(shop.github.calls).toHaveLength(1)
  })
})
