import type { Random } from '../clock.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The same seed gives the same values in the same order (mulberry32). For tests and simulations only. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const pick = (alphabet: string) => alphabet[Math.floor(fraction() * alphabet.length)] ?? '0'
  return {
    fraction,
    hex: (bytes) => Array.from({ length: bytes * 2 }, () => pick('0123456789abcdef')).join(''),
    ulid: (atMs) => encodeTime(atMs) + Array.from({ length: 16 }, () => pick(ALPHABET)).join(''),
  }
}

function encodeTime(atMs: number): string {
  let rest = atMs
  let text = ''
  for (let place = 0; place < 10; place++) {
    text = (ALPHABET[rest % 32] ?? '0') + text
    rest = Math.floor(rest / 32)
  }
  return text
}
