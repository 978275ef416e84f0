import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type InputOptions, rolldown } from 'rolldown'

// `npm run bundle` writes the bundles; `--check` builds them aside and fails when the committed ones of the Action are not what the source gives;
// `--uncommitted` leaves those of the Action alone.
interface Bundle {
  readonly input: Readonly<Record<string, string>>
  readonly folder: string
  readonly committed: boolean
  /** One sign beyond Latin-1 makes V8 keep the text of a whole file at two bytes a sign, for as long as the process lives. */
  readonly inAscii?: boolean
  readonly external?: readonly string[]
}

// Native modules cannot be bundled; what needs them falls back without them.
const NATIVE = ['@ast-grep/napi', '@ast-grep/lang-python', '@ast-grep/lang-go', '@electric-sql/pglite', 'pg-native']

const BUNDLES: readonly Bundle[] = [
  {
    input: { main: 'action/main.ts', post: 'action/post.ts', gateway: 'action/gateway.ts' },
    folder: 'action/dist',
    committed: true,
    external: NATIVE,
  },
  {
    input: { devloop: 'cli/main.ts', 'pglite-thread': 'adapters/postgres/pglite-thread.ts' },
    folder: 'dist',
    committed: false,
    inAscii: true,
    external: NATIVE,
  },
  { input: { guard: 'pod/main.ts' }, folder: 'dist/pod', committed: false },
]

const check = process.argv.includes('--check')
const uncommitted = process.argv.includes('--uncommitted')
const stale: string[] = []
for (const bundle of BUNDLES) {
  if (check && !bundle.committed) continue
  if (uncommitted && bundle.committed) continue
  if (check) stale.push(...(await compare(bundle)))
  else await build(bundle, bundle.folder)
}
if (stale.length > 0) {
  process.stderr.write(
    `These committed bundles are not what the source gives; run \`npm run bundle\` and commit: ${stale.join(', ')}\n`,
  )
  process.exitCode = 1
}

async function build(bundle: Bundle, folder: string): Promise<void> {
  const options: InputOptions = {
    input: { ...bundle.input },
    platform: 'node',
    external: [...(bundle.external ?? [])],
    treeshake: true,
    logLevel: 'warn',
  }
  const built = await rolldown(options)
  await built.write({
    dir: folder,
    format: 'esm',
    minify: true,
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  })
  await built.close()
  if (bundle.inAscii) for (const name of readdirSync(folder)) if (name.endsWith('.js')) escapeSigns(join(folder, name))
}

/** In strings, templates, expressions and names alike an escape stands for the sign itself. */
function escapeSigns(file: string): void {
  const text = readFileSync(file, 'utf8')
  const escaped = text.replaceAll(/[^\0-\x7f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (escaped !== text) writeFileSync(file, escaped)
}

async function compare(bundle: Bundle): Promise<readonly string[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'devloop-bundle-'))
  try {
    await build(bundle, scratch)
    const fresh = filesOf(scratch)
    const committed = filesOf(bundle.folder)
    const names = [...new Set([...fresh.keys(), ...committed.keys()])].sort()
    return names.filter((name) => fresh.get(name) !== committed.get(name)).map((name) => join(bundle.folder, name))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function filesOf(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map()
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}
