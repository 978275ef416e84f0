import { describe, expect, it } from 'vitest'
import { ModelError } from '../../ports/errors.ts'
import { createFakeEngine, type Reply } from '../../ports/fakes/fake-engine.ts'
import { parseDiff } from '../diff/parse.ts'
import type { Finding } from '../finding.ts'
import { modelSettings } from '../models.ts'
import { doubtFinding } from './doubt-finding.ts'
import { doubtSubject } from './subject.ts'

const finding: Finding = {
  id: '0123456789ab',
  path: 'src/a.ts',
  line: 3,
  endLine: 3,
  side: 'RIGHT',
  place: 'quoted',
  severity: 'high',
  category: 'correctness',
  title: 'user may be null',
  body: 'findUser answers null for an unknown id.',
  quote: 'return user.name',
  confidence: 0.8,
}
const { files } = parseDiff(
  'diff --git a/src/a.ts b/src/a.ts\n--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,2 +1,3 @@\n const user = findUser(id)\n+if (user === null) throw missing(id)\n return user.name\n',
)
const head = 'const user = findUser(id)\nif (user === null) throw missing(id)\nreturn user.name\n'

async function doubt(reply: Reply) {
  const engine = createFakeEngine([reply])
  const subject = doubtSubject(finding, files, head)
  if (subject === undefined) throw new Error('no subject')
  const voice = {
    engine,
    model: 'm',
    settings: modelSettings('m'),
    seed: 1,
    signal: new AbortController().signal,
    tokensPerChar: null,
  }
  return { engine, result: await doubtFinding(voice, 'f00dcafe', subject) }
}
const says = (verdict: string, quote = '') => JSON.stringify({ verdict, quote, reason: 'So.' })

describe('doubt', () => {
  it.each([
    ['kills a finding by the line that refutes it', says('refuted', 'if (user === null) throw missing(id)'), 'refuted'],
    ['spares it when that line is made up', says('refuted', 'if (!user) return'), 'unsure'],
    ['spares it when nothing is quoted', says('refuted'), 'unsure'],
    ['spares it when it stands', says('stands'), 'stands'],
    ['spares it when nobody knows', says('unsure'), 'unsure'],
    ['spares it when the sceptic talks nonsense', 'nonsense', 'unanswered'],
  ])('%s', async (_what, reply, verdict) => {
    expect((await doubt(reply)).result).toMatchObject({ verdict, usage: { calls: 1 } })
  })

  it('spares a finding whose question was too long, and throws when the engine died', async () => {
    const error = (code: 'too-long' | 'crashed') => new ModelError({ code, message: 'No.', remedy: '', owner: 'retry' })
    expect((await doubt(error('too-long'))).result.verdict).toBe('unanswered')
    await expect(doubt(error('crashed'))).rejects.toMatchObject({ code: 'crashed' })
  })

  it('shows the sceptic code and claim, and not who made it', async () => {
    const { engine } = await doubt(says('stands'))
    const text = engine.calls[0]?.messages.map(({ content }) => content).join('\n') ?? ''
    expect(text).toContain('2 if (user === null) throw missing(id)')
    expect(text).toContain('user may be null')
    expect(text).not.toMatch(/confidence|severity|high/)
  })
})

describe('what the sceptic sees', () => {
  it('is the hunk where the file was not read, without what was deleted', () => {
    const subject = doubtSubject(finding, files, null)
    expect(subject?.shown).toEqual([
      'const user = findUser(id)',
      'if (user === null) throw missing(id)',
      'return user.name',
    ])
  })

  it('is nothing for a finding without a place', () => {
    expect(doubtSubject({ ...finding, line: null, endLine: null }, files, head)).toBeUndefined()
  })
})
