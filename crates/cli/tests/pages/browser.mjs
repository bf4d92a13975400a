// What the walks through the pages share: a real browser, visitors whose every fault is written down, and a look at a page by axe.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [modules, browserPath] = process.argv.slice(2);
export const [base, out] = process.argv.slice(4);
export const facts = JSON.parse(process.argv[6]);
const require = createRequire(modules);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Every fault that is found; none is good. Where the walk itself cannot go on, they are told too. */
export const findings = [];
process.on("uncaughtException", (fault) => {
  console.error(findings.join("\n"), fault);
  process.exit(1);
});
export const check = (good, what) => { if (!good) findings.push(what); };
export const browser = await chromium.launch({
  executablePath: browserPath,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A new visitor, whose every fault is written down and who may ask one server only; all that was asked is kept in `asked`. */
export async function visitor(options = {}, from = base) {
  const context = await browser.newContext({ viewport: { width: 1180, height: 900 }, locale: "zh-CN", ...options });
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const asked = [];
  page.on("console", (message) => {
    const told = /status of 4[0-9][0-9]|ERR_EMPTY_RESPONSE|ERR_CONNECTION|ERR_SOCKET/;
    if (message.type() === "error" && !told.test(message.text())) findings.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => findings.push(`script: ${error}`));
  page.on("request", (request) => {
    asked.push(request.url());
    check(request.url().startsWith(from) || request.url().startsWith("chrome-error:"), `asks elsewhere: ${request.url()}`);
  });
  return { context, page, asked };
}

/** Whether everybody can read a page, and a picture of it. */
export async function look(page, picture) {
  await page.evaluate(axe);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), tags);
  for (const { id, nodes } of violations) {
    findings.push(`${picture}: ${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
  }
  const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
  check(wide <= 0, `${picture}: ${wide} pixels wider than the window`);
  await page.screenshot({ path: join(out, `${picture}.png`), fullPage: true });
}

/** Goes on by the keyboard alone to what a selector names; the focus must be seen. */
export async function tab(page, selector) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
      const seen = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      check(seen !== "none", `keyboard: the focus on ${selector} cannot be seen`);
      return;
    }
  }
  findings.push(`keyboard: ${selector} is never reached`);
}

/** Signs a user in. */
export async function signIn(page, name, password, from = base) {
  await page.goto(`${from}/sign-in`);
  await page.fill("#name", name);
  await page.fill("#password", password);
  await Promise.all([page.waitForURL(`${from}/`), page.click("main button[type=submit]")]);
}

/** Ends the walk: tells what was found. */
export async function end() {
  await browser.close();
  console.log(JSON.stringify(findings));
}
