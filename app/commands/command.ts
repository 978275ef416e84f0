/** What somebody may ask for in a comment. */
export type Command =
  | {
      readonly name: 'review'
      /** What to look at in particular; null for everything alike. */
      readonly focus: string | null
      readonly model: string | null
      readonly full: boolean
      readonly estimate: boolean
      readonly maxCostUsd: number | null
    }
  | { readonly name: 'ask'; readonly question: string }
  | { readonly name: 'infer'; readonly prompt: string }
  | { readonly name: 'pause' | 'resume' | 'status' | 'cancel' | 'stop' | 'check' | 'help' }
  | { readonly name: 'override'; readonly rule: string; readonly reason: string }
  | { readonly name: 'dismiss'; readonly finding: string; readonly reason: string | null }

export type CommandName = Command['name']

/** A command as it stands in a comment, or why it cannot be understood. */
export type Spoken =
  | { readonly kind: 'command'; readonly command: Command; readonly line: number }
  | { readonly kind: 'mistake'; readonly line: number; readonly said: string; readonly message: string }

/** What follows `/devloop`, in the order of the help text. */
export const COMMAND_NAMES = [
  'review',
  'ask',
  'pause',
  'resume',
  'status',
  'cancel',
  'stop',
  'check',
  'override',
  'dismiss',
  'help',
] as const
