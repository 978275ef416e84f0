import { parseDiff } from '../../diff/parse.ts'
import type { Finding } from '../../finding.ts'
import { doubtSubject } from '../subject.ts'

/** A finding that the line before it refutes. */
export const finding: Finding = {
  id: '0123456789ab',
  path: 'src/a.ts',
  line: 3,
  endLine: 3,
  side: 'RIGHT',
  place: 'quoted',
  severity: 'high',
  category: 'correctness',
  title: 'user may be null',
  body: 'findUser answers null for an unknown id.',
  quote: 'return user.name',
  confidence: 0.8,
}
export const { files } = parseDiff(
  'diff --git a/src/a.ts b/src/a.ts\n--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,2 +1,3 @@\n const user = findUser(id)\n+if (user === null) throw missing(id)\n return user.name\n',
)
export const head = 'const user = findUser(id)\nif (user === null) throw missing(id)\nreturn user.name\n'

export function subjectAt(headText: string) {
  const subject = doubtSubject(finding, files, headText)
  if (subject === undefined) throw new Error('no subject')
  return subject
}
