// SPDX-License-Identifier: MIT
// Terraform files as JSON, by HashiCorp's own parser: expressions are "${...}".
//
//     node hcl_tree.mjs NODE_MODULES FILE...
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [modules, ...files] = process.argv.slice(2);
const { parse } = createRequire(path.join(modules, "x.js"))("@cdktf/hcl2json");
const out = {};
for (const file of files)
    out[path.basename(file)] = await parse(file, fs.readFileSync(file, "utf8"));
console.log(JSON.stringify(out));
