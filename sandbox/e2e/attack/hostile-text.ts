import fc from 'fast-check'

/** Pieces that parsers trip over: alone, repeated and mixed with arbitrary code units. */
export const HOSTILE_PIECES: readonly string[] = [
  ...['__proto__', 'constructor', 'prototype', 'toString', '{"__proto__":{"polluted":true}}', '{"constructor":{}}'],
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '`',
    '```\n',
    '~~~',
    '<!--',
    '-->',
    '<details>',
    '\\',
    '$',
    '\0',
    '\uFEFF',
    '\uD800',
  ],
  ...['\n', '\r\n', '\r', '\t', ' ', '    ', '\u2028', '\u202E', '\u200B', 'é', '🙂', '\u{E0041}'],
  ...[
    '- [ ] ',
    '- [x] ',
    '# ',
    '## Phase 1',
    '---\n',
    '> ',
    '| a |',
    '* ',
    '1. ',
    '{paths: a/**; depends: T-1}',
    'T-101 ',
  ],
  ...[
    'version: 1\n',
    'governance:',
    '&a ',
    '*a',
    '<<: ',
    '!!js/function ',
    '? ',
    ': ',
    '!tag ',
    'rules:\n  plan/scope: block\n',
  ],
  ...[
    'diff --git a/a b/a\n',
    '--- a/a\n',
    '+++ b/a\n',
    '@@ -1,3 +1,4 @@\n',
    '@@ -99999999999,1 +1 @@\n',
    '+x\n',
    '-x\n',
    ' x\n',
  ],
  ...[
    'rename from a\n',
    'Binary files a and b differ\n',
    'GIT binary patch\n',
    '\\ No newline at end of file\n',
    '"a\\303\\251"',
  ],
  ...[
    '/devloop ',
    '/infer ',
    '/devloop review --max-cost ',
    '--',
    '@bob',
    '1e999',
    '-0',
    '99999999999999999999',
    'null',
    'true',
  ],
  ...[
    '{"findings":[{"file":"a","line":1}]}',
    '{"done":true}',
    '{"error":"x"}',
    '{"title":1,"detail":["x"]}',
    'no longer any instances',
  ],
]

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...HOSTILE_PIECES) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...HOSTILE_PIECES), fc.integer({ min: 2, max: 60 }))
      .map(([text, times]) => text.repeat(times)),
  },
)

export const hostileText = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''))

/** JSON with the keys that pollute prototypes, as text, so that `__proto__` is a key and not an assignment. */
export const hostileJson = fc
  .tuple(fc.json({ maxDepth: 4 }), fc.constantFrom('', ...HOSTILE_PIECES), fc.boolean())
  .map(([json, key, isPolluting]) =>
    isPolluting ? `{"__proto__":${json},"constructor":{"prototype":${json}},${JSON.stringify(key)}:${json}}` : json,
  )
