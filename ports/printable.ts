/** Colours, as our own terminal output uses them. */
const OWN = String.raw`\u001b\[(?:0|1|2|22|3\d|39|9[0-7])m`
/** Signs that move a cursor, name a window, hide text or turn its direction round. Emoji keep their joiners. */
const ACTING = String.raw`\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]`
const WITH_OWN = new RegExp(`(${OWN})|${ACTING}`, 'gu')
const PLAIN = new RegExp(`()${ACTING}`, 'gu')

/**
 * Text as a terminal may have it: what it would act upon is written out, `\u001b` for instance, which in JSON means the same sign.
 * Titles, file names, code, answers of models and refusals of vendors are written by others.
 */
export function printable(text: string, withColours: boolean): string {
  return text.replaceAll(withColours ? WITH_OWN : PLAIN, (sign, own: string | undefined) => (own ? own : written(sign)))
}

function written(sign: string): string {
  return Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
    '',
  )
}
