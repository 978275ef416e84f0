import { ModelError } from '../../ports/errors.ts'

/**
 * What a failed call means for the prompt it was about. `split`: too long for the window. `answer`: the model answered, badly.
 * `engine`: nobody answered, the prompt is not to blame. `stop`: no further call can help.
 */
export type Fault = 'split' | 'answer' | 'engine' | 'stop'

export function faultOf(error: unknown): Fault {
  if (!(error instanceof ModelError)) return 'stop'
  switch (error.code) {
    case 'too-long':
    case 'truncated-prompt':
      return 'split'
    case 'incomplete':
    case 'output-limit':
    case 'unreadable':
    case 'reply-too-large':
      return 'answer'
    case 'busy':
    case 'crashed':
    case 'not-ready':
    case 'timeout':
      return 'engine'
    case 'model-missing':
    case 'refused-input':
    case 'unauthorized':
    case 'aborted':
      return 'stop'
  }
}
