// The page of the API: reads openapi.json of this server, lists every operation, and sends what is written.
"use strict";

const at = (id) => document.getElementById(id);

function node(tag, text, ...inside) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  made.append(...inside);
  return made;
}

function looks(schema) {
  const kinds = [].concat(schema.type).filter((kind) => kind !== "null");
  if (schema["x-names"]) return schema["x-names"].join("、");
  if (schema.items) return "[" + looks(schema.items) + "]";
  return kinds.join() + (schema.format ? " " + schema.format : "") + (schema.pattern ? " " + schema.pattern : "");
}

// The fields of an operation: those of its body, or those of its address.
function fields(operation) {
  const body = operation.requestBody?.content["application/json"].schema;
  if (body) {
    const required = body.required ?? [];
    return Object.entries(body.properties).map(([name, schema]) => ({ name, schema, required: required.includes(name) }));
  }
  const own = (operation.parameters ?? []).filter((one) => one.in === "query");
  return own.map((one) => ({ ...one, schema: { ...one.schema, description: one.description } }));
}

function table(list) {
  const head = node("tr", "", node("th", "字段 Field"), node("th", "说明 What"), node("th", "写法 Form"));
  const rows = list.map((one) =>
    node("tr", "", node("td", one.name + (one.required ? " *" : "")), node("td", one.schema.description ?? ""), node("td", looks(one.schema))));
  return node("table", "", head, ...rows);
}

async function send(path, method, written, out) {
  const headers = {};
  if (at("token").value) headers.Authorization = "Bearer " + at("token").value.trim();
  const request = { method: method.toUpperCase(), headers };
  let address = path;
  if (method === "post") {
    headers["Content-Type"] = "application/json";
    request.body = written || "{}";
  } else if (written) address += "?" + written.replace(/^\?/, "");
  try {
    const answer = await fetch(address, request);
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* plain text */ }
    out.textContent = answer.status + " " + answer.statusText + "\n" + shown;
  } catch (error) { out.textContent = String(error); }
}

function entry(path, method, operation) {
  const word = node("span", method.toUpperCase());
  word.className = "method " + method;
  const list = fields(operation);
  const inside = node("div", "", node("p", operation.description), list.length ? table(list) : "");
  const written = node("textarea");
  written.rows = method === "post" ? 5 : 1;
  const needed = list.filter((one) => one.required);
  written.value = method === "post"
    ? JSON.stringify(Object.fromEntries(needed.map((one) => [one.name, ""])), null, 2)
    : needed.map((one) => one.name + "=").join("&");
  const button = node("button", "发送 Send");
  const out = node("pre");
  button.onclick = () => send(path, method, written.value, out);
  inside.append(written, button, out);
  const made = node("details", "", node("summary", "", word, node("code", path), " " + operation.summary), inside);
  made.dataset.text = (path + " " + operation.summary + " " + operation.description).toLowerCase();
  return made;
}

function filter() {
  const wanted = at("filter").value.toLowerCase();
  for (const one of document.querySelectorAll("details")) one.hidden = !one.dataset.text.includes(wanted);
  for (const part of document.querySelectorAll("section")) part.hidden = !part.querySelector("details:not([hidden])");
}

async function start() {
  const api = await (await fetch("/openapi.json")).json();
  at("about").textContent = api.info.description;
  const parts = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "service";
      if (!parts.has(tag)) parts.set(tag, node("section", "", node("h2", tag)));
      parts.get(tag).append(entry(path, method, operation));
    }
  }
  at("list").append(...parts.values());
  at("filter").oninput = filter;
}

start();
