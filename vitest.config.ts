import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Two cores: more workers only take turns, and the process tests start servers of their own.
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/__fixtures__/**', 'dist/**', 'action/dist/**', '.devloop/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests that drive real processes share two cores with each other; a second failure is a failure.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default'],
    env: {
      NO_COLOR: '1',
      // Servers and workers are started as processes; without it each strips the types of the same files anew.
      NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/devloop-compile'),
    },
  },
})
