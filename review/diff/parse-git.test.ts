import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChangedFile, Hunk } from './model.ts'
import { parseDiff } from './parse.ts'
import { type PatchFile, parsePatches } from './patch.ts'
import { renderDiff } from './render.ts'

let repository: string

beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), 'diff-'))
  git(['init', '-q', '.'])
  for (const [key, value] of [
    ['gc.auto', '0'],
    ['core.quotePath', 'true'],
    ['diff.renames', 'copies'],
  ]) {
    git(['config', `${key}`, `${value}`])
  }
})

afterAll(() => rmSync(repository, { recursive: true, force: true }))

test('our parsed diff, applied to the base tree, gives the head tree that git has', () => {
  fc.assert(
    fc.property(treesArbitrary, ({ base, head }) => {
      importTrees(base, head)
      const bytes = git(['diff', 'base', 'head'])
      const parsed = parseDiff(bytes)
      expect(parsed.problems).toEqual([])
      const binaries = new Set(parsed.files.filter((file) => file.content === 'binary').map((file) => file.path))
      expect(without(binaries, applyTree(base, parsed.files))).toEqual(without(binaries, head))
      expect(renderDiff(parsed.files)).toBe(textOf(bytes))
      expect(parseDiff(bytes.toString('utf8'))).toEqual(parsed)
      const whole = git(['diff', '--binary', 'base', 'head'])
      expect(renderDiff(parseDiff(whole).files)).toBe(textOf(whole))
      expect(withoutIndex(parsePatches(apiFiles(bytes.toString('utf8'))).files)).toEqual(withoutIndex(parsed.files))
    }),
    { numRuns: 60 },
  )
})

/** Git cuts the section of a hunk at 80 bytes, if need be inside a character. */
function textOf(diff: Buffer): string {
  return diff.toString('utf8').replace(/^(@@ .*?)\uFFFD+$/gm, '$1')
}

interface Entry {
  readonly mode: '100644' | '100755' | '120000' | '160000'
  readonly text: string
}

type Tree = ReadonlyMap<string, Entry>

const name = fc.constantFrom(
  'a',
  'src/b.ts',
  'mit leer.txt',
  'ü/ñ é.md',
  'tab\there',
  'quote"d',
  'b/b',
  'a/a b/a',
  '-x',
  'back\\slash',
  '日本語.py',
  'line\nfeed',
)
const line = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '}',
    '-- x',
    '++ y',
    '--- a/x',
    '+++ b/x',
    '@@ -1 +1 @@',
    'diff --git a/x b/x',
    '\\ No newline at end of file',
    'é',
    'x\r',
    '\t',
    'same',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\0\n]/g, '.')),
)
const text = fc
  .tuple(fc.array(line, { maxLength: 40 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, end, isEnded]) => lines.join(end) + (isEnded && lines.length > 0 ? end : ''))
const entry: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ mode: fc.constantFrom('100644', '100755'), text }) },
  { weight: 1, arbitrary: fc.record({ mode: fc.constant('120000'), text: fc.constantFrom('a', 'src/b.ts', 'ü') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      mode: fc.constant('160000'),
      text: fc.constantFrom('1', '2', 'a').map((digit) => digit.repeat(40)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ mode: fc.constant('100644'), text: fc.constantFrom('\0\x01', '\0\x02\n') }) },
)
const edit = fc.oneof(
  fc.record({
    kind: fc.constant('lines'),
    at: fc.nat(40),
    remove: fc.nat(4),
    insert: fc.array(line, { maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('newline') }),
  fc.record({ kind: fc.constant('mode') }),
  fc.record({ kind: fc.constant('rename'), to: name }),
  fc.record({ kind: fc.constant('copy'), to: name }),
  fc.record({ kind: fc.constant('delete') }),
  fc.record({ kind: fc.constant('replace'), entry }),
)
const treesArbitrary = fc
  .tuple(
    fc.array(fc.tuple(name, entry), { minLength: 1, maxLength: 6 }),
    fc.array(fc.tuple(fc.nat(), edit), { minLength: 1, maxLength: 8 }),
  )
  .map(([entries, edits]) => {
    const base = withoutConflicts(new Map(entries))
    const head = new Map(base)
    for (const [pick, change] of edits) {
      const [path, old] = [...head][pick % Math.max(1, head.size)] ?? []
      if (path === undefined || old === undefined) continue
      switch (change.kind) {
        case 'lines': {
          if (old.mode.startsWith('1006') || old.mode === '100755') {
            const lines = old.text.split('\n')
            lines.splice(change.at % (lines.length + 1), change.remove, ...change.insert)
            head.set(path, { ...old, text: lines.join('\n') })
          }
          break
        }
        case 'newline':
          if (old.mode.startsWith('100'))
            head.set(path, { ...old, text: old.text.endsWith('\n') ? old.text.slice(0, -1) : `${old.text}\n` })
          break
        case 'mode':
          if (old.mode.startsWith('100')) head.set(path, { ...old, mode: old.mode === '100644' ? '100755' : '100644' })
          break
        case 'rename':
          head.delete(path)
          head.set(change.to, old)
          break
        case 'copy':
          head.set(change.to, old)
          break
        case 'delete':
          head.delete(path)
          break
        case 'replace':
          head.set(path, change.entry)
          break
      }
    }
    return { base, head: withoutConflicts(head) }
  })

/** A tree holds no file and folder of one name. */
function withoutConflicts(tree: Tree): Tree {
  return new Map(
    [...tree].filter(([path]) => ![...tree.keys()].some((other) => path !== other && path.startsWith(`${other}/`))),
  )
}

/** Git prints binary content only as a patch of its own, which is rendered back and not applied here. */
function without(paths: ReadonlySet<string>, tree: Tree): [string, Entry][] {
  return [...tree].filter(([path]) => !paths.has(path)).sort(([a], [b]) => (a < b ? -1 : 1))
}

function applyTree(base: Tree, files: readonly ChangedFile[]): Tree {
  const head = new Map(base)
  for (const file of files)
    if (file.status === 'deleted' || file.status === 'renamed') head.delete(file.oldPath ?? file.path)
  for (const file of files) {
    if (file.status === 'deleted') continue
    const old = file.status === 'added' ? undefined : base.get(file.oldPath ?? file.path)
    const mode = file.index?.newMode ?? old?.mode ?? 'unknown'
    const bytes = applyHunks(old?.text ?? '', file.hunks)
    head.set(file.path, {
      mode: mode as Entry['mode'],
      text: mode === '160000' ? bytes.replace(/^Subproject commit |\n$/g, '') : bytes,
    })
  }
  return head
}

function applyHunks(base: string, hunks: readonly Hunk[]): string {
  const old = base === '' ? [] : base.split(/(?<=\n)/)
  const now: string[] = []
  let next = 0
  for (const hunk of hunks) {
    const first = hunk.oldCount === 0 ? hunk.oldStart : hunk.oldStart - 1
    now.push(...old.slice(next, first))
    next = first
    for (const line of hunk.lines) {
      const whole = line.noNewline ? line.text : `${line.text}\n`
      if (line.newLine !== null) expect(line.newLine).toBe(now.length + 1)
      if (line.oldLine !== null) expect(line.oldLine).toBe(next + 1)
      if (line.kind !== 'added' && !/^[0-9a-f]{40}$/.test(base)) expect(whole).toBe(old[next])
      if (line.kind !== 'deleted') now.push(whole)
      if (line.kind !== 'added') next++
    }
  }
  return [...now, ...old.slice(next)].join('')
}

/** What GitHub's list of files says about the same change, cut from git's own words. */
function apiFiles(diff: string): PatchFile[] {
  const status = git(['diff', '--name-status', '-z', 'base', 'head']).toString().split('\0')
  const counts = git(['diff', '--numstat', 'base', 'head']).toString().split('\n')
  const words: Record<string, string> = {
    A: 'added',
    D: 'removed',
    M: 'modified',
    R: 'renamed',
    C: 'copied',
    T: 'modified',
  }
  const files: PatchFile[] = []
  for (const part of diff.split(/^(?=diff --git )/m)) {
    if (part === '') continue
    const hunks = part.search(/^@@ /m)
    // A change of type is one entry with status T, but two files in the text.
    const isSecondOfType =
      /^new file mode/m.test(part) && files.length > 0 && status[0] !== undefined && /^T/.test(status[0])
    const isFirstOfType = /^T/.test(status[0] ?? '') && /^deleted file mode/m.test(part)
    const letter = isFirstOfType ? 'D' : isSecondOfType ? 'A' : (status[0]?.[0] ?? '')
    const moved = letter === 'R' || letter === 'C'
    const filename = status[moved ? 2 : 1] ?? ''
    const isBinary = /^(?:Binary files|GIT binary)/m.test(part.split(/^@@ /m)[0] ?? '')
    const isBare = hunks === -1 && !isBinary
    files.push({
      filename,
      ...(moved ? { previous_filename: status[1] ?? '' } : {}),
      status: letter === 'M' && isBare ? 'changed' : (words[letter] ?? ''),
      sha: isBare && (letter === 'A' || letter === 'D') ? 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' : '0'.repeat(40),
      additions: (part.slice(hunks).match(/^\+/gm) ?? []).length * (hunks === -1 ? 0 : 1),
      deletions: (part.slice(hunks).match(/^-/gm) ?? []).length * (hunks === -1 ? 0 : 1),
      ...(hunks === -1 ? {} : { patch: part.slice(hunks).replace(/\n$/, '') }),
    })
    if (!isFirstOfType) status.splice(0, moved ? 3 : 2)
  }
  expect(counts.filter(Boolean).length).toBe(new Set(files.map((file) => file.filename)).size)
  return files
}

function withoutIndex(files: readonly ChangedFile[]): unknown[] {
  return files.map(({ index, ...file }) => file)
}

function importTrees(base: Tree, head: Tree): void {
  const commit = (branch: string, tree: Tree) =>
    [
      `reset refs/heads/${branch}\n\ncommit refs/heads/${branch}\ncommitter T <t@t> 1 +0000\ndata 0\n\ndeleteall\n`,
      ...[...tree].map(([path, { mode, text }]) => {
        const target = `"${path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`
        if (mode === '160000') return `M 160000 ${text} ${target}\n`
        return `M ${mode} inline ${target}\ndata ${Buffer.byteLength(text)}\n${text}\n`
      }),
    ].join('')
  git(['fast-import', '--quiet', '--force'], commit('base', base) + commit('head', head))
}

function git(args: readonly string[], input?: string): Buffer {
  const result = spawnSync('git', args, {
    cwd: repository,
    ...(input === undefined ? {} : { input }),
    env: { PATH: process.env.PATH, HOME: repository, GIT_CONFIG_NOSYSTEM: '1' },
    maxBuffer: 1e8,
  })
  if (result.status !== 0) {
    throw new Error(`git ${args.join(' ')} ended with ${result.status ?? result.signal}: ${result.stderr}`, {
      cause: result.error,
    })
  }
  return result.stdout
}
