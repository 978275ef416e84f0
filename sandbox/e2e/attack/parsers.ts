import { readNdjson } from '../../../adapters/ollama/ndjson.ts'
import { modelErrorFrom } from '../../../adapters/ollama/errors.ts'
import { podsErrorFrom } from '../../../adapters/runpod/errors.ts'
import { openAiChatRequest } from '../../../app/controller/gateway/openai-request.ts'
import { mayHoldCommand, parseCommands } from '../../../app/commands/parse.ts'
import { translate } from '../../../app/webhooks/translate.ts'
import { parsePolicyFile } from '../../../config/parse-policy-file.ts'
import { parsePlan } from '../../../governance/plan/parse.ts'
import { parseDiff, readHunks } from '../../../review/diff/parse.ts'
import { answerSchema } from '../../../review/find/answer-schema.ts'
import { readAnswer } from '../../../review/find/read-answer.ts'
import { sanitizeModelLine, sanitizeModelText } from '../../../review/prove/sanitize.ts'
import { maskSecrets } from '../../../review/secrets/mask.ts'
import { sendToGateway } from './gateway-door.ts'
import { hostilePayload } from './hostile-payload.ts'
import { hostileJson, hostileText } from './hostile-text.ts'
import { type Parser, parserOf } from './parser.ts'

const own = { appId: 1, login: 'devloop[bot]' }
const answers = answerSchema({ files: ['a'], lines: [1], checks: ['c'], requirements: ['r'], maxFindings: 5 })
const refusal = { call: 'POST /pods', status: 500, retryAfterMs: undefined }

const text = (name: string, read: (input: string) => unknown, input = hostileText): Parser =>
  parserOf(name, input, read, read)

/** Every place where strangers' bytes become values of ours. */
export const PARSERS: readonly Parser[] = [
  parserOf(
    'webhooks',
    hostilePayload,
    ({ event, payload }) => translate(event, payload, own),
    (body) => translate('issue_comment', { ...COMMENT, comment: { ...COMMENT.comment, body } }, own),
  ),
  text('comments and commands', (body) => [mayHoldCommand(body), parseCommands(body)]),
  text('plans', (markdown) => parsePlan(markdown, 'DEV_MAN/active/plan_v1.0.md')),
  text('devloop.yml', parsePolicyFile),
  text('diffs', (diff) => [parseDiff(diff), parseDiff(Buffer.from(diff)), readHunks(diff, 'a')]),
  text('model answers', (answer) => readAnswer(answer, answers), hostileJson),
  // Cut to a comment's length before it is parsed: no text is long enough to grow.
  parserOf('model text to Markdown', hostileText, (said) => [sanitizeModelText(said), sanitizeModelLine(said)], null),
  text('secrets in text', maskSecrets),
  parserOf(
    'NDJSON',
    hostileText,
    (lines) => drain(lines, 3),
    (lines) => drain(lines, 65_536),
  ),
  text('RunPod problem bodies', (body) => podsErrorFrom({ ...refusal, body, creates: true, requestId: null })),
  text('Ollama error bodies', (body) => modelErrorFrom({ ...refusal, body })),
  parserOf('OpenAI bodies', hostileJson, (body) => openAiChatRequest.safeParse(JSON.parse(body)), null),
  parserOf('gateway paths and bodies', hostileText, sendToGateway, null),
]

const COMMENT = {
  action: 'created',
  installation: { id: 1 },
  repository: { full_name: 'acme/shop' },
  issue: { number: 1, pull_request: {} },
  comment: { id: 1, user: { login: 'bob', type: 'User' }, created_at: '2026-11-21T12:00:00Z', html_url: 'x' },
}

async function drain(lines: string, size: number): Promise<void> {
  const bytes = Buffer.from(lines)
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  for await (const _ of readNdjson(chunks()));
}
