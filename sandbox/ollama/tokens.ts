const tokenPattern = /\n+|[ \t]*[A-Za-z]{1,6}|[ \t]*\d{1,3}|[ \t]*[^\sA-Za-z\d]{1,2}|\s+/gu

/** Splits a text into tokens that join to the same text again: about four characters each, always the same. */
export function tokenize(text: string): string[] {
  return text.match(tokenPattern) ?? []
}

export function countTokens(text: string): number {
  return tokenize(text).length
}
