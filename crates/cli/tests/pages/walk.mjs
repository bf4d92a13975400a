// Walks through the pages in a real browser, as people would. Called by the test `pages`, which checks what is printed:
// one line of JSON with every finding; none is good. Pictures of all pages are left in a folder.
import { join } from "node:path";
import { base, check, end, facts, look, out, tab, visitor } from "./browser.mjs";

const { due, both, draft, settled, name, password } = facts;

const plain = (text) => (text || "").replaceAll(",", "").trim();
const bill = "region=chongqing&date=2022-06-30&care=inpatient&level=2&filing=local&tier=first&group=adult&age=40&category=&a=31000&a1=9000&care1=inpatient&level1=2&ask=1";
const pages = [
  ["home", "/"], ["pay-empty", "/pay"], ["pay", "/pay?region=chongqing&year=2022&tier=first&group=adult&category=&ask=1"],
  ["benefit-empty", "/benefit"], ["benefit", `/benefit?${bill}`], ["refused", "/benefit?region=chongqing&date=2030-13-99&a=5&ask=1"],
  ["sign-in", "/sign-in"], ["policy", "/policy"], ["terms", "/policy/terms?region=chongqing&on=2022-06-30"],
  ["compare", "/policy/compare?region=chongqing&on=2021-06-30&with=chongqing&then=2022-06-30"],
  ["open", "/policy/open?region=chongqing&on=2022-06-30"], ["coverage", "/policy/coverage?of=CQ21"], ["nowhere", "/no-such-page"],
];

for (const lang of ["zh", "en"]) {
  const { context, page } = await visitor();
  await page.goto(`${base}/?lang=${lang}`);
  for (const [picture, path] of pages) {
    await page.goto(base + path);
    // All cases are run once, and who comes too early is asked to look again.
    for (let looks = 0; looks < 200 && (await page.locator("[role=status]").count()) > 0; looks += 1) await page.goto(base + path);
    const told = await page.evaluate(() => document.documentElement.lang);
    check(told === (lang === "zh" ? "zh-CN" : "en"), `${picture}: language ${told}`);
    await look(page, `${lang}-${picture}`);
  }
  // The main jobs, by the form itself.
  await page.goto(`${base}/pay?region=chongqing`);
  await page.fill("#year", "2022");
  await page.selectOption("#tier", "first");
  await page.click("button[name=ask]");
  const personal = await page.textContent("#personal");
  check(personal.replaceAll(",", "").startsWith(`${due} `), `${lang}: the page says ${personal}, the program ${due}`);
  // No other age stands in for one that is none.
  await page.goto(`${base}/pay?region=chongqing&year=2022&tier=first&group=adult&age=130&ask=1`);
  check((await page.locator(".trouble", { hasText: "130" }).count()) === 1 && (await page.locator("#personal").count()) === 0, `${lang}: an age of 130 is answered`);
  check((await page.inputValue("#age")) === "130", `${lang}: the age that was written is gone`);
  await page.goto(`${base}/benefit?region=chongqing`);
  await page.fill("#date", "2022-06-30");
  await page.selectOption("#tier", "first");
  // As an input method may write it.
  await page.fill("#a", lang === "zh" ? "３１，０００ 元" : "31,000");
  await page.click("button[name=ask]");
  for (const [id, amount] of [["funds", settled.funds], ["own", settled.own]]) {
    const says = await page.textContent(`#${id}`);
    check(says.replaceAll(",", "").startsWith(`${amount} `), `${lang}: ${id} is ${says}, the program says ${amount}`);
  }
  for (const summary of await page.locator("details > summary").all()) await summary.click();
  check((await page.locator("details[open] .cites li").count()) > 3, `${lang}: the reasons open into their clauses`);
  if (lang === "en") {
    const left = await page.evaluate(() => (document.querySelector("main").innerText.match(/[\u4e00-\u9fff]{4,}/g) || []).length);
    check(left < 12, `en: ${left} Chinese phrases on the page of a bill`);
  }
  await look(page, `${lang}-benefit-open`);
  // What was asked stands in no address, and can be shown again; for another visitor the address is of no use.
  const shown = page.url();
  check(!/31000|first|2022/.test(shown), `${lang}: the address tells what was asked: ${shown}`);
  await page.reload();
  check(plain(await page.textContent("#funds")).startsWith(`${settled.funds} `), `${lang}: a reload shows something else`);
  const other = await visitor();
  await other.page.goto(shown);
  check((await other.page.locator("#funds").count()) === 0, `${lang}: another visitor sees what was asked`);
  await look(other.page, `${lang}-benefit-lost`);
  await other.context.close();
  // What few need: several categories at once, a day of birth, a mark, an earlier bill; a draft.
  await page.goto(`${base}/benefit?region=chongqing`);
  await page.fill("#date", "2022-06-30");
  await page.selectOption("#tier", "first");
  await page.fill("#a", "31000");
  await page.selectOption("#category", "severe-disability");
  for (const summary of await page.locator("form.ask > details > summary").all()) await summary.click();
  await page.fill("#birth", "1950-07-01");
  await page.check("#category-minimum-allowance");
  await page.check("#mark-major-illness");
  await look(page, `${lang}-benefit-rare`);
  await page.click("button[name=ask]");
  check(plain(await page.textContent("#funds")).startsWith(`${both} `), `${lang}: with both categories ${await page.textContent("#funds")}, the program ${both}`);
  check(await page.isChecked("#category-minimum-allowance") && await page.isVisible("#birth"), `${lang}: what was told is folded away or lost`);
  await page.click("form.ask > details > summary >> nth=0");
  await page.fill("#a1", "9000");
  await page.fill("#date1", "2021-12-31");
  await page.click("button[name=ask]");
  await page.waitForSelector(".trouble");
  await look(page, `${lang}-benefit-earlier`);
  await page.goto(`${base}/pay?region=tianjin`);
  await page.fill("#year", "2023");
  await page.selectOption("#tier", "low");
  await page.click("form.ask > details > summary");
  await page.selectOption("#draft", { index: 1 });
  await look(page, `${lang}-pay-rare`);
  await page.click("button[name=ask]");
  check(plain(await page.textContent("#personal")).startsWith(`${draft} `), `${lang}: with the draft ${await page.textContent("#personal")}, the program ${draft}`);
  await context.close();
}

// Large letters, high contrast, dark, a telephone, paper.
for (const [picture, choice, options] of [
  ["large", "text=large", {}], ["contrast", "contrast=high", {}], ["dark", "theme=dark", {}],
  ["contrast-dark", "contrast=high&theme=dark", {}], ["phone", "text=normal", { viewport: { width: 360, height: 740 } }],
  ["phone-large", "text=large", { viewport: { width: 360, height: 740 } }],
]) {
  const { context, page } = await visitor(options);
  for (const [what, path] of pages.filter(([what]) => ["home", "benefit", "policy"].includes(what))) {
    await page.goto(`${base}${path}${path.includes("?") ? "&" : "?"}${choice}`);
    await look(page, `${picture}-${what}`);
  }
  await context.close();
}
{
  const { context, page } = await visitor();
  await page.goto(`${base}/benefit?${bill}`);
  await page.emulateMedia({ media: "print" });
  check(!(await page.locator("form.ask").first().isVisible()), "print: the forms are left out");
  await page.screenshot({ path: join(out, "print-benefit.png"), fullPage: true });
  await context.close();
}

// Without script: all that is asked is answered.
{
  const { context, page } = await visitor({ javaScriptEnabled: false });
  await page.goto(`${base}/pay?region=chongqing`);
  await page.fill("#year", "2022");
  await page.click("button[name=ask]");
  check((await page.textContent("#personal")).includes("."), "without script: no amount");
  await context.close();
}

// By the keyboard alone: skip to the content, sign in, see one's statements and the reasons, sign out.
{
  const { context, page } = await visitor();
  const keys = page.keyboard;
  const to = (selector) => tab(page, selector);
  await page.goto(`${base}/sign-in`);
  await to("a.skip");
  await keys.press("Enter");
  await to("#name");
  await keys.type(name);
  await to("#password");
  await keys.type("not the password");
  await keys.press("Enter");
  await page.waitForSelector(".trouble");
  check((await page.inputValue("#name")) === name, "keyboard: a wrong password keeps the name");
  await look(page, "zh-sign-in-wrong");
  await to("#password");
  await keys.type(password);
  await Promise.all([page.waitForURL(`${base}/`), keys.press("Enter")]);
  for (const cookie of await context.cookies()) {
    if (cookie.name !== "tongchou-view") check(cookie.httpOnly && cookie.sameSite === "Strict", `cookie ${cookie.name} is open`);
  }
  await look(page, "zh-home-signed-in");
  await to("a[href='/mine']");
  await Promise.all([page.waitForURL(`${base}/mine`), keys.press("Enter")]);
  check((await page.locator("tbody tr").count()) > 1, "mine: nothing settled is shown");
  await look(page, "zh-mine");
  await to("button[name=settlement]");
  await keys.press("Enter");
  await page.waitForSelector(".cites li");
  check(page.url() === `${base}/mine`, `mine: the address says ${page.url()}`);
  check(!/ para |-illustrative/.test(await page.textContent("main")), "mine: a source is told by codes");
  await look(page, "zh-mine-why");
  await page.goto(`${base}/mine?lang=en`);
  await look(page, "en-mine");
  // Another site's form, or none of ours, does nothing.
  const forged = await context.request.post(`${base}/sign-out`, { form: { "form-token": "0".repeat(64) } });
  check(forged.status() === 403, `a forged form is answered ${forged.status()}`);
  await page.goto(`${base}/`);
  await to(".who button");
  await Promise.all([page.waitForURL(`${base}/`), keys.press("Enter")]);
  await page.waitForSelector("a[href='/sign-in']");
  await page.goto(`${base}/mine`);
  check(page.url() === `${base}/sign-in?to=%2Fmine`, "signed out: statements are still shown");
  await context.close();
}

// What was typed comes back as text, whatever it is.
{
  const { context, page } = await visitor();
  const evil = encodeURIComponent("\"><script>document.title='broken'</script><img src=x onerror=alert(1)>");
  for (const path of [`/benefit?a=${evil}&ask=1`, `/pay?year=${evil}&ask=1`, `/policy/terms?region=${evil}`, `/policy/terms?on=${evil}`]) {
    await page.goto(base + path);
    check((await page.title()) !== "broken" && (await page.locator("main img").count()) === 0, `escaped: ${path}`);
  }
  await context.close();
}

await end();
