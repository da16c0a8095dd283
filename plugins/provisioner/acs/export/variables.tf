# Values are in terraform.tfvars.json.

variable "subscription_id" {
  type = string
}

variable "resource_group_name" {
  type = string
}

variable "location" {
  description = "Azure region of the resource group, the key vault and the managed identity."
  type        = string
}

variable "data_location" {
  description = "Where the communication and email services keep data at rest; never changes."
  type        = string
}

variable "communication_service_name" {
  description = "Unique in all of Azure."
  type        = string
}

variable "email_service_name" {
  type = string
}

variable "key_vault_name" {
  description = "Unique in all of Azure."
  type        = string
}

variable "managed_identity_name" {
  type = string
}

variable "legacy_username" {
  description = "SMTP user name and sender, before the @, of the client with a password."
  type        = string
}

variable "modern_username" {
  description = "SMTP user name and sender, before the @, of the client with tokens."
  type        = string
}

variable "identity_username" {
  description = "SMTP user name and sender that is bound to the managed identity; null: none."
  type        = string
}

variable "custom_domain" {
  description = "A mail domain of your own; null: one that Azure manages."
  type        = string
}

variable "link_domain" {
  description = "Whether to link the domain: a domain of your own only once it is verified."
  type        = bool
}

variable "secret_lifetime_hours" {
  description = "How long a new client secret is valid."
  type        = number
}

variable "secret_rotation_hours" {
  description = "After how long it is replaced by the next apply."
  type        = number
}

variable "purge_protection" {
  description = "Forbid that a deleted vault is purged; cannot be taken back."
  type        = bool
}

variable "recover_key_vault" {
  description = "Recover a soft-deleted vault of this name."
  type        = bool
}
