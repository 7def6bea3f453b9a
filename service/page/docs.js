// Draws the OpenAPI document as a page to read: each operation with its parameters, fields, example and answers.

import { element } from "/page/dom.js";

const main = document.getElementById("operations");
const spec = await (await fetch("/openapi.json")).json();

for (const [path, operations] of Object.entries(spec.paths)) {
  for (const [method, operation] of Object.entries(operations)) main.append(drawOperation(method, path, operation));
}
main.removeAttribute("aria-busy");

function drawOperation(method, path, operation) {
  const [type, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  return element(
    "section",
    { class: "operation" },
    element("h3", {}, `${method.toUpperCase()} ${path}`),
    element("p", {}, operation.description ?? operation.summary),
    operation.requestBody?.description && element("p", {}, operation.requestBody.description),
    ...titled("Parameters", operation.parameters && fields(operation.parameters.map(parameter))),
    ...titled(`Body (${type})`, body?.schema && fields(properties(body.schema))),
    ...titled("Example", body && element("pre", {}, curl(method, path, type, body))),
    ...titled("Answers", fields(Object.entries(operation.responses).map(([status, { description }]) => [status, description]))),
  );
}

function titled(title, content) {
  return content ? [element("h4", {}, title), content] : [];
}

function fields(rows) {
  return element("dl", {}, ...rows.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]));
}

function parameter({ name, required, schema, description }) {
  return [name, schema.description ? described(schema, required) : [described(schema, required), description].filter(Boolean).join(". ")];
}

function properties(schema) {
  const { properties: named = {}, required = [] } = resolved(schema);
  const requiredFirst = ([a], [b]) => required.includes(b) - required.includes(a);
  const rows = Object.entries(named)
    .sort(requiredFirst)
    .map(([name, field]) => [name, described(field, required.includes(name))]);
  return rows.length ? rows : [["", schema.description ?? schema.type ?? ""]];
}

function described(schema, required) {
  const bounds = ["minimum", "maximum", "minLength", "maxLength", "maxItems", "default"]
    .filter((bound) => schema[bound] !== undefined && schema[bound] !== null)
    .map((bound) => `${bound} ${JSON.stringify(schema[bound])}`);
  return [[typeOf(schema), required ? "required" : "", ...bounds].filter(Boolean).join(", "), schema.description]
    .filter(Boolean)
    .join(". ");
}

function typeOf(schema) {
  const known = resolved(schema);
  if (known.anyOf) return [...new Set(known.anyOf.map(typeOf))].join(" or ");
  if (known.enum) return known.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in known) return JSON.stringify(known.const);
  if (known.type === "array") return `list of ${typeOf(known.items)}`;
  return known.format ? `${known.type} (${known.format})` : known.type;
}

function resolved(schema) {
  return schema.$ref ? spec.components.schemas[schema.$ref.split("/").at(-1)] : schema;
}

function curl(method, path, type, body) {
  const example = body.example ?? resolved(body.schema ?? {}).examples?.[0] ?? {};
  const data = typeof example === "string" ? example.trimEnd() : JSON.stringify(example, null, 2);
  const quoted = data.replaceAll("'", "'\\''");
  return `curl -X ${method.toUpperCase()} ${location.origin}${path} \\\n  -H 'Content-Type: ${type}' \\\n  --data-binary '${quoted}'`;
}
