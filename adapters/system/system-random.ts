import { randomBytes, randomInt } from 'node:crypto'
import { encodeTime, incrementBase32 } from 'ulid'
import type { Random } from '../../ports/clock.ts'

const RANDOM_CHARACTERS = 16
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** `randomInt` answers below 2⁴⁸. */
const FRACTION_STEPS = 2 ** 48 - 1

/** Values nobody can guess. ULIDs of one millisecond go up, so that what is made later sorts later. */
export function createSystemRandom(): Random {
  let last = { atMs: -1, tail: '' }
  return {
    hex: (bytes) => randomBytes(bytes).toString('hex'),
    fraction: () => randomInt(FRACTION_STEPS) / FRACTION_STEPS,
    ulid(atMs) {
      last = { atMs, tail: atMs === last.atMs ? incrementBase32(last.tail) : randomTail() }
      return encodeTime(atMs) + last.tail
    },
  }
}

function randomTail(): string {
  return Array.from(randomBytes(RANDOM_CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join('')
}
