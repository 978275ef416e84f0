import { describe, expect, it } from 'vitest'
import { ModelError } from '../../ports/errors.ts'
import { createFakeEngine, type Reply } from '../../ports/fakes/fake-engine.ts'
import { modelSettings } from '../models.ts'
import { files, finding, head, subjectAt } from './__fixtures__/null-user.ts'
import { doubtFinding } from './doubt-finding.ts'
import { doubtSubject } from './subject.ts'

async function doubt(reply: Reply) {
  const engine = createFakeEngine([reply])
  const subject = subjectAt(head)
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
