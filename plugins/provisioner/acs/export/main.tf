# The deployment of acsmtp's provisioner 'acs' for Terraform. See README.md.

terraform {
  required_version = ">= 1.5"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.55"
    }
    azuread = {
      source  = "hashicorp/azuread"
      version = "~> 3.7"
    }
    azapi = {
      source  = "Azure/azapi"
      version = "~> 2.0"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.12"
    }
  }
}

provider "azurerm" {
  subscription_id                 = var.subscription_id
  resource_provider_registrations = "none"
  resource_providers_to_register = [
    "Microsoft.Communication",
    "Microsoft.KeyVault",
    "Microsoft.ManagedIdentity",
  ]

  features {
    key_vault {
      purge_soft_delete_on_destroy    = false
      recover_soft_deleted_key_vaults = var.recover_key_vault
    }
  }
}

provider "azuread" {
  tenant_id = data.azurerm_client_config.operator.tenant_id
}

provider "azapi" {
  subscription_id = var.subscription_id
}

data "azurerm_client_config" "operator" {}

locals {
  usernames = {
    for role, username in {
      legacy   = var.legacy_username
      modern   = var.modern_username
      identity = var.identity_username
    } : role => username if username != null
  }
  applications = toset(["legacy", "modern"])

  # Who may send with each SMTP user name: the application's id, and its object in the directory.
  client_ids = merge(
    { for role in local.applications : role => azuread_application.client[role].client_id },
    { identity = azurerm_user_assigned_identity.identity.client_id },
  )
  principal_ids = merge(
    { for role in local.applications : role => azuread_service_principal.client[role].object_id },
    { identity = azurerm_user_assigned_identity.identity.principal_id },
  )
}

resource "azurerm_resource_group" "group" {
  name     = var.resource_group_name
  location = var.location
}

# ---- email: service, domain, senders ----

resource "azurerm_email_communication_service" "email" {
  name                = var.email_service_name
  resource_group_name = azurerm_resource_group.group.name
  data_location       = var.data_location
}

resource "azurerm_email_communication_service_domain" "domain" {
  name              = var.custom_domain == null ? "AzureManagedDomain" : var.custom_domain
  email_service_id  = azurerm_email_communication_service.email.id
  domain_management = var.custom_domain == null ? "AzureManaged" : "CustomerManaged"
}

resource "azurerm_email_communication_service_domain_sender_username" "sender" {
  for_each = local.usernames

  name                    = each.value
  email_service_domain_id = azurerm_email_communication_service_domain.domain.id
  display_name            = each.value
}

# ---- the communication service, with the domain linked ----

resource "azurerm_communication_service" "communication" {
  name                = var.communication_service_name
  resource_group_name = azurerm_resource_group.group.name
  data_location       = var.data_location
}

resource "azurerm_communication_service_email_domain_association" "link" {
  count = var.link_domain ? 1 : 0

  communication_service_id = azurerm_communication_service.communication.id
  email_service_domain_id  = azurerm_email_communication_service_domain.domain.id
}

# ---- who sends: two applications and a managed identity ----

resource "azuread_application" "client" {
  for_each = local.applications

  display_name     = "${var.communication_service_name}-${each.key}"
  sign_in_audience = "AzureADMyOrg"
}

resource "azuread_service_principal" "client" {
  for_each = local.applications

  client_id = azuread_application.client[each.key].client_id
}

resource "azurerm_user_assigned_identity" "identity" {
  name                = var.managed_identity_name
  resource_group_name = azurerm_resource_group.group.name
  location            = azurerm_resource_group.group.location
}

# ---- what they may do ----

resource "azurerm_role_assignment" "email_service_owner" {
  for_each = toset(["legacy", "modern", "identity"])

  scope                            = azurerm_communication_service.communication.id
  role_definition_name             = "Communication and Email Service Owner"
  principal_id                     = local.principal_ids[each.key]
  principal_type                   = "ServicePrincipal"
  skip_service_principal_aad_check = true
}

# ---- SMTP user names, for which azurerm has no resource: after role and link ----

resource "azapi_resource" "smtp_username" {
  for_each = { for role, username in local.usernames : role => username if var.link_domain }

  type      = "Microsoft.Communication/communicationServices/smtpUsernames@2026-03-18"
  name      = "acsmtp-${each.key}"
  parent_id = azurerm_communication_service.communication.id
  body = {
    properties = {
      username           = "${each.value}@${azurerm_email_communication_service_domain.domain.mail_from_sender_domain}"
      entraApplicationId = local.client_ids[each.key]
      tenantId           = data.azurerm_client_config.operator.tenant_id
    }
  }

  depends_on = [
    azurerm_role_assignment.email_service_owner,
    azurerm_communication_service_email_domain_association.link,
  ]
}

# ---- the vault, and the client secrets in it ----

resource "azurerm_key_vault" "vault" {
  name                       = var.key_vault_name
  resource_group_name        = azurerm_resource_group.group.name
  location                   = azurerm_resource_group.group.location
  tenant_id                  = data.azurerm_client_config.operator.tenant_id
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  soft_delete_retention_days = 7
  purge_protection_enabled   = var.purge_protection
}

resource "azurerm_role_assignment" "operator" {
  scope                = azurerm_key_vault.vault.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = data.azurerm_client_config.operator.object_id
}

# A new role reaches the vault after up to ten minutes, and nothing tells when.
resource "time_sleep" "operator" {
  create_duration = "120s"
  triggers        = { role = azurerm_role_assignment.operator.id }
}

resource "time_rotating" "secret" {
  rotation_hours = var.secret_rotation_hours
}

resource "azuread_application_password" "client" {
  for_each = local.applications

  application_id      = azuread_application.client[each.key].id
  display_name        = "acsmtp"
  end_date            = timeadd(time_rotating.secret.rfc3339, "${var.secret_lifetime_hours}h")
  rotate_when_changed = { rotation = time_rotating.secret.id }

  lifecycle {
    create_before_destroy = true
  }
}

resource "azurerm_key_vault_secret" "client" {
  for_each = local.applications

  name            = "smtp-${each.key}-client-secret"
  key_vault_id    = azurerm_key_vault.vault.id
  value           = azuread_application_password.client[each.key].value
  content_type    = "text/plain"
  expiration_date = azuread_application_password.client[each.key].end_date

  depends_on = [time_sleep.operator]
}

# ---- what to tell acsmtp ----

output "domain" {
  value = azurerm_email_communication_service_domain.domain.mail_from_sender_domain
}

output "dns_records" {
  description = "What a domain of your own needs in DNS before it can be verified and linked."
  value       = azurerm_email_communication_service_domain.domain.verification_records
}

output "key_vault" {
  value = azurerm_key_vault.vault.name
}

output "tenant_id" {
  value = data.azurerm_client_config.operator.tenant_id
}

output "clients" {
  value = {
    for role, username in local.usernames : role => {
      username  = "${username}@${azurerm_email_communication_service_domain.domain.mail_from_sender_domain}"
      client_id = local.client_ids[role]
      secret    = role == "identity" ? null : "smtp-${role}-client-secret"
    }
  }
}
