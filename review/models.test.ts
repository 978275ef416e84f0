import { describe, expect, it } from 'vitest'
import { findKnownModel, listKnownModels, modelSettings } from './models.ts'

describe('the model table', () => {
  it('begins with the default and knows the small one', () => {
    expect(listKnownModels()[0]).toMatchObject({ tag: 'qwen3-coder:30b', on24Gb: 'default' })
    expect(findKnownModel('mistral:7b-instruct-q5_K_M')?.on24Gb).toBe('small')
  })

  it.each(listKnownModels())('leaves room for a prompt beside the answer of $tag', ({ tag, trainedContextTokens }) => {
    const { load, maxOutputTokens } = modelSettings(tag)
    expect(load.contextTokens).toBeLessThanOrEqual(trainedContextTokens)
    expect(load.contextTokens - maxOutputTokens).toBeGreaterThanOrEqual(4_096)
  })

  it.each([
    ['gpt-oss:20b', 'low'],
    ['deepseek-r1:14b', false],
    ['qwen3-coder:30b', undefined],
    ['some-unknown:1b', undefined],
  ])('asks %s to think: %s', (tag, think) => {
    expect(modelSettings(tag).think).toBe(think)
  })
})
