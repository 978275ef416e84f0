import type { LoadOptions, Think } from '../ports/model.ts'

/** What is known of one model before it is rented for. Sizes and windows: ollama.md section 11. */
export interface KnownModel {
  /** An Ollama tag. */
  readonly tag: string
  /** Size of the download in GB; null where no page states it. */
  readonly sizeGb: number | null
  /** The window it was trained with, in tokens. */
  readonly trainedContextTokens: number
  /** How well weights, window and slots fit a card with 24 GB. */
  readonly on24Gb: 'default' | 'small' | 'good' | 'tight' | 'too-large'
  /** `never`: sending `think` is an error. `optional`: on unless switched off. `always`: has levels, cannot be switched off. */
  readonly thinking: 'never' | 'optional' | 'always'
  /** What reviewers met in practice; shown by `devloop doctor`. */
  readonly faults: readonly string[]
}

/** How calls to a model are made. */
export interface ModelSettings {
  readonly load: LoadOptions
  /** Slots that fit beside each other with this window on 24 GB. */
  readonly parallel: number
  /** Room for the answer (and the thoughts) in tokens. */
  readonly maxOutputTokens: number
  /** Absent: the field is not sent. */
  readonly think?: Think
}

const models: readonly KnownModel[] = [
  {
    tag: 'qwen3-coder:30b',
    sizeGb: 19,
    trainedContextTokens: 262_144,
    on24Gb: 'default',
    thinking: 'never',
    faults: ['4 slots of 16k need a q8_0 cache (OLLAMA_KV_CACHE_TYPE) on 24 GB'],
  },
  {
    tag: 'mistral:7b-instruct-q5_K_M',
    sizeGb: 5.1,
    trainedContextTokens: 32_768,
    on24Gb: 'small',
    thinking: 'never',
    faults: [
      'weak at code: expect few and shallow findings',
      'often answers outside the schema when it is not enforced',
    ],
  },
  {
    tag: 'mistral:7b',
    sizeGb: 4.1,
    trainedContextTokens: 32_768,
    on24Gb: 'small',
    thinking: 'never',
    faults: ['weak at code: expect few and shallow findings'],
  },
  {
    tag: 'qwen2.5-coder:7b',
    sizeGb: 4.7,
    trainedContextTokens: 32_768,
    on24Gb: 'small',
    thinking: 'never',
    faults: [],
  },
  {
    tag: 'qwen2.5-coder:14b',
    sizeGb: 9,
    trainedContextTokens: 32_768,
    on24Gb: 'good',
    thinking: 'never',
    faults: [],
  },
  {
    tag: 'qwen2.5-coder:32b',
    sizeGb: 20,
    trainedContextTokens: 32_768,
    on24Gb: 'tight',
    thinking: 'never',
    faults: ['spills to the CPU beyond 8k per slot with 2 slots, and is then 5 to 10 times slower'],
  },
  {
    tag: 'devstral:24b',
    sizeGb: 14,
    trainedContextTokens: 131_072,
    on24Gb: 'good',
    thinking: 'never',
    faults: [],
  },
  {
    tag: 'gpt-oss:20b',
    sizeGb: 14,
    trainedContextTokens: 131_072,
    on24Gb: 'good',
    thinking: 'always',
    faults: ['the answer schema was ignored while streaming with thinking (ollama#14440)'],
  },
  {
    tag: 'deepseek-r1:14b',
    sizeGb: 9,
    trainedContextTokens: 131_072,
    on24Gb: 'good',
    thinking: 'optional',
    faults: ['long thoughts use up the room for the answer'],
  },
  {
    tag: 'codestral:22b',
    sizeGb: 13,
    trainedContextTokens: 32_768,
    on24Gb: 'good',
    thinking: 'never',
    faults: ['its licence forbids commercial use'],
  },
  {
    tag: 'qwen3.5:27b',
    sizeGb: 17,
    trainedContextTokens: 262_144,
    on24Gb: 'tight',
    thinking: 'optional',
    faults: ['the answer schema was ignored with thinking switched off (ollama#14645, since fixed)'],
  },
  {
    tag: 'qwen3.5:35b-a3b',
    sizeGb: 24,
    trainedContextTokens: 262_144,
    on24Gb: 'too-large',
    thinking: 'optional',
    faults: ['does not fit 24 GB at 4 bits'],
  },
]

/** The models that DevLoop knows, the default one first. */
export function listKnownModels(): readonly KnownModel[] {
  return models
}

/** The row of a tag; a tag without a size or variant stands for nothing we know. */
export function findKnownModel(tag: string): KnownModel | undefined {
  return models.find((model) => model.tag === tag.replace(/:latest$/u, ''))
}

const windowTokens = 16_384
const tightWindowTokens = 8_192

/** Settings for any tag: those of the table, or careful ones for a model nobody described. */
export function modelSettings(tag: string): ModelSettings {
  const known = findKnownModel(tag)
  const isTight = known?.on24Gb === 'tight' || known?.on24Gb === 'too-large'
  const base = {
    load: { contextTokens: isTight ? tightWindowTokens : windowTokens },
    parallel: isTight ? 2 : 4,
    maxOutputTokens: known?.thinking === 'always' ? 4_096 : 2_048,
  }
  if (known?.thinking === 'optional') return { ...base, think: false }
  if (known?.thinking === 'always') return { ...base, think: 'low' }
  return base
}
