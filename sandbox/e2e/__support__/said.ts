import type { ReactionSubject } from '../../github/state/conversation.ts'
import type { OpenChange } from './open-change.ts'

const BOT = 'devloop[bot]'

/** What DevLoop has said on a pull request, as GitHub holds it. */
export function said({ repository, number }: OpenChange) {
  const ofThis = (subject: { readonly pullRequestNumber: number; readonly authorLogin: string }) =>
    subject.pullRequestNumber === number && subject.authorLogin === BOT
  const comments = [...repository.issueComments.values()].filter(
    ({ issueNumber, authorLogin }) => issueNumber === number && authorLogin === BOT,
  )
  return {
    reviews: [...repository.reviews.values()].filter(ofThis).filter(({ state }) => state === 'COMMENTED'),
    inline: [...repository.reviewComments.values()].filter(ofThis),
    comments,
    summaries: comments.filter(({ body }) => body.includes('<!-- devloop:review-summary')),
    replies: comments.filter(({ body }) => !body.includes('<!-- devloop:review-summary')),
    reactionsTo: (subject: ReactionSubject, id: number) =>
      [...repository.reactions.values()]
        .filter((reaction) => reaction.subject === subject && reaction.subjectId === id && reaction.login === BOT)
        .map(({ content }) => content),
  }
}
