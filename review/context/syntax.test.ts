import { describe, expect, test } from 'vitest'
import { namesIn } from './names-in.ts'
import { loadSyntax, syntaxOf } from './syntax.ts'

const native = await loadSyntax()
const none = syntaxOf(() => null)

const typescript = [
  'export class Cart {',
  '  private total = 0',
  '',
  '  add(line: Line): void {',
  '    if (line.count > 0) {',
  '      this.total += line.price',
  '    }',
  '  }',
  '}',
  '',
  'export const close = (cart: Cart) => {',
  '  log(cart)',
  '  cart.close()',
  '}',
  '',
  "describe('a cart', () => {",
  "  test('closes', () => {",
  '    close(new Cart())',
  '  })',
  '})',
  'const after = 1',
].join('\n')

const python = [
  'class Cart:',
  '    def add(self, line):',
  '        if line.count:',
  '            self.total += 1',
  '',
  'after = 1',
].join('\n')
const go = [
  'package cart',
  '',
  'func (c *Cart) Add(line Line) error {',
  '\tif line.Count > 0 {',
  '\t\tc.total += 1',
  '\t}',
  '\treturn nil',
  '}',
].join('\n')

describe('what encloses a line', () => {
  test.each([
    ['a method in a class', 'a.ts', typescript, 6, 'class Cart › add(line: Line): void'],
    ['an arrow function', 'a.ts', typescript, 13, 'const close = (cart: Cart) =>'],
    ['a test in a suite', 'a.ts', typescript, 18, "describe('a cart', () => › test('closes', () =>"],
    ['the top level', 'a.ts', typescript, 21, ''],
    ['a Python method', 'a.py', python, 4, 'class Cart: › def add(self, line):'],
    ['a Go method', 'a.go', go, 5, 'func (c *Cart) Add(line Line) error'],
  ])('%s is named', (_, path, text, line, expected) => {
    expect(native.enclosing(path, text)(line, line)).toBe(expected)
  })

  test('a declaration that the hunk shows itself is not repeated', () => {
    expect(native.enclosing('a.ts', typescript)(6, 4)).toBe('class Cart')
    expect(native.enclosing('a.ts', typescript)(6, 1)).toBe('')
  })

  test.each([
    ['a.ts', typescript, 6, 'export class Cart › add(line: Line): void › if (line.count > 0)'],
    ['a.py', python, 4, 'class Cart: › def add(self, line): › if line.count:'],
    ['a.rb', 'class Cart\n  def add(line)\n    @total += 1\n  end\nend', 3, 'class Cart › def add(line)'],
    ['a.rb', 'x = 1\ny = 2', 2, ''],
  ])('is told by indentation where there is no parser: %s', (path, text, line, expected) => {
    expect(none.enclosing(path, text)(line, line)).toBe(expected)
  })

  test('a line outside the file is enclosed by nothing', () => {
    expect(native.enclosing('a.ts', typescript)(999, 999)).toBe('')
    expect(none.enclosing('a.rb', '')(5, 5)).toBe('')
  })
})

describe('whether code parses', () => {
  test.each([
    ['a.ts', typescript, true],
    ['a.ts', '', true],
    ['a.ts', 'if (a) {', false],
    ['a.ts', 'const a = ', false],
    ['a.tsx', 'const a = <b c={d}>e</b>', true],
    ['a.tsx', 'const a = <b c={d}>e</c', false],
    ['a.js', 'const a = <b />', true],
    ['a.py', python, true],
    ['a.py', 'def f(:\n  x', false],
    ['a.py', 'def f():\nx = 1', false],
    ['a.go', go, true],
    ['a.go', 'package a\nfunc f() {', false],
    ['a.json', '{"a": 1}', true],
    ['a.json', '{"a": 1,}', false],
    ['tsconfig.json', '{"a": 1,}', null],
    ['a.yml', 'a: [1, 2]', true],
    ['a.yml', 'a: [1, 2', false],
    ['a.rb', 'def a', null],
  ])('%s %j: %s', (path, text, expected) => {
    expect(native.parses(path, text)).toBe(expected)
  })

  test('is unknown without a parser', () => {
    expect(none.parses('a.ts', 'if (a) {')).toBeNull()
  })
})

test('names are identifiers of three letters and more', () => {
  expect([...namesIn('const größe = $el.getItem(ab, _id) // see 日本語')]).toEqual([
    'const',
    'größe',
    '$el',
    'getItem',
    '_id',
    'see',
    '日本語',
  ])
})
