import { randomBytes } from 'node:crypto'

/** A secret that exists once in the world, so that wherever it shows up it was leaked. */
export interface Canary {
  readonly name: string
  readonly value: string
  /** Sources of evidence where it belongs, by the beginning of their names. */
  readonly mayStandIn?: readonly string[]
}

/** No pattern knows this shape: only care keeps it out of logs and errors. */
export function shapeless(): string {
  const text = randomBytes(60)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '')
  return `q${text.slice(0, 40)}`
}

/** The lines of a key say as much as the whole. */
export function linesOfKey(name: string, pem: string): readonly Canary[] {
  const lines = pem.split('\n').filter((line) => line !== '' && !line.includes('-----'))
  return [2, 7, 12].flatMap((at) => {
    const value = lines[at]
    return value === undefined ? [] : [{ name: `${name}, line ${at}`, value }]
  })
}
