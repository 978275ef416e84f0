/** Answer to `/devloop help`. */
export function renderHelp(): string {
  return `**DevLoop** listens to the first word of a line, outside code and quotes.

| command | does |
|---|---|
| \`/devloop review [focus]\` | reviews this change; \`--model M\`, \`--full\`, \`--estimate\`, \`--max-cost USD\` |
| \`/devloop ask QUESTION\` | answers a question about this change |
| \`/infer PROMPT\` | sends the prompt alone to the model; on a line of the diff with that hunk |
| \`/devloop check\` | judges the rules again |
| \`/devloop status\` | says what runs, what waits and what it cost |
| \`/devloop pause\`, \`/devloop resume\` | stops and restarts automatic reviews of this pull request |
| \`/devloop cancel\` | ends the jobs of this pull request |
| \`/devloop stop\` | ends the jobs of this pull request and gives idle GPUs back |
| \`/devloop override RULE REASON\` | waives a rule for this head commit |
| \`/devloop dismiss FINDING [REASON]\` | keeps a finding from coming back |
| \`/devloop help\` | shows this |
`
}
