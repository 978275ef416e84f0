import { z } from 'zod'

/** A full 40-digit commit id. */
export const commitSha = z
  .string()
  .regex(/^[0-9a-f]{40}$/)
  .brand<'CommitSha'>()
export type CommitSha = z.infer<typeof commitSha>

/** GitHub's GUID of one webhook delivery; the same one may arrive twice, late, or out of order. */
export const deliveryId = z.string().min(1).max(100).brand<'DeliveryId'>()
export type DeliveryId = z.infer<typeof deliveryId>

export const installationId = z.number().int().positive().brand<'InstallationId'>()
export type InstallationId = z.infer<typeof installationId>

/** A ULID: sorts by creation time. */
export const jobId = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  .brand<'JobId'>()
export type JobId = z.infer<typeof jobId>

/** `devloop-<install8>-<ulid>-x<base36 deadline minutes>`, lower case; all that must be found again stands in it. */
export const podName = z
  .string()
  .regex(/^devloop-[0-9a-z]{8}-[0-9a-hjkmnp-tv-z]{26}-x[0-9a-z]+$/)
  .brand<'PodName'>()
export type PodName = z.infer<typeof podName>

/** The provider's id of a pod; it becomes part of a host name, to which the pod's token is sent. */
export const podId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .brand<'PodId'>()
export type PodId = z.infer<typeof podId>

/** `owner/name`, as GitHub spells it. */
export const repositoryName = z
  .string()
  .regex(/^(?!\.{1,2}\/)[\w.-]+\/(?!\.{1,2}$)[\w.-]+$/)
  .brand<'RepositoryName'>()
export type RepositoryName = z.infer<typeof repositoryName>
