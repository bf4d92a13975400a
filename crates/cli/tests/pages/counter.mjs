// A day at the counter in a real browser: find, register, enrol, bill, file, settle, reverse, explain; what needs a second person;
// a slow network and lost answers, in which nothing is done twice. Called by the test `pages`, as `walk.mjs` is.
import { createServer, request as send } from "node:http";
import { base, check, end, facts, findings, look, signIn, tab, visitor } from "./browser.mjs";

const { person, provider, estimate, password } = facts;
const bill = { provider, visit: "W-1", date: "2022-10-30", a: "31000" };
const plain = (text) => (text || "").replaceAll(",", "").trim();

/** A server between the browser and the program that can lose answers: what was asked is done, but nobody hears of it. */
const between = { lose: false, lost: 0 };
const proxy = createServer((asked, answer) => {
  const to = send(base + asked.url, { method: asked.method, headers: asked.headers }, (from) => {
    if (between.lose && asked.method === "POST") {
      between.lost += 1;
      from.resume();
      from.on("end", () => asked.socket.destroy());
      return;
    }
    answer.writeHead(from.statusCode, from.headers);
    from.pipe(answer);
  });
  to.on("error", () => asked.socket.destroy());
  asked.pipe(to);
});
await new Promise((ready) => proxy.listen(0, "127.0.0.1", ready));
const lossy = `http://127.0.0.1:${proxy.address().port}`;

/** Finds a person by a number, and stands on the person's page. */
async function find(page, number, from = base) {
  await page.goto(`${from}/counter`);
  await page.fill("#text", number);
  await Promise.all([page.waitForURL(/\/counter\/person\//), page.click("main form.ask button[type=submit]")]);
  return page.url();
}

/** Opens the form of a task from the person's page. */
async function open(page, word) {
  await Promise.all([page.waitForURL(/once=/), page.click(`.tasks a[href$='/do/${word}']`)]);
}

/** Fills a form in: texts, and words of choices. */
async function fill(page, said) {
  for (const [name, text] of Object.entries(said)) {
    const control = page.locator(`#${name}`);
    if ((await control.evaluate((node) => node.tagName)) === "SELECT") await control.selectOption(text);
    else await control.fill(text);
  }
}

/** Carries a form out, and stands where it is told what came of it. */
async function done(page, what) {
  await Promise.all([page.waitForEvent("framenavigated"), page.click("form.ask button[type=submit]:not([name])")]);
  await page.waitForLoadState();
  const ended = /\/counter\/done\//.test(page.url());
  if (!ended) findings.push(`${what}: ${(await page.textContent("main")).replace(/\s+/g, " ").slice(0, 600)}`);
  return ended;
}

const rowsOf = (page, text) => page.locator("table.list tbody tr", { hasText: text });

for (const lang of ["zh", "en"]) {
  const { context, page, asked } = await visitor();
  await page.goto(`${base}/?lang=${lang}`);
  await signIn(page, "clerk", password);
  await look(page, `${lang}-counter-home`);

  // All of an area: sort, page, filter, export.
  await page.goto(`${base}/counter`);
  await look(page, `${lang}-counter`);
  await page.click("main form.ask button[type=submit]");
  await page.waitForURL(/\/counter\/found\//);
  await look(page, `${lang}-counter-found`);
  check((await page.locator("table.list tbody tr").count()) === 20, `${lang}: a page of a list has twenty rows`);
  await page.click("nav.pager a[rel=next]");
  await page.waitForURL(/page=2/);
  await page.click("table.list thead th:nth-child(4) a");
  await page.waitForURL(/sort=born/);
  const born = await page.locator("table.list tbody td:nth-child(4)").allTextContents();
  check(JSON.stringify(born) === JSON.stringify([...born].sort()), `${lang}: sorted by birth: ${born}`);
  await page.fill("#filter", born[0]);
  await page.click(".controls button");
  await page.waitForURL(/filter=/);
  check((await page.locator("table.list tbody tr").count()) >= 1 && !page.url().includes(born[0]), `${lang}: the filter shows ${page.url()}`);
  const sheet = await context.request.get(new URL(await page.getAttribute("a[href*='as=xlsx']", "href"), base).href);
  const bytes = await sheet.body();
  check(bytes.subarray(0, 2).toString() === "PK" && bytes.includes("xl/worksheets/sheet1.xml"), `${lang}: no workbook: ${sheet.status()}`);

  // A person and every list of his.
  const at = await find(page, person);
  await look(page, `${lang}-counter-person`);
  for (const word of ["care", "cover", "dues", "filings", "categories"]) {
    await page.goto(`${at}/list/${word}`);
    await look(page, `${lang}-counter-${word}`);
  }
  await page.goto(`${at}/list/care`);
  await page.click("td.acts a[href*='/why/']");
  await page.waitForSelector(".cites li");
  const sources = (await page.locator(".cites li").allTextContents()).join(" ");
  check(!/-illustrative/.test(sources) && (lang === "zh" ? !sources.includes(" para ") : !/环节|起付|限额/.test(sources)), `${lang}: sources are told by codes: ${sources}`);
  await look(page, `${lang}-counter-why`);
  await page.goto(`${at}/list/cover`);
  const tier = await page.locator("table.list tbody tr td:nth-child(4)").first().textContent();
  check(tier === (lang === "zh" ? "一档" : "First tier"), `${lang}: the tier is told as ${tier}`);
  await page.goto(`${at}/list/due-reasons?year=2022`);
  await look(page, `${lang}-counter-due-reasons`);
  for (const word of ["settle", "enrol", "pay", "special", "referral", "category", "view"]) {
    await page.goto(at);
    await open(page, word);
    await look(page, `${lang}-counter-do-${word}`);
  }
  // Try first: nothing is done, and the amounts are those of the program.
  await page.goto(at);
  await open(page, "settle");
  await fill(page, { ...bill, visit: `W-try-${lang}`, care: "inpatient" });
  await page.click("button[name=estimate]");
  await page.waitForSelector("#estimate, .trouble");
  const refused = await page.locator(".trouble").allTextContents();
  check(refused.length === 0, `${lang}: the estimate is refused: ${refused}`);
  for (const [id, amount] of [["funds", estimate.funds], ["own", estimate.person]]) {
    const says = plain(await page.textContent(`#${id}`));
    check(says.startsWith(`${amount} `), `${lang}: estimate: ${id} is ${says}, the program says ${amount}`);
  }
  check((await page.inputValue("#a")) === "31000", `${lang}: an estimate keeps what was filled in`);
  await look(page, `${lang}-counter-estimate`);
  // What is refused is told at its field, and keeps what was filled in.
  await fill(page, { provider: "H00000000000" });
  await page.click("form.ask button[type=submit]:not([name])");
  await page.waitForSelector(".trouble");
  check((await page.getAttribute("#provider", "aria-invalid")) === "true", `${lang}: the wrong provider is not marked`);
  await look(page, `${lang}-counter-refused`);
  if (lang === "en") {
    const left = await page.evaluate(() => (document.querySelector("main").innerText.match(/[\u4e00-\u9fff]{2,}/g) || []).join(" "));
    check(left.length < 60, `en: Chinese is left on a form: ${left.slice(0, 200)}`);
  }

  // What was refused leads to the person and the task; an estimate is none. What is forged under another name is not shown.
  await page.goto(at);
  await open(page, "settle");
  await fill(page, { ...bill, visit: `W-no-${lang}`, provider: "H00000000000", care: "inpatient" });
  await page.click("form.ask button[type=submit]:not([name])");
  await page.waitForSelector(".trouble");
  // It is noted beside the answer, and so perhaps a moment after it.
  const [rows, count] = [page.locator("table.list tbody tr"), lang === "zh" ? 2 : 4];
  for (let look = 0; look < 20 && (await rows.count()) !== count; look += 1) await page.goto(`${base}/work/refused`);
  const row = rows.first();
  const why = await row.textContent();
  check(why.includes("clerk") && !why.includes(person), `${lang}: what was refused: ${why}`);
  check((await rows.count()) === count, `${lang}: ${await rows.count()} refused`);
  await row.locator("td.acts a[href$='/do/settle']").click();
  await page.waitForURL(/\/do\/settle\?once=/);
  // What was done lately: the demo's own of its last day, by nobody here.
  await page.goto(`${base}/work/done`);
  check((await page.locator("table.list tbody tr").count()) > 0, `${lang}: nothing was done lately`);
  check((await page.textContent("main")).includes(lang === "zh" ? "七天内办的，您能看的都在这里" : "all of the last seven days that you may see"), `${lang}: it is not said whether these are all`);
  if (lang === "en") check(!/[\u4e00-\u9fff]{6,}/.test(await page.locator("table.list tbody").textContent()), "en: what was done is told in Chinese");

  // Work.
  await page.goto(`${base}/work`);
  await look(page, `${lang}-work`);
  const words = ["approvals", "filings", "rejects", "arrears", "suspense", "overdue", "decided", "refused", "done"];
  const counts = new Map();
  for (const word of words) counts.set(word, await page.textContent(`a[href='/work/${word}'] .count`));
  for (const word of words) {
    await page.goto(`${base}/work/${word}`);
    await look(page, `${lang}-work-${word}`);
    const listed = (await page.textContent(".controls p.hint")).trim().match(/^\d+/)[0];
    // Of what was done and refused those of today are counted.
    check(counts.get(word) === listed || word === "done", `${lang}: ${counts.get(word)} ${word} are counted, ${listed} listed`);
  }
  // Dues of a year are taken from the autumn before: the next year's are a click away.
  await page.goto(`${base}/work/arrears`);
  await page.click("nav.tabs a[href$='year=2023']");
  await page.waitForURL(/year=2023/);
  check((await page.textContent("nav.tabs a[aria-current]")).includes("2023"), `${lang}: arrears of the next year`);
  await page.goto(`${base}/work/rejects`);
  await page.click("td.acts a");
  await page.waitForURL(/\/work\/rows/);
  await look(page, `${lang}-work-rows`);
  for (const url of asked) check(!url.includes(person), `${lang}: the address tells the person: ${url}`);
  await context.close();
}

// A newcomer, by the keyboard alone: register, a wrong number first.
const number = "11010519491231002X";
const { context, page, asked } = await visitor();
await signIn(page, "clerk", password);
{
  const keys = page.keyboard;
  await page.goto(`${base}/counter`);
  await tab(page, "#text");
  await keys.type(number);
  await keys.press("Enter");
  await page.waitForSelector(".trouble");
  await tab(page, "a[href='/counter/do/register']");
  await Promise.all([page.waitForURL(/once=/), keys.press("Enter")]);
  await tab(page, "#number");
  await keys.type("110105194912310021");
  await tab(page, "#name");
  await keys.type("某甲");
  await tab(page, "#area");
  await keys.type("500103");
  await keys.press("Enter");
  await page.waitForSelector(".trouble");
  check((await page.getAttribute("#number", "aria-invalid")) === "true", "register: the wrong number is not marked");
  check((await page.inputValue("#name")) === "某甲", "register: what was filled in is lost");
  await look(page, "zh-counter-register-wrong");
  await tab(page, "#number");
  await keys.press("Control+A");
  await keys.type(number);
  await Promise.all([page.waitForURL(/\/counter\/done\//), keys.press("Enter")]);
  await look(page, "zh-counter-registered");
  await tab(page, "main a.button");
  await Promise.all([page.waitForURL(/\/counter\/person\//), keys.press("Enter")]);
}
const newcomer = page.url();
await page.goto(`${base}/work/done`);
check((await page.locator("table.list tbody tr").first().textContent()).includes("clerk"), "what was just done is not the first of what was done lately");
// Found by name too.
await page.goto(`${base}/counter`);
await fill(page, { text: "某", area: "500103" });
await page.click("main form.ask button[type=submit]");
await page.waitForURL(/\/counter\/found\//);
check((await rowsOf(page, "某*").count()) === 1, "found by a part of the name and the area");
// Enrolment, bill, payment.
await page.goto(newcomer);
await open(page, "enrol");
await fill(page, { year: "2022", tier: "first", group: "adult" });
await done(page, "enrol");
await page.goto(newcomer);
await open(page, "bill");
await fill(page, { year: "2022", tier: "first", group: "adult" });
await done(page, "bill");
await look(page, "zh-counter-billed");
await page.goto(`${newcomer}/list/dues`);
const owed = plain(await page.locator("table.list tbody tr td:nth-child(9)").first().textContent());
if (owed !== "0.00") {
  await page.click("td.acts a[href*='/do/pay']");
  await page.waitForURL(/once=/);
  check((await page.inputValue("#year")) === "2022", "pay: the year of the bill is filled in");
  await fill(page, { amount: owed, receipt: "W-R-1", channel: "tax-hall" });
  await done(page, "pay");
  await look(page, "zh-counter-paid");
  await page.goto(`${newcomer}/list/dues`);
  check(plain(await page.locator("table.list tbody tr td:nth-child(9)").first().textContent()) === "0.00", "pay: it is still owed");
}
// A category.
await page.goto(newcomer);
await open(page, "category");
await fill(page, { category: "minimum-allowance", from: "2022-10-01", reason: "民政局名单" });
if (await done(page, "category")) {
  await page.goto(`${newcomer}/list/categories`);
  check((await page.locator("table.list tbody tr").count()) === 1, "category: it is not on record");
}
// Filings: a disease, a referral.
const of = await find(page, person);
await open(page, "special");
const disease = await page.locator("#disease-known option").first().getAttribute("value");
await fill(page, { disease, from: "2022-10-31", document: "诊断证明" });
await page.locator("form.ask details summary").last().click();
await fill(page, { identified_on: "2022-10-30", expert: "某专家", centre: provider });
await done(page, "special");
await look(page, "zh-counter-filed");
await page.goto(of);
await open(page, "referral");
const elsewhere = await page.locator(`#from_provider-known option:not([value="${provider}"])`).first().getAttribute("value");
await fill(page, { from_provider: provider, provider: elsewhere, from: "2022-10-31", until: "2022-11-30" });
await done(page, "referral");
await page.goto(`${of}/list/filings`);
check((await rowsOf(page, "转诊").count()) === 1, "referral: it is not on the list");
await look(page, "zh-counter-filings-after");

// A slow network and an impatient clerk: the same form is sent again and again, and settled once.
await page.goto(of);
await open(page, "settle");
await fill(page, { ...bill, care: "inpatient" });
const form = page.url();
const line = await context.newCDPSession(page);
await line.send("Network.enable");
await line.send("Network.emulateNetworkConditions", { offline: false, latency: 1500, downloadThroughput: 20_000, uploadThroughput: 20_000 });
const button = page.locator("form.ask button[type=submit]:not([name])");
for (let clicks = 0; clicks < 3; clicks += 1) await button.click({ noWaitAfter: true, timeout: 1_000 }).catch(() => {});
await page.waitForURL(/\/counter\/done\//);
await line.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
check(plain(await page.textContent("#funds")).startsWith(`${estimate.funds} `), `slow: settled as ${await page.textContent("#funds")}`);
await look(page, "zh-counter-settled");
await page.reload();
check((await page.locator("#funds").count()) === 1, "slow: a reload shows what was done");
await page.goto(form);
check(/\/counter\/done\//.test(page.url()), "slow: the form of what was done is offered again");

// The answer is lost in the middle of a settlement: it was done; who goes back is told so, who sends again does nothing twice.
{
  const other = await visitor({}, lossy);
  await signIn(other.page, "clerk", password, lossy);
  await find(other.page, person, lossy);
  await open(other.page, "settle");
  await fill(other.page, { ...bill, visit: "W-2", date: "2022-10-31", a: "500", care: "inpatient" });
  const lostForm = other.page.url();
  const sent = await other.page.evaluate(() => [...new FormData(document.querySelector("form.ask"))]);
  between.lose = true;
  await other.page.click("form.ask button[type=submit]:not([name])").catch(() => {});
  await other.page.waitForURL(/^chrome-error:/);
  check(between.lost >= 1, "lost: no answer was lost");
  between.lose = false;
  await other.page.goto(lostForm);
  check(/\/counter\/done\//.test(other.page.url()), "lost: who comes back is not told what happened");
  check(plain(await other.page.textContent("main")).includes("500.00"), "lost: what was done is not told");
  await look(other.page, "zh-counter-lost");
  // The form itself again: the same answer. With something else in it: told so, and not done.
  const headers = { origin: lossy, referer: lostForm };
  const again = await other.context.request.post(lostForm, { headers, form: Object.fromEntries(sent), maxRedirects: 0 });
  check(again.status() === 303 && !again.headers().location.includes("other"), `lost: sent again: ${again.status()} ${again.headers().location}`);
  const changed = { ...Object.fromEntries(sent), a: "600" };
  const differs = await other.context.request.post(lostForm, { headers, form: changed, maxRedirects: 0 });
  check(differs.status() === 303 && differs.headers().location.includes("other=1"), `lost: changed: ${differs.status()}`);
  await other.page.goto(lossy + differs.headers().location);
  await other.page.waitForSelector(".trouble");
  await look(other.page, "zh-counter-changed");
  await other.context.close();
}
await page.goto(`${of}/list/care?year=2022`);
await page.goto(`${of}/list/care?year=2022&sort=-date`);
for (const amount of ["31,000.00", "500.00"]) {
  const rows = await page.locator("table.list tbody tr td:nth-child(4)").allTextContents();
  check(rows.filter((text) => text === amount).length === 1, `settled once: ${amount} among ${rows}`);
}
await look(page, "zh-counter-statement");

// Taken back.
await page.locator("table.list tbody tr", { hasText: "500.00" }).first().locator("a[href*='reverse']").click();
await page.waitForURL(/once=/);
await fill(page, { reason: "费用录入有误" });
await done(page, "reverse");
await look(page, "zh-counter-reversed");
await page.goto(`${of}/list/care?year=2022&sort=-date`);
check(!(await page.locator("table.list tbody tr td:nth-child(4)").allTextContents()).includes("500.00"), "reverse: it still stands");

// The whole record, by right and reason; shown once.
await page.goto(of);
await open(page, "view");
await fill(page, { reason: "核对证件" });
await Promise.all([page.waitForEvent("framenavigated"), page.click("form.ask button[type=submit]:not([name])")]);
await page.waitForSelector("main table");
check(!(await page.textContent("main")).includes("**"), "view: it is masked");
await look(page, "zh-counter-clear");

// A large claim by hand waits for another person.
await page.goto(of);
await open(page, "settle");
await fill(page, { ...bill, visit: "W-3", a: "60000", care: "inpatient" });
await page.check("#by_hand");
if (await done(page, "by hand")) {
  check((await page.textContent("h1")).includes("等另一人复核"), `by hand: ${await page.textContent("h1")}`);
  await look(page, "zh-counter-waits");
  const waits = page.url();
  await page.goto(`${base}/work/approvals`);
  check((await page.locator("td.acts a[href*='approve']").count()) === 0, "by hand: who proposed may approve");
  // Who is bound to an area finds the work of its people, and none of others' or of the whole region's.
  for (const [who, count] of [["far", 0], ["near", 1]]) {
    const bounded = await visitor();
    await signIn(bounded.page, who, password);
    await bounded.page.goto(`${base}/work`);
    check((await bounded.page.textContent("a[href$='/approvals'] .count")) === String(count), `${who}: ${await bounded.page.textContent("main")}`);
    check((await bounded.page.locator("a[href$='/filings'] .count").count()) === 1, `${who}: filings are not listed`);
    check((await bounded.page.locator("a[href$='/rejects']").count()) === 0, `${who}: files of the region are offered`);
    await look(bounded.page, `zh-work-${who}`);
    await bounded.page.goto(`${base}/work/approvals`);
    check((await bounded.page.locator("td.acts a[href*='approve']").count()) === count, `${who}: ${count} to approve`);
    await bounded.context.close();
  }
  const second = await visitor();
  await signIn(second.page, "second", password);
  await second.page.goto(`${base}/work/approvals`);
  await second.page.click("td.acts a[href*='approve']");
  await second.page.waitForURL(/once=/);
  await look(second.page, "zh-counter-approve");
  await done(second.page, "approve");
  await second.context.close();
  await page.goto(waits);
  check((await page.locator("#funds").count()) === 1, "by hand: approved, but its form still waits");
}
for (const url of asked) {
  check(![person, number, encodeURIComponent("某甲")].some((told) => url.includes(told)), `the address tells the person: ${url}`);
}
await context.close();

// Without script, and on a telephone.
{
  const plainly = await visitor({ javaScriptEnabled: false });
  await signIn(plainly.page, "clerk", password);
  await find(plainly.page, person);
  check((await plainly.page.locator(".tasks a").count()) > 8, "without script: no tasks");
  await plainly.context.close();
  const small = await visitor({ viewport: { width: 360, height: 740 } });
  await signIn(small.page, "clerk", password);
  await find(small.page, person);
  await look(small.page, "phone-counter-person");
  await small.page.goto(`${small.page.url()}/list/care`);
  await look(small.page, "phone-counter-care");
  await small.context.close();
}

// A resident is told that this is not for him; who has not signed in, to do so. Another's handle is of no use.
{
  const resident = await visitor();
  await resident.page.goto(`${base}/counter`);
  check(resident.page.url() === `${base}/sign-in?to=%2Fcounter`, "nobody: the counter is shown");
  // Who was sent to sign in ends where he wanted.
  await resident.page.fill("#name", "resident");
  await resident.page.fill("#password", password);
  await Promise.all([resident.page.waitForURL(`${base}/counter`), resident.page.click("main button[type=submit]")]);
  for (const elsewhere of ["//evil.example", "https://evil.example", "/\\evil.example"]) {
    await resident.page.goto(`${base}/sign-in?to=${encodeURIComponent(elsewhere)}`);
    check((await resident.page.locator("input[name=to]").count()) === 0, `sign-in leads to ${elsewhere}`);
  }
  for (const path of ["/counter", "/work", new URL(of).pathname, "/counter/do/register"]) {
    const answer = await resident.page.goto(base + path);
    check(answer.status() === 403, `resident: ${path} is answered ${answer.status()}`);
  }
  await look(resident.page, "zh-counter-resident");
  await resident.context.close();
  const second = await visitor();
  await signIn(second.page, "second", password);
  const answer = await second.page.goto(of);
  check(answer.status() === 404, `another's handle is answered ${answer.status()}`);
  await second.context.close();
}

proxy.close();
await end();
