"use strict";
const at = (id) => document.getElementById(id);
let schemas = {};
let responses = {};

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function folded(title, fill) {
  const made = element("details");
  made.append(typeof title === "string" ? element("summary", title) : title);
  made.addEventListener("toggle", () => {
    if (made.open && made.children.length === 1) {
      const inside = element("div");
      fill(inside);
      made.append(inside);
    }
  });
  return made;
}

const nameOf = (reference) => reference.split("/").pop();

function typeOf(schema) {
  if (!schema || !Object.keys(schema).length) return "any";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts) return parts.length > 8 ? `one of ${parts.length} types` : parts.map(typeOf).join(" | ");
  if (schema.type === "array") return `list of ${typeOf(schema.items)}`;
  return schema.type ?? "any";
}

function limitsOf(schema) {
  const names = { minimum: "≥", exclusiveMinimum: ">", maximum: "≤", exclusiveMaximum: "<", maxLength: "length ≤", pattern: "pattern" };
  const found = Object.entries(names).filter(([key]) => schema[key] !== undefined).map(([key, sign]) => `${sign} ${schema[key]}`);
  if (schema.default !== undefined) found.push(`default ${JSON.stringify(schema.default)}`);
  return found.join(", ");
}

function referencesIn(schema, found = new Set()) {
  if (!schema || typeof schema !== "object") return found;
  if (schema.$ref) found.add(nameOf(schema.$ref));
  for (const part of [schema.items, schema.additionalProperties, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
    if (part && typeof part === "object") referencesIn(part, found);
  }
  return found;
}

function table(heads, rows) {
  const made = element("table");
  const head = element("tr");
  head.append(...heads.map((text) => element("th", text)));
  made.append(head);
  for (const row of rows) {
    const line = element("tr");
    line.append(...row.map((text, number) => {
      const cell = element("td");
      cell.append(number < 2 && text ? element("code", text) : document.createTextNode(text));
      return cell;
    }));
    made.append(line);
  }
  return made;
}

function describeSchema(place, schema, shown = new Set()) {
  const inner = new Set();
  if (schema.description) place.append(element("p", schema.description));
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(([name, each]) => {
    referencesIn(each, inner);
    const facts = [required.has(name) ? "required" : "", limitsOf(each), each.description ?? ""].filter(Boolean);
    return [name, typeOf(each), facts.join("; ")];
  });
  if (rows.length) place.append(table(["Field", "Type", "Meaning"], rows));
  else if (!schema.$ref) place.append(element("p", typeOf(schema)));
  referencesIn(schema, inner);
  for (const name of inner) {
    if (schemas[name] && !shown.has(name)) {
      place.append(folded(name, (inside) => describeSchema(inside, schemas[name], new Set([...shown, name]))));
    }
  }
}

function describeContent(place, content) {
  for (const [kind, { schema }] of Object.entries(content ?? {})) {
    const text = schema ? `${kind}: ${typeOf(schema)}` : kind;
    if (!schema || (!schema.properties && !referencesIn(schema).size)) place.append(element("p", text));
    else place.append(folded(text, (inside) => describeSchema(inside, schema.$ref ? schemas[nameOf(schema.$ref)] : schema)));
  }
}

function describeOperation(place, operation) {
  if (operation.description.length > operation.summary.length + 1) place.append(element("p", operation.description));
  const parameters = operation.parameters ?? [];
  if (parameters.length) {
    place.append(element("h3", "Parameters"));
    place.append(table(["Name", "Type", "Meaning"], parameters.map((each) => {
      const facts = [each.in, each.required ? "required" : "", limitsOf(each.schema ?? {}), each.description ?? each.schema?.description ?? ""];
      return [each.name, typeOf(each.schema), facts.filter(Boolean).join("; ")];
    })));
  }
  if (operation.requestBody) {
    place.append(element("h3", "Body"));
    describeContent(place, operation.requestBody.content);
  }
  place.append(element("h3", "Answers"));
  const errors = [];
  for (const [status, response] of Object.entries(operation.responses)) {
    const found = response.$ref ? responses[nameOf(response.$ref)] : response;
    if (response.$ref) errors.push(status);
    else {
      place.append(element("p", `${status}: ${found.description}`));
      describeContent(place, found.content);
    }
  }
  if (errors.length) place.append(folded(`Errors: ${errors.join(", ")}`, (inside) => describeSchema(inside, schemas.ProblemDetails)));
}

function operationsOf(spec) {
  const groups = new Map();
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags?.[0] ?? "other";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push({ path, method: method.toUpperCase(), operation });
    }
  }
  return groups;
}

function draw(spec) {
  const place = at("operations");
  for (const [tag, operations] of operationsOf(spec)) {
    const card = element("section", "", "card");
    card.append(element("h2", tag.charAt(0).toUpperCase() + tag.slice(1)));
    for (const { path, method, operation } of operations) {
      const summary = element("summary");
      summary.append(element("span", method, "method"), element("code", path), document.createTextNode(` ${operation.summary ?? ""}`));
      const made = folded(summary, (inside) => describeOperation(inside, operation));
      made.dataset.words = `${method} ${path} ${operation.operationId} ${operation.summary} ${operation.description}`.toLowerCase();
      card.append(made);
    }
    place.append(card);
  }
}

at("filter").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const card of document.querySelectorAll("#operations > section")) {
    const rows = [...card.querySelectorAll(":scope > details")];
    for (const row of rows) row.hidden = !words.every((word) => row.dataset.words.includes(word));
    card.hidden = rows.every((row) => row.hidden);
  }
});

async function start() {
  const answer = await fetch("/api/v1/openapi.json");
  if (answer.status === 401) {
    at("about").replaceChildren("The reference also lists your plug-ins, so it needs the token: ");
    const link = element("a", "sign in on the start page");
    link.href = "/";
    at("about").append(link, ".");
    return;
  }
  const spec = await answer.json();
  schemas = spec.components.schemas;
  responses = spec.components.responses;
  at("about").textContent = spec.info.description.replace(/`/g, "");
  at("filter").hidden = false;
  draw(spec);
}
start().catch((error) => { at("about").textContent = `Error: ${error.message}`; });
