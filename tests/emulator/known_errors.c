/* SPDX-License-Identifier: MIT */
/* Refusals by their code; see known_errors.h. The words say what Azure's documentation says of
 * each code and are not its letters: no client may depend on them. */
#include "known_errors.h"

#include "entra.h"

#include <stdlib.h>
#include <string.h>

struct known_error {
    const char *service;
    const char *code;
    unsigned status; /* 0: as Entra answers this number */
    const char *text;
};

static const struct known_error ERRORS[] = {
    {"entra", "7000215", 0,
     "Invalid client secret provided. Ensure the secret being sent in the request is the client "
     "secret value, not the client secret ID."},
    {"entra", "7000222", 0, "The provided client secret keys are expired."},
    {"entra", "7000218", 0, "The request body must contain a client_assertion or a client_secret."},
    {"entra", "700025", 0,
     "The client is public, so neither a client_assertion nor a client_secret should be "
     "presented."},
    {"entra", "700027", 0,
     "The certificate with the identifier used to sign the client assertion is not registered on "
     "the application."},
    {"entra", "700030", 0,
     "The certificate's subject name and issuer are not authorized for the application."},
    {"entra", "700016", 0, "The application was not found in the directory."},
    {"entra", "700011", 0, "The application was not found in the directory."},
    {"entra", "70001", 0, "The application is disabled or was not found."},
    {"entra", "7000112", 0, "The application is disabled."},
    {"entra", "90002", 0, "The tenant was not found."},
    {"entra", "90038", 0, "The tenant belongs to another national cloud."},
    {"entra", "900023", 0,
     "The tenant identifier is neither a valid DNS name nor a valid external domain."},
    {"entra", "50059", 0, "No tenant-identifying information was found in the request."},
    {"entra", "50128", 0, "Invalid domain name: no tenant-identifying information was found."},
    {"entra", "500011", 0, "The resource principal was not found in the tenant."},
    {"entra", "1002012", 0,
     "The scope is not valid for client credentials: it must end with /.default."},
    {"entra", "70011", 0, "The provided value for scope is not valid."},
    {"entra", "28002", 0,
     "The provided value for scope is not valid when requesting an access token."},
    {"entra", "700022", 0, "Only one resource may be specified in the scope."},
    {"entra", "700023", 0, "The scope does not name a resource."},
    {"entra", "901002", 0, "The 'resource' request parameter is not supported."},
    {"entra", "900144", 0, "The request body must contain a parameter that it lacks."},
    {"entra", "90014", 0, "A required field is missing."},
    {"entra", "50001", 0, "The resource is disabled or does not exist."},
    {"entra", "650057", 0, "The client has not listed the resource in its requested permissions."},
    {"entra", "65001", 0, "The user or administrator has not consented to use the application."},
    {"entra", "90094", 0, "An administrator's consent is needed."},
    {"entra", "90008", 0,
     "The user or administrator has not consented: the application needs access to the directory."},
    {"entra", "65002", 0,
     "Consent between first party applications must be configured by preauthorization."},
    {"entra", "700024", 0, "The client assertion is not within its valid time range."},
    {"entra", "500133", 0, "The assertion is not within its valid time range."},
    {"entra", "50012", 0, "Authentication failed: the assertion is not valid."},
    {"entra", "50013", 0, "The assertion is not valid."},
    {"entra", "70021", 0,
     "No matching federated identity record was found for the presented assertion."},
    {"entra", "700211", 0,
     "No matching federated identity record was found for the presented assertion issuer."},
    {"entra", "700212", 0,
     "No matching federated identity record was found for the presented assertion audience."},
    {"entra", "700213", 0,
     "No matching federated identity record was found for the presented assertion subject."},
    {"entra", "50034", 0, "The user account does not exist in the directory."},
    {"entra", "50020", 0, "The user account does not exist in the tenant."},
    {"entra", "51004", 0, "The user account does not exist in the directory."},
    {"entra", "50014", 0, "The guest user account does not exist in the tenant."},
    {"entra", "50126", 0, "Error validating credentials: invalid username or password."},
    {"entra", "50055", 0, "The password has expired."},
    {"entra", "50056", 0, "The password is invalid or null."},
    {"entra", "50057", 0, "The user account is disabled."},
    {"entra", "50053", 0, "The account is locked because of too many attempts."},
    {"entra", "50076", 0, "You must use multi-factor authentication to access the resource."},
    {"entra", "50074", 0, "Strong authentication is required."},
    {"entra", "50078", 0, "The presented multi-factor authentication has expired."},
    {"entra", "50079", 0, "The user must enrol in multi-factor authentication."},
    {"entra", "50072", 0, "The user must enrol in multi-factor authentication."},
    {"entra", "50173", 0, "The provided grant has expired because it was revoked."},
    {"entra", "700082", 0, "The refresh token has expired because of inactivity."},
    {"entra", "70008", 0,
     "The provided authorization code or refresh token has expired because of inactivity."},
    {"entra", "70043", 0,
     "The refresh token has expired or is invalid because of sign-in frequency checks."},
    {"entra", "70016", 0, "The authorization is pending: the user has not yet entered the code."},
    {"entra", "70018", 0, "The verification code is not valid."},
    {"entra", "70019", 0, "The verification code has expired."},
    {"entra", "53003", 0, "Access has been blocked by Conditional Access policies."},
    {"entra", "530032", 0, "The tenant's security policy blocks the request."},
    {"entra", "53000", 0, "The device is not in the required state: it is not compliant."},
    {"entra", "50131", 0,
     "Conditional Access blocks the request: the device is not in the required state."},
    {"entra", "50196", 0,
     "The server terminated the operation because it met a client request loop."},
    {"entra", "90033", 0, "A transient error has occurred. Please try again."},
    {"entra", "90055", 0, "The tenant is throttled because of too many requests."},
    {"entra", "90024", 0, "The request budget was exceeded: a transient error has occurred."},
    {"entra", "90006", 0, "An external server error has occurred. Please retry."},
    {"entra", "90012", 0, "The request has timed out."},
    {"entra", "50033", 0, "A transient sign-in error has occurred."},
    {"keyvault", "ForbiddenByPolicy", 403,
     "The user, group or application does not have secrets get permission on the key vault."},
    {"keyvault", "AccessDenied", 403,
     "The user, group or application does not have secrets get permission on the key vault."},
    {"keyvault", "ForbiddenByFirewall", 403,
     "The client address is not authorized and caller is not a trusted service."},
    {"keyvault", "ForbiddenByConnection", 403,
     "Public network access is disabled and the request is not from a trusted service nor through "
     "an approved private link."},
    {"keyvault", "ObjectIsDeletedButRecoverable", 409,
     "The secret is currently in a deleted but recoverable state, and its name cannot be reused."},
    {"keyvault", "ObjectIsBeingDeleted", 409, "The secret is currently being deleted."},
    {"keyvault", "AKV10032", 401,
     "AKV10032: Invalid issuer. The token is not of a tenant that the vault trusts."},
    {"arm", "AuthorizationFailed", 403,
     "The client does not have authorization to perform the action over the scope, or the scope is "
     "invalid."},
    {"arm", "MissingSubscriptionRegistration", 409,
     "The subscription is not registered to use the namespace 'Microsoft.Communication'."},
    {"arm", "NoRegisteredProviderFound", 400,
     "No registered resource provider was found for the location and API version."},
    {"arm", "InvalidLinkedDomains", 400, "Requested linked domains are not valid"},
    {"arm", "PrincipalNotFound", 400, "The principal does not exist in the directory."},
    {"arm", "RoleAssignmentExists", 409, "The role assignment already exists."},
    {"arm", "RoleAssignmentUpdateNotPermitted", 400,
     "Tenant, application, principal and scope may not be updated."},
    {"arm", "VaultAlreadyExists", 409, "The vault name is already in use."},
    {"arm", "ResourceGroupBeingDeleted", 409, "The resource group is being deleted."},
    {"arm", "InvalidResourceGroupLocation", 409, "The resource group exists in another location."},
    {"arm", "ParentResourceNotFound", 404, "The parent resource was not found."},
    {"arm", "LocationRequired", 400, "The location property is required for this definition."},
    {"arm", "LocationNotAvailableForResourceType", 400,
     "The location is not available for the resource type."},
    {"arm", "InvalidAuthenticationTokenTenant", 401, "The access token is from the wrong issuer."},
    {"arm", "InvalidAuthenticationTokenAudience", 401,
     "The access token has been obtained for the wrong audience."},
    {"arm", "ExpiredAuthenticationToken", 401,
     "The access token expiry is earlier than the current time."},
    {"arm", "TooManyRequests", 429, "The number of requests has exceeded the limit."},
    {"arm", "DomainNotLinked", 404, "The specified sender domain has not been linked."},
    {"graph", "Authorization_RequestDenied", 403,
     "Insufficient privileges to complete the operation."},
    {"graph", "NoBackingApplicationObject", 400,
     "The appId of the service principal does not reference a valid application object."},
    {"graph", "Request_ResourceNotFound", 404,
     "The resource does not exist or one of its queried reference-property objects are not "
     "present."},
    {"graph", "Directory_ObjectNotFound", 404,
     "Unable to read the company information from the directory."},
    {"graph", "Request_MultipleObjectsWithSameKeyValue", 409,
     "Another object with the same value for property appId already exists."},
    {"graph", "Request_UnsupportedQuery", 400, "Unsupported or invalid query filter clause."},
};

static const struct known_error *find(const char *service, const char *code)
{
    for (size_t i = 0; i < sizeof(ERRORS) / sizeof(ERRORS[0]); i++) {
        if (strcmp(ERRORS[i].service, service) == 0 && strcmp(ERRORS[i].code, code) == 0) {
            return &ERRORS[i];
        }
    }
    return NULL;
}

bool known_errors_has(const char *service, const char *code)
{
    return find(service, code) != NULL;
}

/* Key Vault tells the reason inside a general code, that of a 401 in the words alone. */
static const char *outer_code(const struct known_error *error)
{
    if (strcmp(error->service, "keyvault") != 0) {
        return NULL;
    }
    return error->status == 401   ? "Unauthorized"
           : error->status == 403 ? "Forbidden"
           : error->status == 409 ? "Conflict"
                                  : NULL;
}

void known_errors_fill(const char *service, const char *code, struct http_reply *reply)
{
    const struct known_error *error = find(service, code);
    if (error == NULL) {
        http_reply_error(reply, 500, "InternalServerError", NULL, "No such error is known.");
        return;
    }
    if (error->status == 0) {
        entra_error(NULL, reply, (int)strtol(code, NULL, 10), error->text);
        return;
    }
    const char *outer = outer_code(error);
    http_reply_error(reply, error->status, outer != NULL ? outer : code,
                     outer != NULL && error->status != 401 ? code : NULL, error->text);
}
