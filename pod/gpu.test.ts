import { expect, test } from 'vitest'
import { parseGpu } from './gpu.ts'

test('reads the first card of nvidia-smi', () => {
  expect(parseGpu('NVIDIA GeForce RTX 4090, 87, 20480, 24564\nNVIDIA GeForce RTX 4090, 0, 1, 24564\n')).toEqual({
    name: 'NVIDIA GeForce RTX 4090',
    utilPercent: 87,
    memoryUsedBytes: 21_474_836_480,
    memoryTotalBytes: 25_757_220_864,
  })
})

test.each(['', 'No devices were found', 'A, [N/A], 1, 2', 'A, 1'])('%j is no card', (output) => {
  expect(parseGpu(output)).toBeNull()
})
