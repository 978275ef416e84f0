import type { ChatMessage } from '../../ports/model.ts'

const keptChars = 1_500

/**
 * The same question once more, with what was wrong with the answer. Of a long bad answer only the head is shown again: it may be
 * megabytes, and the window has to hold the new answer too.
 */
export function retryPrompt(messages: readonly ChatMessage[], answer: string, problem: string): ChatMessage[] {
  const shown = answer.length > keptChars ? `${answer.slice(0, keptChars)} …` : answer
  return [
    ...messages,
    { role: 'assistant', content: shown === '' ? '(no answer)' : shown },
    {
      role: 'user',
      content: `This answer cannot be used: ${problem}\nAnswer the same question again, with one complete JSON object of the form described at the beginning and nothing else. If you found nothing, the lists are empty.`,
    },
  ]
}
