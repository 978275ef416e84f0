/** GitHub refuses longer ones with 422. */
export const MAX_COMMENT_CHARS = 65_536
export const MAX_CHECK_TEXT_CHARS = 65_535

/** Cuts at a line where it can, never through a surrogate pair, closes an open code fence, and says how much is missing. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const note = (cut: number) => `\n\n_… ${cut} characters were left out: GitHub takes at most ${maxChars}._`
  const room = maxChars - note(text.length).length - '\n```'.length
  const atLine = text.lastIndexOf('\n', room)
  let end = atLine > room * 0.8 ? atLine : room
  const last = text.charCodeAt(end - 1)
  if (last >= 0xd800 && last <= 0xdbff) end -= 1
  const kept = text.slice(0, end)
  const fences = kept.match(/^\s{0,3}```/gm)?.length ?? 0
  return `${kept}${fences % 2 === 1 ? '\n```' : ''}${note(text.length - end)}`
}
