// What main.bicep puts into the resource group, in the order in which it is made.
extension microsoftGraphV1

param location string
param dataLocation string
param communicationServiceName string
param emailServiceName string
param keyVaultName string
param managedIdentityName string
param legacyUsername string
param modernUsername string
param identityUsername string
param customDomain string
param linkDomain bool
param purgeProtection bool
param recoverKeyVault bool

var isCustom = !empty(customDomain)
var hasIdentityUsername = !empty(identityUsername)

// Names in Entra belong to the tenant: these are one deployment's own.
var legacyUniqueName = 'acsmtp-legacy-${guid(communication.id)}'
var modernUniqueName = 'acsmtp-modern-${guid(communication.id)}'

// Built-in roles.
var emailServiceOwner = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '09976791-48a7-449e-bb21-39d1a415f350'
)
var keyVaultSecretsOfficer = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
)

// ---- email: service, domain, senders ----

resource email 'Microsoft.Communication/emailServices@2026-03-18' = {
  name: emailServiceName
  location: 'global'
  properties: {
    dataLocation: dataLocation
  }
}

resource domain 'Microsoft.Communication/emailServices/domains@2026-03-18' = {
  parent: email
  name: isCustom ? customDomain : 'AzureManagedDomain'
  location: 'global'
  properties: {
    domainManagement: isCustom ? 'CustomerManaged' : 'AzureManaged'
  }
}

resource legacySender 'Microsoft.Communication/emailServices/domains/senderUsernames@2026-03-18' = {
  parent: domain
  name: legacyUsername
  properties: {
    username: legacyUsername
    displayName: legacyUsername
  }
}

resource modernSender 'Microsoft.Communication/emailServices/domains/senderUsernames@2026-03-18' = {
  parent: domain
  name: modernUsername
  properties: {
    username: modernUsername
    displayName: modernUsername
  }
  dependsOn: [
    legacySender
  ]
}

resource identitySender 'Microsoft.Communication/emailServices/domains/senderUsernames@2026-03-18' = if (hasIdentityUsername) {
  parent: domain
  name: hasIdentityUsername ? identityUsername : 'none'
  properties: {
    username: identityUsername
    displayName: identityUsername
  }
  dependsOn: [
    modernSender
  ]
}

// ---- the communication service, with the domain linked ----

resource communication 'Microsoft.Communication/communicationServices@2026-03-18' = {
  name: communicationServiceName
  location: 'global'
  properties: {
    dataLocation: dataLocation
    linkedDomains: linkDomain ? [domain.id] : []
  }
}

// ---- who sends: two applications and a managed identity ----

resource legacyApplication 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: legacyUniqueName
  displayName: '${communicationServiceName}-legacy'
  signInAudience: 'AzureADMyOrg'
}

resource modernApplication 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: modernUniqueName
  displayName: '${communicationServiceName}-modern'
  signInAudience: 'AzureADMyOrg'
}

resource legacyPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: legacyApplication.appId
}

resource modernPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: modernApplication.appId
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: managedIdentityName
  location: location
}

// ---- what they may do ----

resource legacyRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(communication.id, legacyUniqueName, emailServiceOwner)
  scope: communication
  properties: {
    roleDefinitionId: emailServiceOwner
    principalId: legacyPrincipal.id
    principalType: 'ServicePrincipal'
  }
}

resource modernRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(communication.id, modernUniqueName, emailServiceOwner)
  scope: communication
  properties: {
    roleDefinitionId: emailServiceOwner
    principalId: modernPrincipal.id
    principalType: 'ServicePrincipal'
  }
}

resource identityRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(communication.id, identity.id, emailServiceOwner)
  scope: communication
  properties: {
    roleDefinitionId: emailServiceOwner
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

// ---- SMTP user names: after the role, and one after the other ----

resource legacyLogin 'Microsoft.Communication/communicationServices/smtpUsernames@2026-03-18' = if (linkDomain) {
  parent: communication
  name: 'acsmtp-legacy'
  properties: {
    username: '${legacyUsername}@${domain.properties.mailFromSenderDomain}'
    entraApplicationId: legacyApplication.appId
    tenantId: tenant().tenantId
  }
  dependsOn: [
    legacyRole
  ]
}

resource modernLogin 'Microsoft.Communication/communicationServices/smtpUsernames@2026-03-18' = if (linkDomain) {
  parent: communication
  name: 'acsmtp-modern'
  properties: {
    username: '${modernUsername}@${domain.properties.mailFromSenderDomain}'
    entraApplicationId: modernApplication.appId
    tenantId: tenant().tenantId
  }
  dependsOn: [
    modernRole
    legacyLogin
  ]
}

resource identityLogin 'Microsoft.Communication/communicationServices/smtpUsernames@2026-03-18' = if (linkDomain && hasIdentityUsername) {
  parent: communication
  name: 'acsmtp-identity'
  properties: {
    username: '${identityUsername}@${domain.properties.mailFromSenderDomain}'
    entraApplicationId: identity.properties.clientId
    tenantId: tenant().tenantId
  }
  dependsOn: [
    identityRole
    modernLogin
  ]
}

// ---- the vault, and who deploys may write to it ----

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: keyVaultName
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    createMode: recoverKeyVault ? 'recover' : 'default'
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    enablePurgeProtection: purgeProtection ? true : null
  }
}

resource operatorRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, deployer().objectId, keyVaultSecretsOfficer)
  scope: vault
  properties: {
    roleDefinitionId: keyVaultSecretsOfficer
    principalId: deployer().objectId
  }
}

output domain string = domain.properties.mailFromSenderDomain
output dnsRecords object = domain.properties.?verificationRecords ?? {}
output identityClientId string = identity.properties.clientId
output legacy object = {
  applicationId: legacyApplication.appId
  secret: 'smtp-legacy-client-secret'
  username: '${legacyUsername}@${domain.properties.mailFromSenderDomain}'
}
output modern object = {
  applicationId: modernApplication.appId
  secret: 'smtp-modern-client-secret'
  username: '${modernUsername}@${domain.properties.mailFromSenderDomain}'
}
