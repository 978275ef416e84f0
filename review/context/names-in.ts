/** Identifiers of three letters and more, in code of any language and in its comments. */
export function namesIn(text: string): Set<string> {
  return new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]{2,}/gu) ?? [])
}
