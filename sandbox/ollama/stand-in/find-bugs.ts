import { type BugRule, bugRules, type Language } from './bug-rules.ts'
import type { CodeLine } from './read-code.ts'

export interface Hit {
  readonly rule: BugRule
  readonly code: CodeLine
}

const languageByExtension: Readonly<Record<string, Language>> = {
  ts: 'js',
  tsx: 'js',
  mts: 'js',
  cts: 'js',
  js: 'js',
  jsx: 'js',
  mjs: 'js',
  cjs: 'js',
  vue: 'js',
  svelte: 'js',
  py: 'python',
  go: 'go',
}

const severityOrder = ['critical', 'high', 'medium', 'low']

/** Every rule against every added line (every line, where the prompt shows no signs); worst first. */
export function findBugs(lines: readonly CodeLine[]): Hit[] {
  const hasSigns = lines.some((line) => line.mark === 'added')
  const present = lines.filter((line) => line.mark !== 'removed')
  const hits: Hit[] = []
  for (const code of present) {
    if (hasSigns ? code.mark !== 'added' : code.mark !== 'plain') continue
    hits.push(...hitsAt(code, present))
  }
  return hits.toSorted((a, b) => severityOrder.indexOf(a.rule.severity) - severityOrder.indexOf(b.rule.severity))
}

/** The rules that speak at one line. */
export function hitsAt(code: CodeLine, present: readonly CodeLine[]): Hit[] {
  const language = languageByExtension[code.path.split('.').at(-1)?.toLowerCase() ?? '']
  if (language === undefined || isComment(code.text)) return []
  const sameFile = present.filter((line) => line.path === code.path)
  const context = {
    following: sameFile.filter((line) => line.line > code.line),
    fileText: sameFile.map((line) => line.text).join('\n'),
  }
  return bugRules
    .filter((rule) => rule.languages.includes(language) && rule.matches(code.text, context))
    .slice(0, 1)
    .map((rule) => ({ rule, code }))
}

function isComment(text: string): boolean {
  return /^\s*(?:\/\/|#|\*|\/\*|"""|''')/.test(text)
}
