import type { CodeLine } from './read-code.ts'

export type Language = 'js' | 'python' | 'go'

export interface RuleContext {
  /** The lines of the same file after this one, as far as the prompt shows them. */
  readonly following: readonly CodeLine[]
  /** Everything shown of the same file, joined. */
  readonly fileText: string
}

/** A shape of code that is usually a mistake. */
export interface BugRule {
  readonly id: string
  readonly languages: readonly Language[]
  readonly severity: 'critical' | 'high' | 'medium' | 'low'
  readonly category: 'security' | 'bug' | 'error-handling' | 'performance'
  readonly title: string
  readonly message: string
  readonly matches: (text: string, context: RuleContext) => boolean
  /** The line, put right; absent where one line cannot. */
  readonly fix?: (text: string) => string
}

const js: readonly Language[] = ['js']
const python: readonly Language[] = ['python']
const go: readonly Language[] = ['go']
const all: readonly Language[] = ['js', 'python', 'go']

const sqlWord = /\b(?:select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from)\b/i

export const bugRules: readonly BugRule[] = [
  {
    id: 'sql-injection',
    languages: all,
    severity: 'critical',
    category: 'security',
    title: 'SQL is built from a value',
    message:
      'The statement is put together from text, so whoever controls the value controls the query. Pass it as a bound parameter.',
    matches: (text) =>
      sqlWord.test(text) &&
      (/\$\{/.test(text) ||
        /["'`]\s*[+%]\s*\w/.test(text) ||
        /\bf["']/.test(text) ||
        /Sprintf/.test(text) ||
        /\.format\(/.test(text)),
  },
  {
    id: 'shell-injection',
    languages: all,
    severity: 'critical',
    category: 'security',
    title: 'A shell command is built from a value',
    message:
      'The text reaches a shell, so a quote or a semicolon in the value runs another command. Use an argument list without a shell.',
    matches: (text) =>
      /\b(?:exec|execSync|spawnSync?|system|popen|check_output|run|call)\s*\(\s*(?:`[^`]*\$\{|["'][^"']*["']\s*\+|f["'])/.test(
        text,
      ) ||
      /shell\s*=\s*True/.test(text) ||
      /exec\.Command\(\s*"(?:sh|bash)"/.test(text),
  },
  {
    id: 'eval',
    languages: ['js', 'python'],
    severity: 'critical',
    category: 'security',
    title: 'Text is run as code',
    message: 'eval and its kin run whatever the text says with all rights of this program. Parse the value instead.',
    matches: (text) =>
      /(?<![\w.])eval\s*\((?!\s*\))/.test(text) ||
      /new Function\s*\(/.test(text) ||
      /(?<![\w.])exec\s*\(\s*[a-z_]+\s*\)/.test(text) ||
      /pickle\.loads?\(/.test(text) ||
      /yaml\.load\((?!.*SafeLoader)/.test(text),
  },
  {
    id: 'hard-coded-secret',
    languages: all,
    severity: 'critical',
    category: 'security',
    title: 'A secret stands in the code',
    message:
      'Everyone who can read the repository has this secret, and its history keeps it. Read it from the environment and revoke this one.',
    matches: (text) =>
      /\b\w*(?:password|passwd|secret|api_?key|access_?token|auth_?token|private_?key)\w*["']?\s*(?::\s*\w+\s*)?(?::=|[:=])\s*["'`][^"'`\s${}]{6,}["'`]/i.test(
        text,
      ) && !/\b(?:env|getenv|process)\b/.test(text),
  },
  {
    id: 'path-traversal',
    languages: all,
    severity: 'high',
    category: 'security',
    title: 'A path is joined with a value from outside',
    message: 'A value with "../" leaves the folder. Resolve the path and check that it still lies inside.',
    matches: (text) =>
      /\b(?:path\.join|path\.resolve|os\.path\.join|filepath\.Join|join|readFile(?:Sync)?|sendFile|open)\s*\(/.test(
        text,
      ) &&
      /\b(?:req(?:uest)?\.|(?:search)?params|query|body\.|userInput|user_input|file_?name\b)/i.test(text) &&
      !/basename/i.test(text),
  },
  {
    id: 'inner-html',
    languages: js,
    severity: 'high',
    category: 'security',
    title: 'Markup is written without escaping',
    message:
      'The value is parsed as HTML, so a script in it runs in the reader’s browser. Use textContent or escape it.',
    matches: (text) =>
      /\.(?:innerHTML|outerHTML)\s*\+?=(?!=)\s*(?!["'`]{2})/.test(text) ||
      /document\.write\(/.test(text) ||
      /dangerouslySetInnerHTML/.test(text),
    fix: (text) => text.replace(/\.(?:innerHTML|outerHTML)(\s*\+?=)/, '.textContent$1'),
  },
  {
    id: 'weak-random',
    languages: ['js', 'python'],
    severity: 'high',
    category: 'security',
    title: 'A secret comes from a guessable generator',
    message:
      'This generator can be predicted from a few of its values. Use the cryptographic one for tokens, ids and passwords.',
    matches: (text, { fileText }) =>
      /Math\.random\(\)|(?<!\.)\brandom\.(?:random|randint|choice)\(/.test(text) &&
      /token|secret|password|session|nonce|\bkey\b|\bsalt\b/i.test(text + fileText.slice(0, 4_000)),
  },
  {
    id: 'off-by-one',
    languages: all,
    severity: 'high',
    category: 'bug',
    title: 'The loop runs one past the end',
    message: 'The last index is length - 1; with <= the last turn reads an element that is not there. Use <.',
    matches: (text) =>
      /<=\s*(?:[\w.[\]]+\.(?:length|size)\b|len\(\s*[\w.]+\s*\))(?!\s*-)/.test(text) ||
      /range\(\s*(?:\d+\s*,\s*)?len\(\s*[\w.]+\s*\)\s*\+\s*1\s*\)/.test(text) ||
      /\[\s*([\w.]+)\.length\s*\](?!\s*=[^=])/.test(text),
    fix: (text) =>
      text
        .replace(/<=(\s*(?:[\w.[\]]+\.(?:length|size)\b|len\())/, '<$1')
        .replace(/(range\(.*len\(\s*[\w.]+\s*\))\s*\+\s*1/, '$1')
        .replace(/\.length\s*\]/, '.length - 1]'),
  },
  {
    id: 'assignment-in-condition',
    languages: js,
    severity: 'high',
    category: 'bug',
    title: 'The condition assigns instead of comparing',
    message:
      'A single = stores the value and tests it, so the branch does not depend on what was there before. Use ===.',
    matches: (text) => /\b(?:if|while)\s*\(\s*!?[\w.]+(?:\[[^\]]*\])?\s*=(?![=>])\s*[^=]/.test(text),
    fix: (text) => text.replace(/(\b(?:if|while)\s*\(\s*!?[\w.]+(?:\[[^\]]*\])?\s*)=(?![=>])/, '$1==='),
  },
  {
    id: 'missing-await',
    languages: js,
    severity: 'high',
    category: 'bug',
    title: 'A promise is not awaited',
    message:
      'The call returns a promise that nobody waits for: what follows runs too early and a rejection is lost. Add await.',
    matches: (text, { fileText }) => isUnawaited(text, fileText),
    fix: (text) => (/=\s*/.test(text) ? text.replace(/=\s*/, '= await ') : text.replace(/^(\s*)/, '$1await ')),
  },
  {
    id: 'inverted-condition',
    languages: all,
    severity: 'high',
    category: 'bug',
    title: 'The condition is the wrong way round',
    message:
      'The branch refuses exactly those who hold the right, or goes on with the value that is missing. Turn the condition round.',
    matches: (text, { following }) => isInverted(text, following),
  },
  {
    id: 'unhandled-json-parse',
    languages: ['js', 'python'],
    severity: 'medium',
    category: 'error-handling',
    title: 'Broken JSON is not handled',
    message:
      'A body that is not JSON throws here and nobody catches it. Catch the error and answer with what was wrong.',
    matches: (text, { fileText }) =>
      /\b(?:JSON\.parse|json\.loads)\(/.test(text) &&
      !/JSON\.parse\(JSON\.stringify/.test(text) &&
      !/\btry\b/.test(fileText),
  },
  {
    id: 'empty-catch',
    languages: ['js', 'python'],
    severity: 'medium',
    category: 'error-handling',
    title: 'An error is swallowed',
    message: 'The error vanishes and the caller goes on as if all were well. Handle it, or let it pass.',
    matches: (text, { following }) =>
      /catch\s*(?:\([^)]*\))?\s*\{\s*(?:\/\/.*)?\}/.test(text) ||
      /\.catch\(\s*\(\w*\)\s*=>\s*(?:\{\s*\}|undefined|null)\s*\)/.test(text) ||
      (/catch\s*(?:\([^)]*\))?\s*\{\s*$/.test(text) && /^\s*\}/.test(following[0]?.text ?? '')) ||
      (/^\s*except\b.*:\s*$/.test(text) && /^\s*pass\b/.test(following[0]?.text ?? '')) ||
      /^\s*except\s*:\s*(?:pass)?\s*$/.test(text),
  },
  {
    id: 'division-by-zero',
    languages: all,
    severity: 'medium',
    category: 'bug',
    title: 'The divisor can be zero',
    message:
      'With nothing in the list the divisor is 0 and the result is NaN, Infinity or an exception. Treat the empty case first.',
    matches: (text, { fileText }) => {
      const divisor = /\/\s*(?:len\(\s*(\w+)\s*\)|float64\(len\((\w+)\)\)|([\w.]+)\.(?:length|size)\b)/.exec(text)
      const name = divisor?.[1] ?? divisor?.[2] ?? divisor?.[3]
      if (name === undefined) return false
      const escaped = name.replaceAll('.', String.raw`\.`)
      return !new RegExp(
        String.raw`(?:${escaped}\.length\s*(?:===?|>|<|!==?)|len\(${escaped}\)\s*(?:==|>|!=)|if not ${escaped}\b|if ${escaped}:)`,
      ).test(fileText)
    },
  },
  {
    id: 'mutable-default',
    languages: python,
    severity: 'medium',
    category: 'bug',
    title: 'A default value is shared between calls',
    message: 'Python builds the default once, so every call changes the same object. Use None and create it inside.',
    matches: (text) => /\bdef\s+\w+\(.*=\s*(?:\[\s*\]|\{\s*\}|set\(\)|dict\(\)|list\(\))/.test(text),
    fix: (text) => text.replace(/=\s*(?:\[\s*\]|\{\s*\}|set\(\)|dict\(\)|list\(\))/g, '=None'),
  },
  {
    id: 'ignored-error',
    languages: go,
    severity: 'high',
    category: 'error-handling',
    title: 'An error is not looked at',
    message: 'The error is thrown away, so the value before it may be nil or half-made. Check err before going on.',
    matches: (text, { following }) =>
      /,\s*_\s*:?=\s*[\w.]+\(/.test(text) ||
      (/\berr\s*:?=\s*/.test(text) &&
        !/\bif\b/.test(text) &&
        following.length > 0 &&
        !following.slice(0, 3).some((line) => /\berr\b/.test(line.text))),
  },
  {
    id: 'not-closed',
    languages: all,
    severity: 'medium',
    category: 'bug',
    title: 'What is opened is not closed',
    message:
      'On this path the file or connection stays open until the process ends. Close it in finally, with, or defer.',
    matches: (text, { fileText }) =>
      (/^\s*\w+\s*=\s*open\(/.test(text) && !/\.close\(\)/.test(fileText)) ||
      (/:?=\s*(?:os\.Open|os\.Create|sql\.Open|http\.Get)\(/.test(text) && !/\.Close\(\)/.test(fileText)) ||
      (/=\s*(?:await\s+)?(?:fs\.openSync|fs\.open|openSync|pool\.connect|createConnection)\(/.test(text) &&
        !/\.(?:close|end|release|destroy)\(|closeSync/.test(fileText)),
  },
  {
    id: 'loose-null',
    languages: js,
    severity: 'low',
    category: 'bug',
    title: 'A loose comparison converts its operands',
    message: '== converts before it compares, so 0, "" and false pass for each other. Use ===.',
    matches: (text) =>
      /[\w)\]'"]\s*[!=]=(?!=)\s*[\w('"]/.test(text) &&
      !/[!=]==/.test(text) &&
      !/[!=]=\s*null\b/.test(text) &&
      !/^\s*(?:\/\/|\*)/.test(text),
    fix: (text) => text.replace(/([!=])=(?!=)/, '$1=='),
  },
  {
    id: 'missing-radix',
    languages: js,
    severity: 'low',
    category: 'bug',
    title: 'parseInt has no radix',
    message: 'Without a radix a value such as "0x1f" is read as hexadecimal. Say 10.',
    matches: (text) => /\bparseInt\(\s*[^,()]+(?:\([^()]*\))?\s*\)/.test(text),
    fix: (text) => text.replace(/\bparseInt\(\s*([^,()]+(?:\([^()]*\))?)\s*\)/, 'parseInt($1, 10)'),
  },
  {
    id: 'float-equality',
    languages: all,
    severity: 'low',
    category: 'bug',
    title: 'Two fractions are compared for equality',
    message:
      'Binary fractions are rarely equal to the last bit. Compare the difference with a tolerance, or count in whole units.',
    matches: (text) => /[!=]==?\s*\d+\.\d+/.test(text) || /\d+\.\d+\s*[!=]==?/.test(text),
  },
  {
    id: 'await-in-loop-query',
    languages: js,
    severity: 'low',
    category: 'performance',
    title: 'A loop asks one row at a time',
    message: 'Each turn waits for its own round trip. Ask for all rows in one query.',
    matches: (text, { following }) =>
      /^\s*for\s*(?:await\s*)?\(/.test(text) &&
      following
        .slice(0, 4)
        .some((line) => /await\s+[\w.]*(?:db|pool|client|query|find\w*|fetch)\b.*\(/.test(line.text)),
  },
]

const promiseCall = /(?:^\s*|=\s*)(?:this\.)?((?:\w+\.)*)(\w+)\(/

function isUnawaited(text: string, fileText: string): boolean {
  if (/\b(?:await|return|void|yield|async|function|then|Promise)\b|=>|\.catch\(/.test(text)) return false
  const call = promiseCall.exec(text)
  const name = call?.[2]
  if (name === undefined || /^(?:if|for|while|switch|catch)$/.test(name)) return false
  if (name === 'fetch') return true
  const declared = new RegExp(
    String.raw`\basync\s+(?:function\s+)?${name}\s*\(|\b${name}\s*=\s*async\b|await\s+(?:[\w.]+\.)?${name}\s*\(|\b${name}\([^)]*\)\s*:\s*Promise<`,
  )
  if (declared.test(fileText)) return true
  return (
    /(?:^|\.)(?:db|pool|client|prisma|repo\w*|store|cache|redis|fs\.promises)\.$/i.test(call?.[1] ?? '') &&
    /^(?:query|save|insert|update|delete|remove|find\w*|get|set|writeFile|readFile|execute|commit)$/.test(name)
  )
}

function isInverted(text: string, following: readonly CodeLine[]): boolean {
  const next = following[0]?.text ?? ''
  const refuses =
    /\b(?:throw|raise|return\s+(?:false|null|nil|None|False)|40[13]|[Ff]orbidden|[Uu]nauthori[sz]ed|[Dd]enied)\b/
  if (
    /\bif\s*\(?\s*(?!.*(?:!|not\s))[\w.]*\b(?:is_?(?:admin|valid|allowed|authori[sz]ed|authenticated|owner)|has_?(?:access|permission|role)|can_?\w+)\w*(?:\([^)]*\))?\s*\)?\s*[:{]?/i.test(
      text,
    )
  ) {
    return refuses.test(next) || refuses.test(text.slice(text.indexOf(')')))
  }
  return /\bif\s*\(\s*!(\w+)\s*\)\s*(?:\{\s*)?return\s+\1\./.test(text)
}
