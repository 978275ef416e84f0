import * as pulumi from '@pulumi/pulumi'
import { deploy } from './program'

const settings = new pulumi.Config()
const gcpSettings = new pulumi.Config('gcp')

const deployed = deploy({
  stack: pulumi.getStack(),
  project: gcpSettings.require('project'),
  region: gcpSettings.require('region'),
  image: settings.require('image'),
  repository: settings.require('repository'),
  databaseTier: settings.require('databaseTier'),
  maxInstances: settings.requireNumber('maxInstances'),
})

export const url = deployed.service.uri
export const deployer = deployed.deployer.email
export const identityProvider = deployed.provider.name
