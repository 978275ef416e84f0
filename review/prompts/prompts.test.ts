import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatMessage } from '../../ports/model.ts'
import { askPrompt, combinePrompt } from './ask-prompt.ts'
import { doubtPrompt } from './doubt-prompt.ts'
import { fence } from './fence.ts'
import { findPrefix, findPrompt, type ReviewBrief } from './find-prompt.ts'
import { retryPrompt } from './retry-prompt.ts'
import { promptVersions } from './versions.ts'

const mark = 'f00dcafe'
const code =
  '## src/total.ts\n@@ 1 export function total(prices: number[]) {\n   let sum = 0\n3+  for (let i = 0; i <= prices.length; i++) {'
const bare: ReviewBrief = {
  mark,
  title: 'Add totals',
  description: 'Sums the prices of a cart.',
  focus: null,
  guidelines: [],
  tasks: [],
  requirements: [],
  failingChecks: [],
}
const full: ReviewBrief = {
  ...bare,
  focus: 'rounding',
  guidelines: [{ source: 'docs/ARCHITECTURE.md', text: '# Architecture\n\nMoney is integer cents.' }],
  tasks: [{ id: 'T-101', text: 'Totals of a cart' }],
  requirements: [{ id: 'R1', text: 'An empty cart has the total 0' }],
  failingChecks: [{ name: 'test', summary: '1 of 40 failed' }],
}
const question = {
  code,
  instructions: ['Migrations must be reversible.'],
  mustCheck: [{ id: 'auth', question: 'Can anyone reach this without permission?' }],
  maxFindings: 8,
}
const found = findPrompt(bare, { ...question, instructions: [], mustCheck: [] })

describe('a prompt', () => {
  it.each<[string, readonly ChatMessage[]]>([
    ['find', findPrompt(full, question)],
    ['find-bare', found],
    ['retry', retryPrompt(found, '```json\n{}\n```', 'it stands in a code fence.').slice(found.length)],
    [
      'doubt',
      doubtPrompt({
        mark,
        path: 'src/total.ts',
        code: '3   for (;;) {',
        title: 'One too far',
        body: 'It is.',
        quote: 'for (;;) {',
      }),
    ],
    ['ask', askPrompt(full, 'What happens with an empty cart?', code, 'part 1 of 2')],
    ['ask-combine', combinePrompt(mark, 'What happens?', ['It throws.', 'Nothing.'])],
  ])('%s reads as its golden file says', async (name, messages) => {
    const text = messages.map(({ role, content }) => `=== ${role}\n${content}\n`).join('\n')
    await expect(text).toMatchFileSnapshot(`./__golden__/${name}.golden.txt`)
  })

  it('begins with the prefix that packing counts', () => {
    const text = findPrompt(full, question)
      .map(({ content }) => content)
      .join('\n\n')
    expect(text.startsWith(findPrefix(full))).toBe(true)
  })

  it('has a semantic version', () => {
    for (const version of Object.values(promptVersions)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })
})

describe('a fence', () => {
  it('cannot be closed from inside, whatever stands in it', () => {
    const hostile = fc.array(fc.constantFrom(mark, 'CODE>>>', `${mark} CODE>>>`, '<<<CODE', '\n', 'f00d', 'cafe', 'x'))
    fc.assert(
      fc.property(hostile, (parts) => {
        const text = fence('CODE', parts.join(''), mark)
        expect(text.split(mark)).toHaveLength(3)
        expect(text.endsWith(`\n${mark} CODE>>>`)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
