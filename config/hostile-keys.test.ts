import { expect, it } from 'vitest'
import { parsePolicyFile } from './parse-policy-file.ts'

it.each(['? '.repeat(250), '{[a]: 1}', '? - a\n: b'])(
  'a key that is a list or a map is refused unread: %.12s',
  (text) => {
    const read = parsePolicyFile(text)
    expect(read.ok ? [] : read.problems.map(({ message }) => message)).toContain(
      'a list or a map cannot be a key here; write a plain word',
    )
  },
)
