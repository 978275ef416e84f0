import { describe, expect, test } from 'vitest'
import { bugRules } from './bug-rules.ts'
import { findBugs } from './find-bugs.ts'
import type { CodeLine } from './read-code.ts'

/** Rule, file, lines with the mistake, lines without it. */
const cases: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  [
    'sql-injection',
    'a.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code under test
    ['const rows = await db.query(`SELECT * FROM users WHERE id = ${id}`)'],
    ['const rows = await db.query("SELECT * FROM users WHERE id = $1", [id])'],
  ],
  [
    'sql-injection',
    'a.py',
    ['cur.execute("SELECT * FROM t WHERE id = %s" % id)'],
    ['cur.execute("SELECT * FROM t WHERE id = %s", (id,))'],
  ],
  [
    'sql-injection',
    'a.go',
    ['q := fmt.Sprintf("SELECT * FROM t WHERE id = %d", id)'],
    ['rows, err := db.Query("SELECT * FROM t WHERE id = ?", id)', 'if err != nil {', 'rows.Close()'],
  ],
  ['shell-injection', 'a.ts', ["execSync('git log ' + branch)"], ["execFileSync('git', ['log', branch])"]],
  ['shell-injection', 'a.py', ['subprocess.run(cmd, shell=True)'], ['subprocess.run(["ls", path])']],
  ['eval', 'a.ts', ['const value = eval(text)'], ['const value = evaluate(text)']],
  ['eval', 'a.py', ['data = pickle.loads(body)'], ['data = json.load(stream)']],
  ['hard-coded-secret', 'a.ts', ["const apiKey = 'sk-live-12345678'"], ['const apiKey = process.env.API_KEY']],
  ['hard-coded-secret', 'a.py', ['DB_PASSWORD = "hunter2hunter2"'], ['DB_PASSWORD = os.environ["DB_PASSWORD"]']],
  ['hard-coded-secret', 'a.go', ['password := "hunter2hunter2"'], ['password := os.Getenv("PASSWORD")']],
  [
    'path-traversal',
    'a.ts',
    ['const file = path.join(root, req.params.name)'],
    ['const file = path.join(root, path.basename(req.params.name))'],
  ],
  ['inner-html', 'a.ts', ['box.innerHTML = comment.text'], ['box.textContent = comment.text']],
  ['weak-random', 'a.ts', ['const token = Math.random().toString(36)'], ['const token = crypto.randomUUID()']],
  ['off-by-one', 'a.ts', ['for (let i = 0; i <= items.length; i++) {'], ['for (let i = 0; i < items.length; i++) {']],
  ['off-by-one', 'a.py', ['for i in range(0, len(items) + 1):'], ['for i in range(0, len(items)):']],
  ['off-by-one', 'a.go', ['for i := 0; i <= len(items); i++ {'], ['for i := 0; i < len(items); i++ {']],
  ['assignment-in-condition', 'a.ts', ["if (user.role = 'admin') {"], ["if (user.role === 'admin') {"]],
  [
    'missing-await',
    'a.ts',
    ['async function save(x) {', '}', '  save(order)'],
    ['async function save(x) {', '}', '  await save(order)'],
  ],
  ['missing-await', 'a.ts', ['  db.insert(order)'], ['  await db.insert(order)']],
  [
    'inverted-condition',
    'a.ts',
    ['if (user.isAdmin) {', "  throw new Error('forbidden')"],
    ['if (!user.isAdmin) {', "  throw new Error('forbidden')"],
  ],
  [
    'inverted-condition',
    'a.py',
    ['if user.is_admin:', '    raise PermissionError("denied")'],
    ['if not user.is_admin:', '    raise PermissionError("denied")'],
  ],
  [
    'unhandled-json-parse',
    'a.ts',
    ['const body = JSON.parse(text)'],
    ['try {', 'const body = JSON.parse(text)', '} catch (cause) { report(cause) }'],
  ],
  ['empty-catch', 'a.ts', ['} catch (error) {', '}'], ['} catch (error) {', '  report(error)', '}']],
  ['empty-catch', 'a.py', ['except ValueError:', '    pass'], ['except ValueError as problem:', '    report(problem)']],
  [
    'division-by-zero',
    'a.ts',
    ['return sum / values.length'],
    ['if (values.length === 0) return 0', 'return sum / values.length'],
  ],
  [
    'division-by-zero',
    'a.py',
    ['return total / len(items)'],
    ['if not items:', '    return 0', 'return total / len(items)'],
  ],
  ['mutable-default', 'a.py', ['def add(item, to=[]):'], ['def add(item, to=None):']],
  ['ignored-error', 'a.go', ['data, _ := os.ReadFile(name)'], ['data, err := os.ReadFile(name)', 'if err != nil {']],
  ['ignored-error', 'a.go', ['data, err := load(name)', 'use(data)'], ['data, err := load(name)', 'if err != nil {']],
  ['not-closed', 'a.py', ['f = open("notes.txt")'], ['with open("notes.txt") as f:']],
  [
    'not-closed',
    'a.go',
    ['f, err := os.Open(name)', 'if err != nil {'],
    ['f, err := os.Open(name)', 'if err != nil {', 'defer f.Close()'],
  ],
  ['loose-null', 'a.ts', ["if (kind == 'new') {"], ["if (kind === 'new') {"]],
  ['missing-radix', 'a.ts', ['const port = parseInt(text)'], ['const port = parseInt(text, 10)']],
  ['float-equality', 'a.ts', ['if (rate === 0.1) {'], ['if (rate > 0.1) {']],
  [
    'await-in-loop-query',
    'a.ts',
    ['for (const id of ids) {', '  users.push(await db.find(id))'],
    ['const users = await db.findAll(ids)'],
  ],
]

function added(path: string, texts: readonly string[]): CodeLine[] {
  return texts.map((text, index) => ({ path, line: index + 1, text, mark: 'added' }))
}

function rulesAt(path: string, texts: readonly string[]): string[] {
  return findBugs(added(path, texts)).map((hit) => hit.rule.id)
}

describe('the rules of the stand-in', () => {
  test.each(cases)('%s speaks where the mistake is, in %s', (rule, path, wrong) => {
    expect(rulesAt(path, wrong)).toContain(rule)
  })

  test.each(cases)('%s is silent where it is not, in %s', (rule, path, _wrong, right) => {
    expect(rulesAt(path, right)).not.toContain(rule)
  })

  test('every rule has a case', () => {
    expect(new Set(cases.map(([rule]) => rule))).toEqual(new Set(bugRules.map((rule) => rule.id)))
  })

  test('a fix takes its own rule away', () => {
    for (const rule of bugRules) {
      const found = cases.find(([id]) => id === rule.id)
      if (rule.fix === undefined || found === undefined) continue
      const [, path, wrong] = found
      const fixed = wrong.map((text) =>
        rulesAt(path, [text, ...wrong]).includes(rule.id) ? (rule.fix?.(text) ?? text) : text,
      )
      expect(rulesAt(path, fixed), rule.id).not.toContain(rule.id)
    }
  })

  test('ordinary code draws no finding', () => {
    const plain = [
      "import { readFile } from 'node:fs/promises'",
      'export function total(prices: readonly number[]): number {',
      '  return prices.reduce((sum, price) => sum + price, 0)',
      '}',
      '  const name = await read(id)',
      '  if (name === undefined) return null',
      '// a comment about eval(x) and == 0',
    ]
    expect(rulesAt('a.ts', plain)).toEqual([])
  })

  test('context and removed lines draw no finding', () => {
    const lines: CodeLine[] = [
      { path: 'a.ts', line: 1, text: 'eval(x)', mark: 'context' },
      { path: 'a.ts', line: 2, text: 'eval(y)', mark: 'removed' },
      { path: 'a.ts', line: 2, text: 'ok(y)', mark: 'added' },
    ]
    expect(findBugs(lines)).toEqual([])
  })
})
