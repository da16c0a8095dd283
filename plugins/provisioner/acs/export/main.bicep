// The deployment of acsmtp's provisioner 'acs' for the Bicep CLI. See README.md.
// This file makes the resource group; resources.bicep makes what is in it.
targetScope = 'subscription'

@description('Resource group; made if it does not exist.')
param resourceGroupName string

@description('Azure region of the resource group, the key vault and the managed identity.')
param location string

@description('Where the communication and email services keep data at rest; never changes.')
param dataLocation string

@description('Unique in all of Azure.')
param communicationServiceName string
param emailServiceName string

@description('Unique in all of Azure.')
param keyVaultName string
param managedIdentityName string

@description('SMTP user name and sender, before the @, of the client with a password.')
param legacyUsername string

@description('SMTP user name and sender, before the @, of the client with tokens.')
param modernUsername string

@description('SMTP user name and sender that is bound to the managed identity; empty: none.')
param identityUsername string

@description('A mail domain of your own; empty: one that Azure manages.')
param customDomain string

@description('Whether to link the domain: a domain of your own only once it is verified.')
param linkDomain bool

@description('Forbid that a deleted vault is purged; cannot be taken back.')
param purgeProtection bool

@description('Recover a soft-deleted vault of this name: true only when there is one.')
param recoverKeyVault bool

resource group 'Microsoft.Resources/resourceGroups@2021-04-01' = {
  name: resourceGroupName
  location: location
}

module resources 'resources.bicep' = {
  name: 'acsmtp'
  scope: group
  params: {
    location: location
    dataLocation: dataLocation
    communicationServiceName: communicationServiceName
    emailServiceName: emailServiceName
    keyVaultName: keyVaultName
    managedIdentityName: managedIdentityName
    legacyUsername: legacyUsername
    modernUsername: modernUsername
    identityUsername: identityUsername
    customDomain: customDomain
    linkDomain: linkDomain
    purgeProtection: purgeProtection
    recoverKeyVault: recoverKeyVault
  }
}

output domain string = resources.outputs.domain
output dnsRecords object = resources.outputs.dnsRecords
output keyVault string = keyVaultName
output identityClientId string = resources.outputs.identityClientId
output legacy object = resources.outputs.legacy
output modern object = resources.outputs.modern
