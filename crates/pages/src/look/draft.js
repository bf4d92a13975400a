// The editor of a draft: numbers of lines, findings as one types, proposals of what may be written, a question before changes are
// lost. Without it the same form is sent by its buttons. It knows nothing of notices: what is found and proposed comes from the server.
"use strict";
const form = document.getElementById("draft");
const text = document.getElementById("text");
const gutter = form.querySelector(".gutter");
const list = document.getElementById("proposals");
const told = document.getElementById("told");
const says = form.dataset;

/** What the form says, sent to one of its addresses; nothing where no answer comes. */
async function send(to, more) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  try {
    return await fetch(to, { method: "POST", body, credentials: "same-origin" });
  } catch {
    told.textContent = says.lost;
    return null;
  }
}

// ── Lines: their numbers, and which of them something is found in ──

function number() {
  const marks = new Map();
  for (const one of document.querySelectorAll("#found [data-line]")) {
    // The worst stands first.
    if (!marks.has(one.dataset.line)) marks.set(one.dataset.line, one.className);
  }
  const lines = text.value.split("\n").length;
  gutter.replaceChildren(...Array.from({ length: lines }, (_, at) => {
    const line = document.createElement("div");
    line.textContent = at + 1;
    line.className = marks.get(String(at + 1)) || "";
    return line;
  }));
  gutter.scrollTop = text.scrollTop;
}

function height() {
  return parseFloat(getComputedStyle(text).lineHeight);
}

/** Puts the cursor on a line, both counted from one, and shows it. */
function go(line, column) {
  const before = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  const end = text.value.indexOf("\n", before);
  const at = Math.min(before + Math.max(0, column - 1), end < 0 ? text.value.length : end);
  text.focus();
  text.setSelectionRange(at, at);
  text.scrollTop = Math.max(0, (line - 6) * height());
  text.scrollIntoView({ block: "nearest" });
}

document.getElementById("found").addEventListener("click", (event) => {
  const one = event.target.closest("a[href='#text']") && event.target.closest("[data-line]");
  if (!one) return;
  event.preventDefault();
  go(Number(one.dataset.line), Number(one.dataset.column));
});
text.addEventListener("scroll", () => {
  gutter.scrollTop = text.scrollTop;
  if (!list.hidden) place();
});

// ── Findings, a moment after the last letter; comparisons, when they are asked for ──

let asked = 0;
let later = 0;
async function check() {
  const mine = (asked += 1);
  told.textContent = says.checking;
  const answer = await send("/policy/draft/part", { do: "check" });
  if (!answer || mine !== asked) return;
  const part = await answer.text();
  if (mine !== asked) return;
  const found = document.getElementById("found");
  const before = found.innerHTML;
  found.innerHTML = part;
  told.textContent = document.getElementById("counts")?.textContent || "";
  if (!told.textContent && answer.ok) {
    // Too many are at it: what was found last stays until there is a place.
    found.innerHTML = before;
    clearTimeout(later);
    later = setTimeout(check, 2000);
  }
  number();
}

async function compare(what) {
  form.setAttribute("aria-busy", "true");
  // What is found is told first: what the comparison says is what was asked for last.
  clearTimeout(later);
  await check();
  told.textContent = says.comparing;
  const answer = await send("/policy/draft/part", { do: what });
  form.removeAttribute("aria-busy");
  if (!answer) return;
  const place = document.getElementById("compared");
  place.innerHTML = await answer.text();
  told.textContent = place.querySelector(".says")?.textContent || "";
  place.focus();
}

form.addEventListener("submit", (event) => {
  // How the page looks is chosen by buttons outside, which take the draft along.
  if (event.submitter && !form.contains(event.submitter)) return leave();
  const what = event.submitter?.value || "check";
  event.preventDefault();
  if (what === "download") return download();
  if (form.getAttribute("aria-busy")) return;
  if (what === "check") check();
  else compare(what);
});

// ── Changes that would be lost ──

let kept = text.defaultValue;

/** Nothing is lost by leaving any more. */
function leave() {
  kept = text.value;
  delete says.changed;
}

/** The text as a file, which needs no server. */
function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text.value], { type: "application/toml" }));
  link.download = says.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  leave();
}

addEventListener("beforeunload", (event) => {
  if (text.value !== kept || "changed" in says) event.preventDefault();
});

// ── Proposals ──

let proposals = { from: 0, all: [] };
let chosen = -1;
let wanted = 0;

function close() {
  wanted += 1;
  list.hidden = true;
  text.removeAttribute("aria-activedescendant");
}

/** Puts the list where the cursor stands within the editor, and closes it where that is out of sight. */
function place() {
  const style = getComputedStyle(text);
  const before = text.value.slice(0, text.selectionStart);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const left = text.offsetLeft + parseFloat(style.paddingLeft) + pen.measureText(line).width - text.scrollLeft;
  const top = parseFloat(style.paddingTop) + before.split("\n").length * height() - text.scrollTop;
  if (top < 0 || top > text.clientHeight + height()) return close();
  list.style.left = `${Math.max(0, Math.min(left, text.offsetLeft + text.clientWidth - list.offsetWidth))}px`;
  list.style.top = `${text.offsetTop + top + 2}px`;
}

function choose(at) {
  chosen = (at + proposals.all.length) % proposals.all.length;
  for (const [index, one] of [...list.children].entries()) one.setAttribute("aria-selected", String(index === chosen));
  list.children[chosen].scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", list.children[chosen].id);
}

async function propose(always) {
  const mine = (wanted += 1);
  const at = text.selectionStart;
  if (at !== text.selectionEnd) return close();
  const before = text.value.slice(0, at);
  const answer = await send("/policy/draft/words", { before: before.slice(before.lastIndexOf("\n[") + 1), text: "" });
  if (mine !== wanted || !answer?.ok) return;
  const found = await answer.json();
  if (mine !== wanted || text.selectionStart !== at) return;
  const whole = found.all.length === 1 && found.all[0][1].length === found.typed;
  if (!found.all.length || (!always && (!found.typed || whole))) return close();
  proposals = { from: at - found.typed, all: found.all };
  list.replaceChildren(...found.all.map(([, name, means], index) => {
    const one = document.createElement("li");
    one.id = `proposal-${index}`;
    one.setAttribute("role", "option");
    const [word, rest] = [document.createElement("code"), document.createElement("span")];
    word.textContent = name;
    rest.textContent = means === name ? "" : means;
    one.append(word, rest);
    return one;
  }));
  list.hidden = false;
  place();
  if (list.hidden) return;
  choose(0);
  told.textContent = `${found.all.length} ${says.proposals}`;
}

/** Whether what is chosen fits what stands before the cursor: more may have been typed since it was asked for, or less be left. */
function fits() {
  const typed = text.value.slice(proposals.from, text.selectionStart).toLowerCase();
  return text.selectionStart >= proposals.from && proposals.all[chosen].slice(1).some((name) => name.toLowerCase().includes(typed));
}

function insert(at) {
  const after = text.value.slice(text.selectionStart);
  let [written] = proposals.all[at];
  // What closes it may stand there already.
  for (const end of ["]]", "]", '"']) if (written.endsWith(end) && after.startsWith(end)) written = written.slice(0, -end.length);
  text.setSelectionRange(proposals.from, text.selectionStart);
  close();
  // Of all ways to write into a text area, this one can be undone.
  if (!document.execCommand("insertText", false, written)) text.setRangeText(written, text.selectionStart, text.selectionEnd, "end");
}

list.addEventListener("mousedown", (event) => {
  event.preventDefault();
  const one = event.target.closest("[role=option]");
  if (one) insert([...list.children].indexOf(one));
});
text.addEventListener("keydown", (event) => {
  if (event.key === " " && event.ctrlKey) {
    event.preventDefault();
    propose(true);
  } else if (!list.hidden && !event.isComposing) {
    const steps = { ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen - 1), Enter: () => insert(chosen), Escape: close };
    if (steps[event.key]) {
      event.preventDefault();
      steps[event.key]();
    } else if (event.key.startsWith("Arrow") || event.key === "Tab") close();
  }
});
text.addEventListener("blur", close);
text.addEventListener("click", close);
text.addEventListener("input", (event) => {
  number();
  clearTimeout(later);
  later = setTimeout(check, 600);
  if (event.isComposing || event.inputType === "insertFromPaste") return close();
  const open = !list.hidden;
  if (open && !fits()) close();
  if (event.inputType === "insertText" && /[\w".[-]/.test(event.data || "")) propose(false);
  else if (event.inputType === "deleteContentBackward" && open) propose(false);
  else close();
});

for (const [name, value] of [["aria-autocomplete", "list"], ["aria-haspopup", "listbox"], ["aria-controls", "proposals"]]) {
  text.setAttribute(name, value);
}
document.getElementById("keys").hidden = false;
gutter.hidden = false;
number();
if (!document.getElementById("counts")) check();
if (text.dataset.line) go(Number(text.dataset.line), 1);
