import { type Account, type NetworkVolume, token } from './account.ts'
import { dataCenters } from './offers.ts'
import { type Call, parse } from './operations.ts'
import { json, noContent, ProblemReply, type Reply } from './reply.ts'
import { createVolumeBody, updateVolumeBody } from './request-bodies.ts'

/** GET /v2/network-volumes */
export function listVolumes(account: Account): Reply {
  return json(200, { networkVolumes: [...account.volumes.values()] })
}

/** POST /v2/network-volumes */
export function createVolume(account: Account, call: Call): Reply {
  const body = parse(createVolumeBody, call.body)
  const type = body.type ?? 'STANDARD'
  const able = dataCenters.filter((center) => center.networkVolumeTypes.some((offered) => offered === type))
  if (!able.some((center) => center.id === body.dataCenter)) {
    const names = able.map((center) => center.id).join(', ')
    throw new ProblemReply(400, `data center ${body.dataCenter} does not support ${type} volumes; supported: ${names}`)
  }
  const volume = { id: token(account.random, 10), name: body.name, size: body.size, dataCenter: body.dataCenter, type }
  account.volumes.set(volume.id, volume)
  return json(201, volume)
}

/** GET /v2/network-volumes/{id} */
export function getVolume(account: Account, call: Call): Reply {
  return json(200, volumeOf(account, call.id))
}

/** PATCH /v2/network-volumes/{id}: a volume only grows. */
export function updateVolume(account: Account, call: Call): Reply {
  const volume = volumeOf(account, call.id)
  const body = parse(updateVolumeBody, call.body)
  if (body.size !== undefined && body.size <= volume.size) throw new ProblemReply(400, 'size can only grow')
  volume.name = body.name ?? volume.name
  volume.size = body.size ?? volume.size
  return json(200, volume)
}

/** DELETE /v2/network-volumes/{id} */
export function removeVolume(account: Account, call: Call): Reply {
  account.volumes.delete(volumeOf(account, call.id).id)
  return noContent
}

function volumeOf(account: Account, id: string): NetworkVolume {
  const volume = account.volumes.get(id)
  if (volume === undefined) throw new ProblemReply(404, `network volume ${id} not found`)
  return volume
}
