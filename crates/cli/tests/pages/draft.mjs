// Walks through what is found in the files and edits a copy of a notice, as a policy clerk would. Called by the test `pages`, which
// checks what is printed: one line of JSON with every finding; none is good.
import { readFileSync } from "node:fs";
import { base, check, end, facts, look, signIn, tab, visitor } from "./browser.mjs";

const notice = "chongqing-illustrative";
const at = `${base}/policy/draft?of=${notice}`;
const lines = (text) => text.split("\n");
const value = (page) => page.inputValue("#text");
const status = (page, wanted) => page.waitForFunction((words) => document.getElementById("told").textContent.includes(words), wanted);

/** Puts the cursor at the end of a line, counted from one. */
const to = (page, line) => page.evaluate((wanted) => {
  const text = document.getElementById("text");
  const end = text.value.split("\n").slice(0, wanted).join("\n").length;
  text.focus();
  text.setSelectionRange(end, end);
}, line);

for (const lang of ["zh", "en"]) {
  const { context, page } = await visitor();
  const keys = page.keyboard;
  page.on("dialog", (dialog) => dialog.accept());
  // An answer can be held back. From the beginning: where requests are under way already, the browser may lose one of them.
  let hold = null;
  await page.route(`${base}/policy/draft/words`, async (route) => {
    const held = hold;
    if (!held) return route.continue();
    const response = await route.fetch();
    await held.until;
    await route.fulfill({ response });
    held.given();
  });
  const words = lang === "zh" ? { none: "0 处错误", one: "1 处错误", changed: "个的数变了" } : { none: "0 errors", one: "1 errors", changed: "of them change" };

  // All findings, those of a region, and from one of them to its line.
  await page.goto(`${base}/policy/findings?lang=${lang}`);
  const all = await page.locator(".findings li").count();
  check(all > 3, `${lang}: ${all} findings`);
  await look(page, `${lang}-findings`);
  await page.selectOption("#region", "chongqing");
  await page.click("main form button");
  const some = await page.locator(".findings li").count();
  check(some > 0 && some < all, `${lang}: ${some} findings of a region, ${all} in all`);
  await look(page, `${lang}-findings-region`);
  const line = page.locator(".findings li.warning a").first();
  const number = (await line.textContent()).match(/\d+/)[0];
  await line.click();
  await page.waitForSelector(".gutter div");
  const begins = await page.evaluate(() => document.getElementById("text").value.slice(0, document.getElementById("text").selectionStart).split("\n").length);
  check(String(begins) === number, `${lang}: the finding is of line ${number}, the cursor is on ${begins}`);

  // From the page of notices to a copy of one.
  await page.goto(`${base}/policy`);
  await page.click(`a[href='/policy/draft?of=${notice}']`);
  const whole = await value(page);
  check(whole.includes(`id = "${notice}"`), `${lang}: the text is another one`);
  check((await page.textContent("#counts")).includes(words.none), `${lang}: errors in a notice as it is`);
  await look(page, `${lang}-draft`);

  // A mistake is found where it is typed, a moment later; its line is marked, and its finding leads there.
  await to(page, 12);
  await keys.type("\nnonsens = 1\n");
  await status(page, words.one);
  const fault = page.locator("#found li.error");
  check((await fault.getAttribute("data-line")) === "13", `${lang}: the mistake is on line 13, told of ${await fault.getAttribute("data-line")}`);
  check((await page.locator(".gutter .error").textContent()) === "13", `${lang}: the line is not marked`);
  check((await fault.textContent()).includes("nonsens"), `${lang}: ${await fault.textContent()}`);
  await look(page, `${lang}-draft-mistake`);
  await page.evaluate(() => document.getElementById("text").setSelectionRange(0, 0));
  await fault.locator("a").click();
  const there = await page.evaluate(() => [document.activeElement.id, document.getElementById("text").selectionStart]);
  check(there[0] === "text" && there[1] === lines(whole).slice(0, 12).join("\n").length + 1, `${lang}: the finding leads to ${there}`);
  for (let undone = 0; undone < 20 && (await value(page)) !== whole; undone += 1) await keys.press("Control+z");
  check((await value(page)) === whole, `${lang}: what was typed cannot be undone`);
  await status(page, words.none);

  // Proposals: a key, a field, a word, by the keyboard.
  const last = lines(whole).length;
  await to(page, last);
  await keys.type("\n[[");
  await keys.press("Control+Space");
  await page.waitForSelector("#proposals:not([hidden]) [role=option]");
  check((await page.locator("#proposals [role=option]").count()) > 20, `${lang}: few keys are proposed`);
  await look(page, `${lang}-draft-proposals`);
  await keys.type("stage.special.ca");
  await page.waitForSelector("#proposals:not([hidden]) [role=option]");
  await keys.press("Enter");
  await keys.type("\np");
  await page.waitForSelector("#proposals:not([hidden]) [role=option]");
  const means = await page.textContent("#proposals [role=option][aria-selected=true]");
  check(means.startsWith("per"), `${lang}: the first field that begins with p is ${means}`);
  await keys.press("Enter");
  await keys.press("Control+Space");
  await page.waitForSelector("#proposals:not([hidden]) [role=option]");
  check((await page.locator("#proposals [role=option]").count()) === 3, `${lang}: a cap is per visit, year or lifetime`);
  await keys.press("ArrowDown");
  await keys.press("Enter");
  await keys.type('\nrows = [{ tier = "f');
  await page.waitForSelector("#proposals:not([hidden]) [role=option]");
  await keys.press("Escape");
  check(await page.locator("#proposals").isHidden(), `${lang}: Escape closes the proposals`);
  await keys.type("i");
  await page.waitForSelector("#proposals:not([hidden]) [role=option]");
  // Of a slow server: what was proposed for fewer letters takes the place of all that stand, and its late answer opens nothing.
  let free;
  const late = new Promise((given) => { hold = { until: new Promise((done) => { free = done; }), given }; });
  await keys.type("r");
  await keys.press("Enter");
  free();
  await late;
  hold = null;
  check(await page.locator("#proposals").isHidden(), `${lang}: a late answer opens the proposals again`);
  await keys.type(", amount = 5 }]\n");
  const tail = lines((await value(page)).slice(whole.length));
  const expected = ["[[stage.special.cap]]", 'per = "year"', 'rows = [{ tier = "first", amount = 5 }]'];
  check(expected.every((one) => tail.includes(one)), `${lang}: the proposals wrote ${JSON.stringify(tail)}`);

  // A ratio changed changes cases, by name, and by the amount that it should.
  const ratio = 'rows = [{ ratio = "60%" }]';
  const part = whole.indexOf("[[stage.catastrophic.bands]]");
  const where = whole.indexOf(ratio, part);
  check(part > 0 && where > 0, "the catastrophic ratio is not where it was");
  const changed = whole.slice(0, where) + ratio.replace("60", "70") + whole.slice(where + ratio.length);
  await page.fill("#text", changed);
  await page.click("button[value=cases]");
  await page.waitForSelector("#changed");
  const named = page.locator(".changed", { hasText: "倾斜：同样2万元负担，普通人得2752.80元" });
  // 20,000 of burden less the line of 15,412, times 70%.
  check((await named.locator(".figures").textContent()).includes("3211.60"), `${lang}: the case says ${await named.textContent()}`);
  check((await named.locator(".cites").textContent()).includes("CQ21-02.2j"), `${lang}: the case names no clause`);
  check((await page.textContent("#told")).includes(words.changed), `${lang}: ${await page.textContent("#told")}`);
  check((await value(page)) === changed, `${lang}: the draft was lost by comparing it`);
  await look(page, `${lang}-draft-cases`);
  if (lang === "en") {
    const told = await page.evaluate(() => document.querySelector("#compared .figures").innerText);
    check(!/[\u4e00-\u9fff]/.test(told), `en: ${told}`);
  }

  // The file is the text, under the notice's name; after that nothing is lost by leaving.
  let asked = 0;
  page.on("dialog", () => { asked += 1; });
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("button[value=download]")]);
  check(download.suggestedFilename() === "illustrative.toml", `the file is called ${download.suggestedFilename()}`);
  check(readFileSync(await download.path(), "utf8") === changed, `${lang}: the file is another text`);
  await page.goto(`${base}/policy`);
  check(asked === 0, `${lang}: asked though the file was taken home`);
  await page.goto(at);
  await page.click("#text");
  await keys.type("#");
  const typed = await value(page);
  const other = lang === "zh" ? "en" : "zh";
  await page.click(`footer button[formaction$="lang=${other}"]`);
  await page.waitForSelector(`html[lang^=${other}]`);
  check(asked === 0 && (await value(page)) === typed, `${lang}: a change of language costs the draft`);
  await look(page, `${other}-draft-switched`);
  await page.click("#text");
  await page.goto(`${base}/policy`);
  check(asked === 1, `${lang}: changes are lost without a question`);
  await context.close();
}

// By the keyboard alone: into the editor, and out of it.
{
  const { context, page } = await visitor();
  page.on("dialog", (dialog) => dialog.accept());
  await page.goto(at);
  await tab(page, "#text");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("x = 1\n");
  await status(page, "1 处错误");
  await tab(page, "button[value=cases]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#compared .trouble");
  check((await page.textContent("#compared")).includes("错误"), "a draft with errors is not compared");
  await context.close();
}

// Without script the buttons do the same, and the text stays.
{
  const { context, page } = await visitor({ javaScriptEnabled: false });
  await page.goto(at);
  const whole = await value(page);
  check(!(await page.locator("#keys").isVisible()), "without script: a promise that is not kept");
  await page.fill("#text", `${whole}\nnonsense = 1\n`);
  await page.click("button[value=check]");
  check((await page.locator("#found li.error").count()) === 1, "without script: the mistake is not found");
  check((await value(page)) === `${whole}\nnonsense = 1\n`, "without script: the text is lost");
  // Neither the language nor the letters cost the draft, what is typed since it was sent included; its address tells nothing of it.
  await page.fill("#text", `${whole}\nnonsense = 2\n`);
  for (const [choice, shows] of [["lang=en", "html[lang=en]"], ["text=large", "html[data-text=large][lang=en]"], ["lang=zh", "html[lang=zh-CN][data-text=large]"]]) {
    await page.click(`footer button[formaction="/policy/draft?${choice}"]`);
    await page.waitForSelector(shows);
    check((await value(page)) === `${whole}\nnonsense = 2\n`, `${choice}: the draft is lost`);
    check((await page.locator("#found li.error").count()) === 1, `${choice}: the mistake is not told`);
    check(page.url() === `${base}/policy/draft?${choice}`, `${choice}: ${page.url()}`);
  }
  await page.goto(`${base}/policy`);
  check((await page.locator("html[data-text=large]").count()) === 1, "without script: what was chosen is not kept");
  await page.goto(`${at}&text=normal`);
  await page.fill("#text", whole);
  await page.click("button[value=cases]");
  check((await page.textContent("#changed")).includes("，0 个的数变了"), `an unchanged notice: ${await page.textContent("#changed")}`);
  await context.close();
}

// On a telephone, large and dark.
for (const [picture, choice, options] of [
  ["phone", "text=large", { viewport: { width: 360, height: 740 } }], ["contrast-dark", "contrast=high&theme=dark", {}], ["dark", "theme=dark", {}],
]) {
  const { context, page } = await visitor(options);
  for (const [what, path] of [["findings", "/policy/findings"], ["draft", `/policy/draft?of=${notice}`]]) {
    await page.goto(`${base}${path}${path.includes("?") ? "&" : "?"}${choice}`);
    await look(page, `${picture}-${what}`);
  }
  await context.close();
}

// What is typed stays text; a form of another site, too long a text and an unknown notice are refused.
{
  const { context, page } = await visitor();
  page.on("dialog", (dialog) => dialog.accept());
  await page.goto(at);
  const evil = '</textarea><script>document.title="broken"</script>';
  await page.fill("#text", evil);
  await page.waitForSelector("#found li.error");
  check((await page.title()) !== "broken" && (await page.locator("#found script").count()) === 0, "what was typed is run");
  const token = await page.inputValue("input[name=form-token]");
  const post = (form) => context.request.post(`${base}/policy/draft/part`, { form, headers: { origin: base } });
  const long = "#".repeat(200 * 1024);
  for (const [form, wanted] of [
    [{ "form-token": "0".repeat(64), of: notice, text: "" }, 403], [{ "form-token": token, of: notice, text: long }, 413],
    [{ "form-token": token, of: "no-such-notice", text: "" }, 404], [{ "form-token": token, of: notice, text: "" }, 200],
  ]) {
    const { length } = form.text;
    check((await post(form)).status() === wanted, `${form.of}, ${length} letters: not ${wanted}`);
  }
  await context.close();
}

// On the books: who sets the terms sees what a year would have come to, by fund and by nobody's name.
for (const [lang, who] of [["zh", "policy"], ["en", "policy"], ["zh", "clerk"]]) {
  const { context, page } = await visitor();
  page.on("dialog", (dialog) => dialog.accept());
  await signIn(page, who, facts.password);
  await page.goto(`${at}&lang=${lang}`);
  if (who === "clerk") {
    check((await page.locator("button[value=books]").count()) === 0, "a clerk of the counter is offered the books");
    const form = { "form-token": await page.inputValue("main input[name=form-token]"), of: notice, text: await value(page), do: "books" };
    const answer = await context.request.post(`${base}/policy/draft/part`, { form, headers: { origin: base } });
    check((await answer.text()).includes("只有政策管理"), "a clerk of the counter tries a draft on the books");
    await context.close();
    continue;
  }
  const whole = await value(page);
  await page.click("button[value=books]");
  await page.waitForSelector("#tried");
  const same = await page.textContent("#tried");
  check(/[1-9]\d* (笔就诊|visits)/.test(same) && /\D0 (人多负担|bear more)/.test(same), `${lang}: the notice as it is: ${same}`);
  check((await page.locator("#compared tr.differs").count()) === 0, `${lang}: the notice as it is changes sums`);
  // Less for care at hospitals of the second level.
  await page.fill("#text", whole.replace('{ tier = "first", level = "2", ratio = "70%" }', '{ tier = "first", level = "2", ratio = "10%" }')
    .replace('{ tier = "first", level = "2", ratio = "60%" }', '{ tier = "first", level = "2", ratio = "10%" }'));
  await page.click("button[value=books]");
  await page.waitForSelector("#compared tr.differs");
  const sum = async (row) => (await row.locator("td").allTextContents()).map((text) => Math.round(parseFloat(text.replaceAll(",", "").replace("−", "-")) * 100));
  let total = 0;
  for (const row of await page.locator("#compared table").first().locator("tbody tr").all()) {
    const [now, then, change] = await sum(row);
    check(then - now === change, `${lang}: ${now}, ${then}, ${change}`);
    total += change;
  }
  check(total === 0, `${lang}: what funds pay less, persons bear: ${total} fen are left`);
  check(/[1-9]\d* (人多负担|bear more)/.test(await page.textContent("#tried")), `${lang}: nobody bears more`);
  check((await page.locator("#compared table").nth(1).locator("tbody tr").count()) > 0, `${lang}: no largest change`);
  await look(page, `${lang}-draft-books`);
  await context.close();
}

await end();
