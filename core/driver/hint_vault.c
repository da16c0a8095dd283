/* SPDX-License-Identifier: MIT */
/* Known failures: what Key Vault says. */
#include "hint_table.h"

static const struct hint rows[] = {
    /* ---- secrets and who may read them ---- */
    {.code = "ForbiddenByRbac",
     .cause = "The identity that asks lacks the role \"Key Vault Secrets User\" on the vault; a "
              "new assignment takes minutes to work.",
     .evidence = "az role assignment list --assignee CLIENT_ID --scope VAULT_ID",
     .command = "az role assignment create --assignee CLIENT_ID --role \"Key Vault Secrets User\" "
                "--scope VAULT_ID"},
    {.code = "ForbiddenByPolicy",
     .cause = "The vault's access policy does not give this identity the permission \"get\" for "
              "secrets.",
     .evidence = "az keyvault show --name VAULT --query properties.accessPolicies",
     .command = "az keyvault set-policy --name VAULT --spn CLIENT_ID --secret-permissions get"},
    {.code = "AccessDenied",
     .words = "does not have secrets get permission",
     .cause = "The vault's access policy does not give this identity the permission \"get\" for "
              "secrets.",
     .evidence = "az keyvault show --name VAULT --query properties.accessPolicies",
     .command = "az keyvault set-policy --name VAULT --spn CLIENT_ID --secret-permissions get"},
    {.code = "ForbiddenByFirewall",
     .words = "is not authorized and caller is not a trusted service",
     .cause = "The vault's firewall does not let this address in: add it under Networking, or use "
              "a private endpoint.",
     .evidence = "az keyvault network-rule list --name VAULT",
     .command = "az keyvault network-rule add --name VAULT --ip-address ADDRESS"},
    {.code = "ForbiddenByConnection",
     .cause = "The vault takes private connections only: come from its virtual network, or open "
              "its public access.",
     .evidence = "az keyvault show --name VAULT --query properties.publicNetworkAccess",
     .command = "az keyvault update --name VAULT --public-network-access Enabled"},
    {.code = "SecretDisabled",
     .words = "not allowed on a disabled secret",
     .cause = "The secret, or this version of it, is disabled: enable it in the vault, or name "
              "another version.",
     .evidence = "az keyvault secret show --vault-name VAULT --name SECRET --query attributes",
     .command =
         "az keyvault secret set-attributes --vault-name VAULT --name SECRET --enabled true"},
    {.code = "SecretNotFound",
     .words = "was not found in this key vault",
     .cause = "The vault has no secret of this name: check the name (letters, digits and '-' only) "
              "and whether it was deleted (soft-deleted secrets can be recovered).",
     .evidence = "az keyvault secret list --vault-name VAULT; az keyvault secret list-deleted "
                 "--vault-name VAULT",
     .command = "az keyvault secret recover --vault-name VAULT --name SECRET"},
    {.code = "ObjectIsDeletedButRecoverable",
     .cause = "A deleted secret still holds this name: recover it, or purge it to begin anew.",
     .evidence = "az keyvault secret list-deleted --vault-name VAULT",
     .command = "az keyvault secret recover --vault-name VAULT --name SECRET"},
    {.code = "ObjectIsBeingDeleted",
     .cause = "The secret is just being deleted: wait a minute, then recover or set it.",
     .evidence = "az keyvault secret list-deleted --vault-name VAULT",
     .command = "sleep 60 && az keyvault secret recover --vault-name VAULT --name SECRET"},
    {.name = "vault-without-address",
     .text = "vault has no address",
     .cause = "Check the vault's name, and that \"cloud\" is the one the vault is in.",
     .evidence = "az keyvault list --query \"[].{name:name,uri:properties.vaultUri}\"",
     .command = "acsmtp config show"},
    {.code = "AKV10032",
     .cause =
         "The token is from another tenant than the vault's: set tenant_id to the vault's tenant.",
     .evidence = "az keyvault show --name VAULT --query properties.tenantId",
     .command = "acsmtp config show"},
    {.code = "AKV10000",
     .cause =
         "The request carried no token: a program that asks the vault directly must log in first.",
     .evidence = "the WWW-Authenticate header of the reply names tenant and resource",
     .command = "az keyvault secret show --vault-name VAULT --name SECRET"},
};

const struct hint_table hint_vault = HINT_ROWS(rows);
