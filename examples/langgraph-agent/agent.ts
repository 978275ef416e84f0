import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
import { ChatOllama } from '@langchain/ollama'
import { z } from 'zod'

export interface AgentOptions {
  /** `CONTROLLER_URL`: the agent knows no other address. */
  readonly controllerUrl: string
  /** `CONTROLLER_KEY`: a key with the scope `infer`. */
  readonly controllerKey: string
  readonly model: string
  /** How often the reviewer may send the coder back. */
  readonly maxRounds: number
}

const AgentState = Annotation.Root({
  task: Annotation<string>,
  plan: Annotation<string>,
  code: Annotation<string>,
  remarks: Annotation<string>,
  accepted: Annotation<boolean>,
  rounds: Annotation<number>,
})
type State = typeof AgentState.State

const verdictShape = z.object({ accepted: z.boolean(), remarks: z.string() })

/** Three roles over one gateway: a planner, a coder, and a reviewer who may send the coder back. */
export function createAgent({ controllerUrl, controllerKey, model, maxRounds }: AgentOptions) {
  const chat = new ChatOllama({
    baseUrl: controllerUrl,
    model,
    temperature: 0,
    headers: new Headers({ authorization: `Bearer ${controllerKey}` }),
  })
  const reviewer = chat.withStructuredOutput(verdictShape, { method: 'jsonSchema' })
  const say = async (role: string, text: string) =>
    (
      await chat.invoke([
        ['system', role],
        ['human', text],
      ])
    ).text

  return new StateGraph(AgentState)
    .addNode('planner', async ({ task }: State) => ({
      plan: await say('You plan. Answer with three short steps, nothing else.', task),
      rounds: 0,
    }))
    .addNode('coder', async ({ task, plan, remarks, rounds }: State) => ({
      code: await say('You write TypeScript. Answer with code only.', brief({ task, plan, remarks })),
      rounds: rounds + 1,
    }))
    .addNode('reviewer', async ({ task, code }: State) =>
      reviewer.invoke([
        ['system', 'You review. Accept the code only if it does the task and has no fault.'],
        ['human', brief({ task, code })],
      ]),
    )
    .addEdge(START, 'planner')
    .addEdge('planner', 'coder')
    .addEdge('coder', 'reviewer')
    .addConditionalEdges('reviewer', ({ accepted, rounds }: State) => (accepted || rounds >= maxRounds ? END : 'coder'))
    .compile()
}

function brief(parts: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parts)
    .flatMap(([name, text]) => (text ? [`## ${name}\n${text}`] : []))
    .join('\n\n')
}
