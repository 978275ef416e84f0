const words = ['birch', 'cedar', 'maple']

const question =
  'Here are three words: birch, cedar, maple. Answer with one JSON object that has one property, "word", ' +
  'whose value is the second of them. Write nothing else.'

/** The request that shows a model really answers under a schema. */
export function canaryRequest(model: string, fields: object, options: object, think: unknown): object {
  return {
    ...fields,
    model,
    stream: false,
    think,
    messages: [{ role: 'user', content: question }],
    format: { type: 'object', properties: { word: { type: 'string', enum: words } }, required: ['word'] },
    options: { ...options, temperature: 0, seed: 1, num_predict: 512 },
  }
}

// Any tokenizer makes between one token per word and one per two characters of this sentence, plus its chat marks.
const fewestTokens = question.split(' ').length
const mostTokens = Math.ceil(question.length / 2) + 256

/** Why the answer is not one of a healthy model; null when it is. */
export function canaryProblem(answer: Readonly<Record<string, unknown>>): string | null {
  const message = typeof answer.message === 'object' && answer.message !== null ? answer.message : {}
  const content = 'content' in message ? String(message.content) : ''
  if (answer.done !== true || answer.done_reason !== 'stop') {
    return `the test answer ended with "${String(answer.done_reason ?? 'nothing')}" instead of "stop"`
  }
  if (!isSchemaBound(content)) return 'the test answer does not keep to its JSON Schema'
  const tokens = Number(answer.prompt_eval_count)
  if (!(tokens >= fewestTokens && tokens <= mostTokens)) {
    return `the test prompt counted ${answer.prompt_eval_count ?? 'no'} tokens, expected ${fewestTokens} to ${mostTokens}`
  }
  return null
}

function isSchemaBound(content: string): boolean {
  try {
    const parsed: unknown = JSON.parse(content)
    return typeof parsed === 'object' && parsed !== null && 'word' in parsed && words.includes(String(parsed.word))
  } catch {
    return false
  }
}
