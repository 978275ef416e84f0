import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMMAND_NAMES, type Spoken } from './command.ts'
import { mayHoldCommand, parseCommands } from './parse.ts'

const review = { name: 'review', focus: null, model: null, full: false, estimate: false, maxCostUsd: null }
const commandsOf = (body: string) =>
  parseCommands(body).flatMap((spoken) => (spoken.kind === 'command' ? [spoken.command] : []))
const mistakesOf = (body: string) =>
  parseCommands(body).flatMap((spoken) => (spoken.kind === 'mistake' ? [spoken.message] : []))

describe('parseCommands', () => {
  it.each([
    ['/devloop review', [review]],
    ['/DevLoop Review', [review]],
    ['   /devloop   review  ', [review]],
    ['/devloop', [{ name: 'help' }]],
    ['/devloop review the retry loop', [{ ...review, focus: 'the retry loop' }]],
    [
      '/devloop review --model mistral:7b --full locks --max-cost 0.5',
      [{ ...review, model: 'mistral:7b', full: true, focus: 'locks', maxCostUsd: 0.5 }],
    ],
    ['/devloop review —estimate --max-cost=$2', [{ ...review, estimate: true, maxCostUsd: 2 }]],
    ['/infer why is the sky blue', [{ name: 'infer', prompt: 'why is the sky blue' }]],
    ['/infer explain\n```js\nx++\n```\nplease', [{ name: 'infer', prompt: 'explain\n```js\nx++\n```\nplease' }]],
    [
      '/devloop ask is it safe?\nreally?\n/devloop check',
      [{ name: 'ask', question: 'is it safe?\nreally?' }, { name: 'check' }],
    ],
    [
      '/devloop override plan/scope a tool moved it',
      [{ name: 'override', rule: 'plan/scope', reason: 'a tool moved it' }],
    ],
    ['/devloop dismiss F-1a2b', [{ name: 'dismiss', finding: 'F-1a2b', reason: null }]],
    ['Thanks!\n/devloop pause\nand later\n/devloop resume', [{ name: 'pause' }, { name: 'resume' }]],
    ['a\r\n/devloop status\r\n', [{ name: 'status' }]],
  ])('reads %j', (body, commands) => {
    expect(commandsOf(body)).toEqual(commands)
    expect(mistakesOf(body)).toEqual([])
    expect(mayHoldCommand(body)).toBe(true)
  })

  it.each([
    ['not the first word', 'please /devloop review'],
    ['another word', '/devloopreview'],
    ['a path', '/devloop/review'],
    ['a fenced block', '```\n/devloop review\n```'],
    ['a fence that is never closed', '~~~~\n/devloop review\n~~~\n/devloop check'],
    ['an indented block', 'text\n\n    /devloop review'],
    ['a tab', '\t/devloop review'],
    ['inline code', '`/devloop review`'],
    ['inline code over lines', 'see `this\n/devloop review\nend` there'],
    ['a quote', '> /devloop review'],
    ['a line that goes on with a quote', '> as you said\n/devloop review'],
    ['a list item', '- /devloop review'],
    ['an HTML comment', '<!--\n/devloop review\n-->'],
    ['an HTML comment that is never closed', '<!-- \n\n/devloop review'],
    ['after an HTML comment', '<!-- x --> /devloop review'],
    ['after the end of an HTML comment', '<!--\n--> /devloop review'],
  ])('hears nothing in %s', (_, body) => {
    expect(parseCommands(body)).toEqual([])
  })

  it.each([
    ['/devloop reveiw', '`reveiw` is no command; did you mean `/devloop review`?'],
    ['/devloop xyzzy', '`xyzzy` is no command; `/devloop help` lists all commands.'],
    ['/infer', 'Say what to ask: `/infer PROMPT`.'],
    ['/devloop ask', 'Say what to ask about this change: `/devloop ask QUESTION`.'],
    ['/devloop override plan/scope', 'An override names the rule and the reason: `/devloop override RULE REASON`.'],
    ['/devloop review --ful', '`--ful` is no option of review; did you mean `--full`?'],
    ['/devloop review --max-cost lots', 'After `--max-cost` comes an amount in dollars, at most 1000: `0.50`.'],
    ['/devloop review --model $(rm)', 'After `--model` comes an Ollama tag such as `qwen3-coder:30b`.'],
    ['/devloop infer hi', 'Inference is its own command: `/infer PROMPT`.'],
  ])('says what is wrong with %j', (body, message) => {
    expect(mistakesOf(body)).toEqual([message])
    expect(commandsOf(body)).toEqual([])
  })

  it('closes a quote with a blank line and a fence with one as long', () => {
    expect(commandsOf('> quote\n\n/devloop check\n````\n```\n/devloop stop\n````\n/devloop help')).toEqual([
      { name: 'check' },
      { name: 'help' },
    ])
  })

  it('reads ten commands and says that there were more', () => {
    const spoken = parseCommands('/devloop check\n'.repeat(12))
    expect(spoken).toHaveLength(11)
    expect(spoken[10]).toMatchObject({
      kind: 'mistake',
      message: expect.stringContaining('the 2 after that were not read'),
    })
  })

  const word = fc.constantFrom(
    '/devloop',
    '/infer',
    'review',
    'ask',
    '`',
    '```',
    '~~~',
    '> ',
    '    ',
    '\n',
    '\n\n',
    '<!--',
    '-->',
    ' x ',
    '--',
    '\r\n',
    '\t',
    'é',
    '😀',
  )
  const text = fc.oneof(
    fc.array(word, { maxLength: 60 }).map((words) => words.join('')),
    fc.string({ unit: 'binary', maxLength: 300 }),
  )

  it('never throws, and names lines that begin with the command', () => {
    fc.assert(
      fc.property(text, (body) => {
        const lines = body.split(/\r\n|\r|\n/)
        for (const spoken of parseCommands(body)) expect(lines[spoken.line - 1]).toMatch(/^ {0,3}\/(devloop|infer)/i)
      }),
      { numRuns: 3000 },
    )
  })

  it('hears nothing of what is fenced, quoted or hidden, whatever it is', () => {
    // In turn: what is taken out of the middle of an end would leave an end.
    const inner = text.map((body) => body.replaceAll(/[`~]/g, '').replaceAll(/--+>/g, '').replaceAll(/\r\n?/g, '\n'))
    fc.assert(
      fc.property(inner, (body) => {
        expect(parseCommands(`~~~\n${body}\n~~~`)).toEqual([])
        expect(parseCommands(body.replaceAll(/^/gm, '> '))).toEqual([])
        expect(parseCommands(`<!--\n${body}\n-->`)).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  it('reads a command back from any comment around it', () => {
    const name = fc.constantFrom(
      ...COMMAND_NAMES.filter((one) => !['ask', 'override', 'dismiss', 'review'].includes(one)),
    )
    const prose = fc.array(fc.constantFrom('well', 'done', 'x', '1'), { maxLength: 5 }).map((words) => words.join(' '))
    fc.assert(
      fc.property(prose, name, prose, (before, one, after) => {
        const spoken: readonly Spoken[] = parseCommands(`${before}\n\n/devloop ${one}\n\n${after}`)
        expect(spoken).toEqual([{ kind: 'command', line: 3, command: { name: one } }])
      }),
      { numRuns: 1000 },
    )
  })

  // Quadratic work on these would run into the timeout.
  it.each(['`', '``` ', '<!--', '/devloop ', '> ', '`a\n', '   ', '~~~\n', '- - ', '/infer\n', '`a``b```c'])(
    'ends on a long text made of %j',
    (piece) => {
      const body = piece.repeat(Math.ceil(1_000_000 / piece.length))
      expect(parseCommands(body).length).toBeLessThanOrEqual(11)
    },
    2_000,
  )
})
