import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commentableLines } from './commentable.ts'
import { hunkLabel } from './label.ts'
import { parseDiff } from './parse.ts'
import { parsePatches } from './patch.ts'
import { patchId } from './patch-id.ts'
import { renderDiff } from './render.ts'

function only(text: string | Uint8Array) {
  const { files, problems } = parseDiff(text)
  expect(problems).toEqual([])
  expect(files).toHaveLength(1)
  const [file] = files
  if (file === undefined) throw new Error('no file')
  return file
}

describe('file headers', () => {
  test.each([
    ['standard prefixes', 'diff --git a/x/y b/x/y\n--- a/x/y\n+++ b/x/y', 'x/y'],
    ['no prefixes', 'diff --git x/y x/y\n--- x/y\n+++ x/y', 'x/y'],
    ['mnemonic prefixes', 'diff --git i/x/y w/x/y\n--- i/x/y\n+++ w/x/y', 'x/y'],
    ['prefixes of different length', 'diff --git old/x/y new2/x/y\n--- old/x/y\n+++ new2/x/y', 'x/y'],
    ['spaces', 'diff --git a/x y/z b/x y/z\n--- a/x y/z\t\n+++ b/x y/z\t', 'x y/z'],
    ['a name that looks like a split', 'diff --git a/x b/x b/x b/x\n--- a/x b/x\t\n+++ b/x b/x\t', 'x b/x'],
    ['octal quotes', 'diff --git "a/\\303\\274" "b/\\303\\274"\n--- "a/\\303\\274"\n+++ "b/\\303\\274"', 'ü'],
    ['raw unicode', 'diff --git a/ü/日 b/ü/日\n--- a/ü/日\n+++ b/ü/日', 'ü/日'],
    ['unicode inside quotes', 'diff --git "a/ü\\"" "b/ü\\""\n--- "a/ü\\""\n+++ "b/ü\\""', 'ü"'],
    ['GNU diff with dates', '--- a/x/y\t2026-01-01 10:00:00 +0000\n+++ b/x/y\t2026-01-02 10:00:00 +0000', 'x/y'],
    ['carriage returns at every line', 'diff --git a/x/y b/x/y\r\n--- a/x/y\r\n+++ b/x/y\r', 'x/y'],
  ])('%s give the path', (_, header, path) => {
    for (const input of [`${header}\n@@ -1 +1 @@\n-a\n+b\n`, Buffer.from(`${header}\n@@ -1 +1 @@\n-a\n+b\n`)]) {
      expect(only(input)).toMatchObject({ path, oldPath: null, status: 'modified', content: 'text' })
    }
  })

  test.each([
    ['a mode change', 'diff --git a/x b/x\nold mode 100644\nnew mode 100755\n', { status: 'changed', content: 'none' }],
    [
      'an empty new file',
      'diff --git a/x b/x\nnew file mode 100644\nindex 0000000..e69de29\n',
      { status: 'added', content: 'none' },
    ],
    [
      'a binary file',
      'diff --git a/x b/x\nindex 1234567..89abcde 100644\nBinary files a/x and b/x differ\n',
      { status: 'modified', content: 'binary' },
    ],
    [
      'a pure rename',
      'diff --git a/w b/x\nsimilarity index 100%\nrename from w\nrename to x\n',
      { status: 'renamed', oldPath: 'w', content: 'none' },
    ],
    [
      'a pure copy',
      'diff --git a/w b/x\nsimilarity index 100%\ncopy from w\ncopy to x\n',
      { status: 'copied', oldPath: 'w', content: 'none' },
    ],
    [
      'a submodule log',
      'Submodule x 1234567..89abcde:\n  > Commit one\n  < Commit two\n',
      { status: 'modified', content: 'submodule' },
    ],
  ])('%s is told without hunks', (_, text, facts) => {
    expect(only(text)).toMatchObject({ path: 'x', hunks: [], ...facts })
  })
})

describe('hunks', () => {
  const head = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n'

  test('numbers both sides exactly, from one-line and empty ranges on', () => {
    const file = only(`${head}@@ -3 +3,2 @@ function f() {\n-a\n+b\n+c\n@@ -9,2 +10,0 @@\n-y\n-z\n`)
    expect(file.hunks.map(hunkLabel)).toEqual(['-3,1 +3,2', '-9,2 +10,0'])
    expect(file.hunks[0]?.section).toBe('function f() {')
    expect(commentableLines(file).map(({ side, line, text }) => `${side} ${line} ${text}`)).toEqual([
      'LEFT 3 a',
      'RIGHT 3 b',
      'RIGHT 4 c',
      'LEFT 9 y',
      'LEFT 10 z',
    ])
  })

  test('content that looks like headers stays content', () => {
    const file = only(`${head}@@ -1,2 +1,3 @@\n--- a/old\n+++ b/new\n+diff --git a/q b/q\n @@ -1 +1 @@\n`)
    expect(file.hunks[0]?.lines.map((line) => line.text)).toEqual([
      '-- a/old',
      '++ b/new',
      'diff --git a/q b/q',
      '@@ -1 +1 @@',
    ])
  })

  test('a missing line feed belongs to the line before the note', () => {
    const [hunk] = only(`${head}@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n`).hunks
    expect(hunk?.lines).toEqual([
      { kind: 'deleted', text: 'a', oldLine: 1, newLine: null, noNewline: true },
      { kind: 'added', text: 'a', oldLine: null, newLine: 1 },
    ])
  })

  test('the carriage return of a CRLF file stays, that of a converted diff goes', () => {
    expect(only(`${head}@@ -1 +1 @@\n-a\r\n+b\r\n`).hunks[0]?.lines[1]?.text).toBe('b\r')
    expect(only(`${head}@@ -1 +1 @@\n-a\n+b\n`.replaceAll('\n', '\r\n')).hunks[0]?.lines[1]?.text).toBe('b')
  })

  test('a context line whose space was stripped is empty context', () => {
    expect(only(`${head}@@ -1,3 +1,3 @@\n-a\n+b\n\n c\n`).hunks[0]?.lines[2]).toEqual({
      kind: 'context',
      text: '',
      oldLine: 2,
      newLine: 2,
    })
  })

  test('lines in other encodings than UTF-8 are read as Latin-1 beside UTF-8 ones', () => {
    const bytes = Buffer.concat([Buffer.from(`${head}@@ -1 +1 @@\n-é\n+`), Buffer.from([0xe9, 0x0a])])
    expect(only(bytes).hunks[0]?.lines.map((line) => line.text)).toEqual(['é', 'é'])
  })

  test.each(['bytes', 'text'])('a section that git cut inside a character ends before it, read from %s', (kind) => {
    const cut = Buffer.concat([
      Buffer.from(`${head}@@ -1 +1 @@ größe 🎉`),
      Buffer.from('🎉').subarray(0, 3),
      Buffer.from('\n-a\n+b\n'),
    ])
    expect(only(kind === 'bytes' ? cut : cut.toString('utf8')).hunks[0]?.section).toBe('größe 🎉')
  })

  test('a combined diff numbers the head and the first parent', () => {
    const text = [
      'diff --cc x',
      'index 1111111,2222222..3333333',
      '--- a/x',
      '+++ b/x',
      '@@@ -1,3 -1,3 +1,4 @@@ f',
      '  one',
      '- two',
      ' -deux',
      '++zwei',
      '+ drei',
      ' +vier',
      '',
    ].join('\n')
    const file = only(text)
    expect(file.hunks[0]).toMatchObject({ oldStart: 1, oldCount: 3, newStart: 1, newCount: 4 })
    expect(file.hunks[0]?.otherParents).toEqual([{ start: 1, count: 3 }])
    expect(file.hunks[0]?.lines.map(({ kind, oldLine, newLine }) => [kind, oldLine, newLine])).toEqual([
      ['context', 1, 1],
      ['deleted', 2, null],
      ['deleted', null, null],
      ['added', null, 2],
      ['added', null, 3],
      ['added', 3, 4],
    ])
  })

  test('100,000 lines keep their numbers', () => {
    const count = 100_000
    const file = only(`${head}@@ -0,0 +1,${count} @@\n${'+line of text\n'.repeat(count)}`)
    expect(file.additions).toBe(count)
    expect(file.hunks[0]?.lines[count - 1]?.newLine).toBe(count)
  })

  test('lines survive JSON', () => {
    const parsed = parseDiff(`${head}@@ -1 +1 @@\n-a\n+b\n`)
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed)
  })
})

describe('garbage', () => {
  test('is located, and what stands around it is read', () => {
    const { files, problems } = parseDiff(
      [
        'commit 1234',
        '',
        '    message',
        'diff --git a/x b/x',
        '--- a/x',
        '+++ b/x',
        '@@ nonsense @@',
        '+lost',
        '@@ -1,5 +1,5 @@',
        ' a',
        '-b',
        'diff --git a/y b/y',
        '--- a/y',
        '+++ b/y',
        '@@ -1 +1 @@',
        '-a',
        '+b',
        '+too many',
        'diff --git ',
      ].join('\n'),
    )
    expect(files.map((file) => [file.path, file.hunks.length])).toEqual([
      ['x', 1],
      ['y', 1],
    ])
    expect(files[0]?.hunks[0]).toMatchObject({ oldCount: 2, newCount: 1 })
    expect(problems).toEqual([
      { code: 'outside', path: null, line: 1, lines: 3, sample: 'commit 1234' },
      { code: 'hunk-header', path: 'x', line: 7, lines: 1, sample: '@@ nonsense @@' },
      { code: 'outside', path: 'x', line: 8, lines: 1, sample: '+lost' },
      { code: 'hunk-cut', path: 'x', line: 9, lines: 3, sample: '@@ -1,5 +1,5 @@' },
      { code: 'outside', path: 'y', line: 18, lines: 1, sample: '+too many' },
      { code: 'header', path: null, line: 19, lines: 1, sample: 'diff --git ' },
    ])
  })

  test('never throws, and every line is in a hunk, a header or a problem', () => {
    const piece = fc.constantFrom(
      'diff --git a/x b/x',
      'diff --cc x',
      '--- a/x',
      '+++ b/x',
      '@@ -1,2 +1,2 @@',
      '@@@ -1 -1 +1 @@@',
      '@@ -0,0 +9999999999 @@',
      ' a',
      '+b',
      '-c',
      '\\ No',
      '',
      '\0',
      'GIT binary patch',
      'rename from "',
      'Submodule x 1234..5678:',
      '"',
      'é',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), fc.boolean(), (lines, asBytes) => {
        const text = lines.join('\n')
        const parsed = parseDiff(asBytes ? Buffer.from(text) : text)
        renderDiff(parsed.files)
        patchId(parsed.files)
        const inProblem = (at: number) =>
          parsed.problems.some(({ line, lines: count }) => at >= line && at < line + count)
        const changes = text.split('\n').filter((line, index) => /^[+-][bc]$/.test(line) && !inProblem(index + 1))
        expect(changes.length).toBeLessThanOrEqual(
          parsed.files.reduce((sum, file) => sum + file.additions + file.deletions, 0),
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('a name of five million spaces is refused quickly', () => {
    const { files, problems } = parseDiff(`diff --git ${' '.repeat(5_000_000)}x\n`)
    expect(files).toEqual([])
    expect(problems.map((problem) => problem.code)).toEqual(['header'])
  })
})

describe('the files of the API', () => {
  test('a patch too large to show is withheld, not empty', () => {
    const { files } = parsePatches([{ filename: 'x', status: 'modified', additions: 9000, deletions: 1 }])
    expect(files).toMatchObject([{ path: 'x', content: 'withheld', additions: 9000, deletions: 1 }])
  })

  test('a cut patch is told', () => {
    const { problems } = parsePatches([
      { filename: 'x', status: 'modified', additions: 1, deletions: 0, patch: '@@ -1,3 +1,4 @@\n a\n+b' },
    ])
    expect(problems).toEqual([{ code: 'hunk-cut', path: 'x', line: 1, lines: 3, sample: '@@ -1,3 +1,4 @@' }])
  })
})

describe('patch id', () => {
  const at = (start: number, added: string, path = 'x') =>
    parseDiff(
      `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -${start} +${start} @@ f\n-a\n+${added}\n`,
    ).files

  test('stays when the change moves or the files come in another order', () => {
    expect(patchId(at(1, 'b'))).toBe(patchId(at(500, 'b')))
    expect(patchId([...at(1, 'b'), ...at(1, 'c', 'y')])).toBe(patchId([...at(1, 'c', 'y'), ...at(1, 'b')]))
  })

  test.each([
    ['another line', at(1, 'c')],
    ['other white space', at(1, ' b')],
    ['another file', at(1, 'b', 'y')],
  ])('changes with %s', (_, files) => {
    expect(patchId(files)).not.toBe(patchId(at(1, 'b')))
  })
})
