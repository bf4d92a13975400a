// Simulations in a real browser: figures by slider, by box and by keyboard, a fault at its field, a run from order to report, its
// figures against those of the command line, cancelling, waiting, drafts, deleting. Called by the test `pages`, as `walk.mjs` is.
import { readFileSync } from "node:fs";
import { base, check, end, facts, findings, look, signIn, visitor } from "./browser.mjs";

const { password, sets, paid, html, csv, draft } = facts;
const field = (path) => `input[name="set:${path}"]`;
const number = (text) => (text || "").replaceAll(",", "").replaceAll("−", "-").trim();
const fen = (text) => Math.round(Number(number(text)) * 100);

/** Goes on to the form of a region's year. */
const open = (page, query = "region=chongqing&year=2022") => page.goto(`${base}/simulate?${query}`);

/** Starts the run of the form, and waits until it is over; its number. */
async function run(page) {
  await Promise.all([page.waitForURL(/\/simulate\/run\/[0-9]+$/), page.click("form.simulate button[type=submit]")]);
  await page.waitForSelector("table.report, .trouble", { timeout: 120_000 });
  return page.url().split("/").pop();
}

// Who may not.
{
  const { context, page } = await visitor();
  await page.goto(`${base}/simulate`);
  check(page.url() === `${base}/sign-in?to=%2Fsimulate`, "a stranger is asked to sign in");
  await signIn(page, "clerk", password);
  check((await page.locator("nav.ways a[href='/simulate']").count()) === 0, "a clerk sees no way to simulations");
  for (const path of ["/simulate", "/simulate/runs", "/simulate/run/1", "/simulate/run/1/state", "/simulate/run/1/file/report.html"]) {
    const answer = await page.goto(base + path);
    check(answer.status() === 403, `a clerk is refused ${path}: ${answer.status()}`);
  }
  await context.close();
}

const { context, page } = await visitor();
await signIn(page, "planner", password);
await page.click("nav.ways a[href='/simulate']");

// The form, and a fault at its field.
await open(page);
await look(page, "zh-simulate");
for (const path of Object.keys(sets)) check((await page.locator(field(path)).count()) === 1, `${path} can be set`);
const [first, second] = Object.keys(sets);
const figure = page.locator(".figure", { has: page.locator(field(first)) });
await figure.locator("input[type=range]").focus();
await page.keyboard.press("ArrowRight");
const moved = await page.inputValue(field(first));
check(moved !== (await figure.getAttribute("data-now")), "the slider moves the box, by the keyboard");
check((await page.textContent("output.count")).includes("1"), "it is told how many figures differ");
await page.fill(field(first), "abc");
await page.fill(field(second), "*2");
await Promise.all([page.waitForEvent("framenavigated"), page.click("form.simulate button[type=submit]")]);
await page.waitForLoadState();
check((await page.locator(`${field(first)}[aria-invalid=true]`).count()) === 1, "the fault is at its field");
check((await page.locator(".figure .wrong").count()) >= 1, "the fault is told, with its cure");
check((await page.inputValue(field(second))) === "*2", "what was filled in stays");
await look(page, "zh-simulate-wrong");
await page.fill("#people", "12");
await Promise.all([page.waitForEvent("framenavigated"), page.click("form.simulate button[type=submit]")]);
await page.waitForLoadState();
check((await page.locator("#people[aria-invalid=true]").count()) === 1, "too few people are refused at their field");

// The filter over all other figures.
await open(page);
await page.click("details.more > summary");
const all = await page.locator("details.more fieldset.provision:visible").count();
await page.fill("#find", "statistic");
const left = await page.locator("details.more fieldset.provision:visible").count();
check(left === 1 && all > 3, `the filter leaves one of ${all}: ${left}`);

// A run whose figures are those of the command line.
await open(page);
await page.fill("#people", "1000");
for (const [path, text] of Object.entries(sets)) await page.fill(field(path), text);
await look(page, "zh-simulate-filled");
const id = await run(page);
await look(page, "zh-simulate-report");
check((await page.locator("svg.chart").count()) > 8, "the report shows its charts");
const drawn = await page.evaluate(() => getComputedStyle(document.querySelector("svg.chart .v1, svg.chart .f0")).fill);
check(drawn !== "rgb(0, 0, 0)", `charts have their colours: ${drawn}`);
check((await page.locator("svg.chart [style], svg.chart style").count()) === 0, "no style within a chart");
for (const [name, ours] of [["report.html", html], ["summary.csv", csv]]) {
  if (name.endsWith("csv")) await page.locator("summary", { hasText: "CSV" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(`a[href$='/file/${name}']`)]);
  const [got, known] = [readFileSync(await download.path()), readFileSync(ours)];
  check(got.equals(known), `${name} is to the byte what \`tongchou simulate\` writes: ${got.length} and ${known.length} bytes`);
}
const [book] = await Promise.all([page.waitForEvent("download"), page.click("a[href$='/file/report.xlsx']")]);
check(readFileSync(await book.path()).subarray(0, 2).toString() === "PK", "the workbook is one");
await page.goto(`${base}/simulate/runs`);
const listed = await page.locator("table.runs tbody").first().locator("tr").evaluateAll((rows) => rows.map((row) => row.querySelector(".variant + td + td").textContent));
check(JSON.stringify(listed.map(fen)) === JSON.stringify(paid), `the list says ${listed}, the program ${paid} fen`);
await look(page, "zh-simulate-runs");

// English, large, dark, a telephone.
for (const [picture, choice, options] of [
  ["en", "lang=en", {}], ["large", "text=large", {}], ["dark", "theme=dark", {}], ["contrast", "contrast=high", {}],
  ["phone", "text=normal", { viewport: { width: 360, height: 740 } }],
]) {
  const { context, page } = await visitor(options);
  await signIn(page, "planner", password);
  await page.goto(`${base}/?${choice}`);
  for (const [what, path] of [["simulate", "/simulate?region=chongqing&year=2022"], ["simulate-report", `/simulate/run/${id}`], ["simulate-runs", "/simulate/runs"]]) {
    await page.goto(base + path);
    await look(page, `${picture}-${what}`);
    if (picture !== "en") continue;
    const chinese = await page.evaluate(() => {
      const main = document.querySelector("main").cloneNode(true);
      for (const part of main.querySelectorAll("option, .cites")) part.remove();
      return main.textContent.match(/[\u4e00-\u9fff]{4,}/g) || [];
    });
    check(chinese.length < 12, `en ${what}: Chinese is left: ${chinese.slice(0, 20)}`);
  }
  await context.close();
}

// A long run: it is followed, another waits behind it, and both are cancelled.
await open(page);
await page.fill("#people", "500000");
await page.fill("#seed", "7");
await Promise.all([page.waitForURL(/\/simulate\/run\/[0-9]+$/), page.click("form.simulate button[type=submit]")]);
const long = page.url();
await page.waitForFunction(() => document.querySelector("progress")?.value > 0, null, { timeout: 60_000 });
await look(page, "zh-simulate-running");
const early = await page.evaluate(() => document.querySelector("progress").value);
await page.waitForFunction((before) => document.querySelector("progress")?.value > before, early, { timeout: 60_000 });
{
  const { context, page } = await visitor({ javaScriptEnabled: false });
  await signIn(page, "planner", password);
  await page.goto(long);
  check((await page.content()).includes("http-equiv=\"refresh\""), "without script the page looks again by itself");
  // The boxes alone are the form.
  await open(page);
  check((await page.locator("input[type=range]:visible").count()) === 0, "no slider is shown that would do nothing");
  await page.fill("#people", "1000");
  await page.fill("#seed", "8");
  await page.press("#people", "Enter");
  await page.waitForURL(/\/simulate\/run\/[0-9]+$/);
  check(/前面还有|waiting/.test(await page.textContent("main")), "who comes second is told that he waits");
  await page.click("form.ending button");
  await page.waitForURL(`${base}/simulate/runs`);
  await context.close();
}
await page.click("form.ending button");
await page.waitForURL(`${base}/simulate/runs`);
const gone = await page.goto(long);
check(gone.status() === 404, `what was cancelled is gone: ${gone.status()}`);
await page.goto(`${base}/simulate/runs`);
check((await page.locator("table.runs tbody").count()) === 1, "nothing is left of what was cancelled");

// A draft that is pasted, the same people again, and a run that is deleted.
await page.goto(`${base}/simulate?from=${id}`);
check((await page.inputValue(field(first))) === sets[first], "a run's figures stand in the form again");
for (const [path] of Object.entries(sets)) {
  const now = await page.locator(".figure", { has: page.locator(field(path)) }).getAttribute("data-now");
  await page.fill(field(path), now);
}
await page.click("summary:has-text('贴上一份草案文件')");
await page.fill("#text", "[notice]\nid = \"x\"\n");
await Promise.all([page.waitForEvent("framenavigated"), page.click("form.simulate button[type=submit]")]);
await page.waitForLoadState();
check((await page.locator("#text[aria-invalid=true]").count()) === 1, "what is wrong with a draft is told at its text");
await page.setInputFiles("#file", { name: "draft.toml", mimeType: "text/plain", buffer: Buffer.from(draft) });
await page.waitForFunction(() => document.querySelector("#text").value.includes("lower-line"));
const drafted = await run(page);
check((await page.textContent("main")).includes("lower-line"), "the draft is a variant of the report");
await page.click("form.ending button");
await page.waitForURL(`${base}/simulate/runs`);
check((await page.goto(`${base}/simulate/run/${drafted}`)).status() === 404, "what was deleted is gone");

// A region whose terms decide nothing says why, and what to do.
await open(page, "region=jilin&year=2022");
await page.fill("#people", "1000");
await run(page);
check((await page.locator(".trouble .what").count()) === 1, "a run that comes to nothing says why");
await look(page, "zh-simulate-failed");
if (findings.length > 0) console.error(findings.join("\n"));
await context.close();
await end();
