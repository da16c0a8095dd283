// SPDX-License-Identifier: MIT
// What credentials.py measures of the Azure SDK for JavaScript: one token, as a program would get it.
// sdk.mjs secret|identity|default|loop; the folder of the package is the working directory.
import { createRequire } from "node:module";
import { join } from "node:path";

const identity = createRequire(join(process.cwd(), "package.json"))("@azure/identity");
const scope = "https://communication.azure.com/.default";
const env = process.env;

function secret() {
  return new identity.ClientSecretCredential(env.BENCH_TENANT, env.BENCH_CLIENT, env.BENCH_SECRET, {
    authorityHost: env.BENCH_AUTHORITY,
    // Else it asks the real login.microsoftonline.com whether the authority is one of Azure's.
    disableInstanceDiscovery: true,
  });
}

const makers = {
  secret,
  loop: secret,
  identity: () => new identity.ManagedIdentityCredential(),
  default: () => new identity.DefaultAzureCredential(),
};

const mode = process.argv[2];
const credential = makers[mode]();
const token = await credential.getToken(scope);
if (!token.token) throw new Error("no token");
if (mode === "loop") {
  const rounds = 20000;
  const start = process.hrtime.bigint();
  for (let i = 0; i < rounds; i++) await credential.getToken(scope);
  console.log(Number(process.hrtime.bigint() - start) / 1000 / rounds);
}
