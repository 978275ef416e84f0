import fc from 'fast-check'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { describe, expect, test } from 'vitest'
import { sanitizeModelLine, sanitizeModelText } from './sanitize.ts'

const attacks = [
  '<!-- devloop:summary -->',
  '`<!-- devloop:summary -->`',
  '```\n<!-- devloop -->\n```',
  '&lt;!-- devloop --&gt;',
  '\\<!-- x -->',
  '@torvalds please',
  '\\@torvalds',
  '&#64;torvalds',
  '@org/team',
  'a@b.example',
  '*@torvalds*',
  'fixes #12',
  'Closes: owner/repo#7',
  'resolves https://github.com/o/r/issues/1',
  'GH-12',
  'see a1b2c3d4e5f6',
  '![x](https://evil.example/p.png)',
  '[click](https://evil.example)',
  '[click]: https://evil.example\n\n[click]',
  '<https://evil.example>',
  'www.evil.example',
  'javascript:alert(1)',
  '<img src=x onerror=alert(1)>',
  '<details><summary>DevLoop: approved</summary>',
  '# DevLoop review\n## Coverage',
  'DevLoop\n=======',
  '/devloop stop',
  'text\n/devloop override plan/scope because',
  '- /infer hello',
  '```suggestion\nrm -rf\n```',
  '```mermaid\ngraph\n```',
  '````\n```\n````\n# out',
  '> quote\n> # heading',
  '| a | b |\n|---|---|\n| @x | #1 |',
  '[^1]\n\n[^1]: @foot #2',
  '---',
  '***@a***#1',
  '~~@gone~~',
  '- [x] done @me',
  '$\\href{https://evil.example}{x}$',
  'a\u202Eb\u200Bc\u2066d',
  'z\u0300\u0301\u0302\u0303\u0304\u0305\u0306',
  '\u0000\u001b[31mred',
  '@\u200Btorvalds',
  '#\u206012',
  '`code @kept #12`',
  'snake_case and __dunder__ and 2 * 3 * 4',
  '`'.repeat(50),
  '>'.repeat(60),
  '- '.repeat(60),
  '[['.repeat(60),
]

const piece = fc.oneof(
  fc.constantFrom(...attacks),
  fc.constantFrom(
    '\n',
    '\n\n',
    ' ',
    '\t',
    '`',
    '``',
    '```',
    '~~~',
    '*',
    '_',
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
    '!',
    '|',
    '\\',
    '&amp;',
    '#',
    '@',
    '/',
    '-',
    '1.',
    ':',
    '$',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
)
const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>['children'][number]

/** Kinds of nodes and visible text outside code, as GitHub's own parser sees them. */
function read(markdown: string): { kinds: Set<string>; text: string[]; languages: string[] } {
  const kinds = new Set<string>()
  const text: string[] = []
  const languages: string[] = []
  const visit = (node: Node): void => {
    kinds.add(node.type)
    if (node.type === 'text') text.push(node.value)
    if (node.type === 'code' && node.lang) languages.push(node.lang)
    if ('children' in node) for (const child of node.children) visit(child)
  }
  visit(fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }))
  return { kinds, text, languages }
}

const permitted = new Set(['root', 'paragraph', 'text', 'strong', 'inlineCode', 'code', 'list', 'listItem'])

function expectHarmless(markdown: string): void {
  const { kinds, text, languages } = read(markdown)
  expect([...kinds].filter((kind) => !permitted.has(kind))).toEqual([])
  expect(markdown).not.toContain('<!--')
  expect(markdown).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]/u)
  expect(languages).not.toContain('suggestion')
  expect(languages).not.toContain('mermaid')
  for (const part of text) {
    expect(part).not.toMatch(/@[\w-]|#\d|\bgh-\d|:\/\/|\bwww\.|(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])/i)
    expect(part).not.toMatch(/^\s*\/\w/m)
  }
}

describe('model text as Markdown', () => {
  test.each(attacks)('%j does nothing', (attack) => {
    expectHarmless(sanitizeModelText(attack))
    expectHarmless(sanitizeModelLine(attack))
  })

  test('no mixture does anything, and a second pass changes nothing', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(80, 2000), (text, maxCharacters) => {
        const once = sanitizeModelText(text, maxCharacters)
        expectHarmless(once)
        expect(once.length).toBeLessThanOrEqual(maxCharacters)
        expect(sanitizeModelText(once, maxCharacters)).toBe(once)
      }),
      { numRuns: 400 },
    )
  })

  test('no mixture makes a title do anything, and a title stays one line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = sanitizeModelLine(text, 120)
        expectHarmless(once)
        expect(once).not.toContain('\n')
        expect(once.length).toBeLessThanOrEqual(120)
        expect(sanitizeModelLine(once, 120)).toBe(once)
      }),
      { numRuns: 400 },
    )
  })

  test('plain sentences with code spans stay as they are and are harmless', () => {
    const word = fc.constantFrom(
      'the',
      'count,',
      'is',
      'ignored.',
      '`foo(a, b)`',
      '`a/b_c`',
      '(see',
      'below)',
      "it's",
      'x=1',
      'https:',
      '1.',
      '-',
      ':',
      'größe',
      '100%',
      '`@you #1`',
      '@me',
      '#7',
      'www.x',
    )
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
        const text = `Here ${words.join(' ')}`
        const once = sanitizeModelText(text)
        expectHarmless(once)
        if (!/@me|#7|www/.test(text)) expect(once).toBe(text)
      }),
      { numRuns: 400 },
    )
  })

  test('what people write in a review stays readable', () => {
    const body = [
      'The `filter` drops **unpaid** orders, so totals differ from `order.total`:',
      '',
      '- first case',
      '- second case',
      '',
      '```ts',
      'return total',
      '```',
    ].join('\n')
    expect(sanitizeModelText(body)).toBe(body)
  })

  test('what GitHub would act on is shown as code, headings as bold text, links without their target', () => {
    expect(sanitizeModelText('# Summary\n\nPing @octocat about [this](https://evil.example), fixes #12.')).toBe(
      '**Summary**\n\nPing `@octocat` about this, fixes `#12.`',
    )
  })

  test('long text ends at a word with an ellipsis', () => {
    const text = sanitizeModelText('word '.repeat(1000), 100)
    expect(text).toMatch(/^(word )+word…$/)
    expect(text.length).toBeLessThanOrEqual(100)
  })

  test('never empties text that had letters', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(sanitizeModelText(`letters ${text}`)).not.toBe('')
      }),
      { numRuns: 400 },
    )
  })
})
