import { Hono } from 'hono'
import type { World } from '../world.ts'

export function createPages(_world: World) {
  return new Hono()
}
