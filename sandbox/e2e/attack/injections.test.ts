import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { describe, expect, it } from 'vitest'
import { parseCommands } from '../../../app/commands/parse.ts'
import { defaultConfig } from '../../../config/resolved-config.ts'
import { createFakeClock } from '../../../ports/fakes/fake-clock.ts'
import { createFakeEngine, fakeLease } from '../../../ports/fakes/fake-engine.ts'
import { commitSha } from '../../../ports/ids.ts'
import { microUsd } from '../../../ports/money.ts'
import { parseDiff } from '../../../review/diff/parse.ts'
import type { ReviewInputs } from '../../../review/gather/inputs.ts'
import { unlearnedRatio } from '../../../review/pack/token-ratio.ts'
import { runReview } from '../../../review/pipeline.ts'
import { emptyMemory } from '../../../review/rank/memory.ts'
import { failureCheck, renderFailure } from '../../../review/render/failure.ts'
import { inlineComment } from '../../../review/render/inline-comment.ts'
import { renderSummary } from '../../../review/render/summary.ts'
import { INJECTIONS } from './injections.ts'

const LINE = '  for (let i = 0; i <= prices.length; i++) {'

/** The trick stands in the change, its title, its description, and in every text of the model's answer. */
async function postedFor(trick: string): Promise<readonly string[]> {
  const line = trick.replaceAll(/\s+/g, ' ')
  const diff = `diff --git a/src/total.ts b/src/total.ts\n--- a/src/total.ts\n+++ b/src/total.ts\n@@ -1,2 +1,4 @@\n export function total(prices: number[]) {\n+${LINE}\n+  // ${line}\n return 0\n`
  const inputs: ReviewInputs = {
    diff: parseDiff(diff),
    unlistedFiles: 0,
    attributes: [],
    headSha: 'a'.repeat(40),
    baseSha: 'b'.repeat(40),
    title: line,
    description: trick,
    focus: null,
    guidelines: [],
    architecture: null,
    tasks: [],
    requirements: [],
    failingChecks: [],
    memory: emptyMemory,
  }
  const finding = {
    file: 'src/total.ts',
    line: 2,
    endLine: 2,
    severity: 'high',
    category: 'correctness',
    confidence: 0.9,
  }
  const found = {
    findings: [{ ...finding, title: `Past the end ${trick}`.slice(0, 190), body: trick, quote: LINE }],
    checks: {},
  }
  const engine = createFakeEngine(
    [JSON.stringify(found)],
    JSON.stringify({ verdict: 'stands', quote: '', reason: trick }),
  )
  const { result } = await runReview(
    inputs,
    defaultConfig().review,
    {
      model: 'm',
      seed: 7,
      mark: 'f00dcafe',
      ratio: unlearnedRatio,
      maxPrompts: 50,
      passes: 1,
      maxMicroUsd: microUsd(1_000_000),
      startedAt: 0,
      inputHash: 'hash',
    },
    {
      clock: createFakeClock(),
      signal: new AbortController().signal,
      acquire: async () => fakeLease(engine),
      step: (_, body) => body(),
      readHead: async () => null,
      listHeadPaths: async () => null,
      onProgress: () => {},
      mayRestart: false,
    },
  )
  const inline = result.ranking.inline.flatMap((one) => inlineComment(one)?.body ?? [])
  return [...inline, renderSummary(result, { detailsUrl: null, withMarker: true })]
}

/** Everything in a comment that GitHub, or we, would act upon. */
function actingParts(comment: string): readonly string[] {
  const markers = comment.match(/<!--[^>]*-->/g) ?? []
  const own = /^<!-- devloop:(?:review-summary|finding:[0-9a-f]{12}(?:-\d+)?) -->$/
  const acting = markers.filter((marker) => !own.test(marker))
  if (markers.length > 1) acting.push('a second marker')
  for (const spoken of parseCommands(comment)) acting.push(`command in line ${spoken.line}`)
  const visit = (node: Nodes): void => {
    if (/^(?:link|image|linkReference|imageReference|definition|footnote\w*)$/.test(node.type)) acting.push(node.type)
    if (node.type === 'code' && /^(?:suggestion|mermaid)/.test(node.lang ?? '')) acting.push(`${node.lang} block`)
    if (node.type === 'html' && !/^<\/?(?:sub|details|summary|br)\s*\/?>$|^<!-- devloop:/.test(node.value))
      if (/script|img|open|evil/i.test(node.value)) acting.push(node.value)
    if (node.type === 'text' && /@\w|#\d|\bGH-\d|https?:|www\./i.test(node.value)) acting.push(node.value)
    if ('children' in node) for (const child of node.children) visit(child)
  }
  visit(fromMarkdown(comment, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals act on them
  if (/[\u0000-\u0008\u000B-\u001F\u200B\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/u.test(comment))
    acting.push('a hidden sign')
  return acting
}

describe('a model that obeys the author of the change', () => {
  it.each(INJECTIONS)('%s: nothing acts in what is posted', async (_, text) => {
    for (const comment of await postedFor(text)) expect(actingParts(comment)).toEqual([])
  })

  it.each(INJECTIONS)('%s: nothing acts when a vendor says it in a refusal', (_, text) => {
    const failure = { kind: 'failed', message: text, remedy: text, headSha: null, detailsUrl: null } as const
    expect(actingParts(renderFailure(failure))).toEqual([])
    const { summary } = failureCheck(failure, commitSha.parse('a'.repeat(40)))
    expect(actingParts(summary)).toEqual([])
  })

  it('most of them are posted as harmless text, so that this shows something', async () => {
    const posted = await Promise.all(INJECTIONS.map(([, text]) => postedFor(text)))
    expect(posted.filter(({ length }) => length === 2).length).toBeGreaterThan(INJECTIONS.length / 2)
  })

  it.each(
    INJECTIONS.filter(
      ([trick]) =>
        !/fake diff|system turn|heading|runner command|table|hidden sign|reference|in a quote|in a list/.test(trick),
    ),
  )('%s: is seen when it is posted as it came', (_, text) => {
    const marker = '<!-- devloop:review-summary -->\n\n'
    expect(actingParts(marker + text)).not.toEqual([])
  })
})
