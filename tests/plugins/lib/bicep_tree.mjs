// SPDX-License-Identifier: MIT
// Bicep files as JSON, by tree-sitter's grammar: for each file its syntax errors, parameters,
// variables, resources, modules and outputs. A value is what JSON can say, or else
// {"expression": TEXT, "uses": [SYMBOL...], "calls": [FUNCTION...], "members": [CHAIN...]}.
//
//     node bicep_tree.mjs NODE_MODULES FILE...
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, ...files] = process.argv.slice(2);
const require = createRequire(path.join(modules, "x.js"));
const { Parser, Language } = await import(pathToFileURL(require.resolve("web-tree-sitter")));

const parts = (node, type) => node.namedChildren.filter((child) => child.type === type);

function walk(node, visit) {
    visit(node);
    node.namedChildren.forEach((child) => walk(child, visit));
}

function expression(node) {
    const found = { expression: node.text, uses: new Set(), calls: new Set(), members: new Set() };
    walk(node, (at) => {
        const parent = at.parent;
        if (at.type === "identifier" && parent.type === "call_expression" &&
            parent.childForFieldName("function").id === at.id)
            found.calls.add(at.text);
        else if (at.type === "identifier" && !(parent.type === "object_property" &&
                                               parent.namedChildren[0].id === at.id))
            found.uses.add(at.text);
        else if (at.type === "member_expression" && parent.type !== "member_expression")
            found.members.add(at.text);
    });
    for (const key of ["uses", "calls", "members"])
        found[key] = [...found[key]];
    return found;
}

const escapes = { "\\'": "'", "\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\$": "$" };

function value(node) {
    switch (node.type) {
    case "object":
        return Object.fromEntries(parts(node, "object_property").map(
            (property) => [property.namedChildren[0].text, value(property.namedChildren[1])]));
    case "array":
        return node.namedChildren.filter((child) => child.type !== "comment").map(value);
    case "string":
        if (parts(node, "interpolation").length > 0)
            return expression(node);
        return node.namedChildren.map((child) => escapes[child.text] ?? child.text).join("");
    case "boolean":
        return node.text === "true";
    case "number":
        return Number(node.text);
    case "null":
        return null;
    default:
        return expression(node);
    }
}

function declaration(node, result) {
    const name = node.namedChildren.find((child) => child.type === "identifier")?.text;
    const last = node.namedChildren.at(-1);
    if (node.type === "parameter_declaration") {
        result.parameters[name] = parts(node, "type")[0].text;
    } else if (node.type === "variable_declaration") {
        result.variables[name] = value(last);
    } else if (node.type === "output_declaration") {
        result.outputs[name] = value(last);
    } else if (node.type === "resource_declaration" || node.type === "module_declaration") {
        const kind = node.type === "resource_declaration" ? "resources" : "modules";
        const condition = last.type === "if_statement" ? expression(last.namedChildren[0]) : null;
        result[kind][name] = { type: value(parts(node, "string")[0]), condition,
                               body: value(condition ? last.namedChildren.at(-1) : last) };
    }
}

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(
    path.join(path.dirname(require.resolve("tree-sitter-bicep/package.json")),
              "tree-sitter-bicep.wasm")));
const out = {};
for (const file of files) {
    const result = { errors: [], parameters: {}, variables: {}, resources: {}, modules: {},
                     outputs: {} };
    const root = parser.parse(fs.readFileSync(file, "utf8")).rootNode;
    walk(root, (node) => {
        if (node.isError || node.isMissing)
            result.errors.push(node.text);
    });
    root.namedChildren.forEach((node) => declaration(node, result));
    out[path.basename(file)] = result;
}
console.log(JSON.stringify(out));
