/** Below so many bytes of code a prompt is not made smaller: its neighbours in the change are worth more than another slot. */
const leastBytes = 4_000
/** First fit leaves gaps. */
const slack = 1.1

/**
 * How many bytes of code go into each prompt. As many as fit, unless slots would idle in the last round: then the change is shared out
 * evenly among them, since answers take far longer than prompts. No piece is cut for that.
 */
export function shareOf(
  pieces: readonly number[],
  limits: { readonly fullBytes: number; readonly slots: number; readonly maxPrompts: number },
): number {
  const { fullBytes, slots, maxPrompts } = limits
  const total = pieces.reduce((sum, bytes) => sum + bytes, 0)
  const wanted = Math.ceil(Math.ceil(total / fullBytes) / slots) * slots
  if (wanted === 0 || wanted > maxPrompts) return fullBytes
  return Math.min(fullBytes, Math.max(Math.floor((total / wanted) * slack), leastBytes))
}
