import type { ChatMessage } from '../../ports/model.ts'
import { codeFormat, fence, fenceRule } from './fence.ts'
import type { ReviewBrief } from './find-prompt.ts'

/** Asks a person's question of one part of the change. */
export function askPrompt(brief: ReviewBrief, question: string, code: string, part: string): ChatMessage[] {
  const { mark } = brief
  const system = [
    'You answer a question about a code change from the code shown, for the people who work on it. Be exact and short. If the part shown does not hold the answer, say so; never guess.',
    fenceRule(mark),
    codeFormat,
    [
      'Answer with one JSON object and nothing else, no code fence: {"bears", "answer", "evidence": [{"file", "line", "quote"}]}',
      '- bears: true if this part of the change bears on the question.',
      '- answer: the answer in Markdown, at most 200 words; empty if it does not bear on it.',
      '- evidence: up to five places that show it, quote copied exactly from the code without number and mark.',
    ].join('\n'),
    ...brief.guidelines.map(({ source, text }) => fence('RULES', `${source}\n\n${text}`, mark)),
  ].join('\n\n')
  const user = [
    fence('CHANGE', `${brief.title}\n\n${brief.description}`.trim(), mark),
    fence('CODE', code, mark),
    `This is ${part} of the change. The question:`,
    fence('QUESTION', question, mark),
  ].join('\n\n')
  return [
    { role: 'system', content: system },
    { role: 'user', content: user },
  ]
}

/** Puts the answers to the parts of a change together. */
export function combinePrompt(mark: string, question: string, answers: readonly string[]): ChatMessage[] {
  const system = [
    'Several readers each saw one part of a code change and answered the same question. Put their answers together into one that contradicts none of them and adds nothing.',
    fenceRule(mark),
    'Answer with one JSON object and nothing else, no code fence: {"answer"}, Markdown, at most 250 words.',
  ].join('\n\n')
  const user = [fence('QUESTION', question, mark), ...answers.map((answer) => fence('ANSWER', answer, mark))].join(
    '\n\n',
  )
  return [
    { role: 'system', content: system },
    { role: 'user', content: user },
  ]
}
