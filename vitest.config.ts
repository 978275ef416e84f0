import { defineConfig } from 'vitest/config'

// Two cores: more workers only take turns, and the process tests start servers of their own.
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/__fixtures__/**', 'dist/**', 'action/dist/**', '.devloop/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default'],
    env: { NO_COLOR: '1' },
  },
})
