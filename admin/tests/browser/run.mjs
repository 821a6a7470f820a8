// Looks at every page of the admin view in a real browser.
//
//   node run.mjs BASE_URL ENTER_TOKEN [FOLDER_FOR_PICTURES]
//
// Fails on console errors, policy violations, sideways scroll, axe findings, and when the Playground does not answer.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [base, token, folder = 'pictures'] = process.argv.slice(2);
if (!base || !token) throw new Error('usage: node run.mjs BASE_URL ENTER_TOKEN [FOLDER]');
mkdirSync(folder, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const sizes = { 1440: { width: 1440, height: 900 }, 390: { width: 390, height: 844 } };
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
let passed = 0;
const failures = [];
const check = (ok, what) => { if (ok) passed += 1; else { failures.push(what); console.log(`FAILED ${what}`); } };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

const open = async ({ size, theme, language, bypassCSP = false }) => {
  const context = await browser.newContext({
    viewport: sizes[size], deviceScaleFactor: size === '390' ? 2 : 1, hasTouch: size === '390', isMobile: size === '390',
    colorScheme: theme, reducedMotion: 'reduce', locale: { es: 'es-CO', pt: 'pt-BR', en: 'en-US' }[language], bypassCSP,
  });
  await context.addCookies([{ name: 'recado_language', value: language, url: base }]);
  const page = await context.newPage();
  const noise = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) noise.push(message.text()); });
  page.on('pageerror', (error) => noise.push(String(error)));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(`${base}/admin/enter?token=${token}&next=/admin`);
  return { context, page, noise };
};

const address = async (page) => {
  await page.goto(`${base}/admin/inbox`);
  return page.locator('a.conv').first().getAttribute('href');
};

const look = async (size, theme, language) => {
  const { context, page, noise } = await open({ size, theme, language });
  const thread = await address(page);
  const places = [
    ['desk', '/admin'], ['inbox', '/admin/inbox'], ['thread', thread], ['orders', '/admin/orders'],
    ['orders-none', '/admin/orders?q=nothing-like-it'], ['incidents', '/admin/incidents?show=all'], ['dead', '/admin/dead'],
    ['finance', '/admin/finance'], ['finance-parts', '/admin/finance?period=last_month&basis=realised&by=city&why=operating_profit'],
    ['finance-proof', '/admin/finance/proof?figure=orders&period=last_30'],
    ['answers', '/admin/answers'], ['requests', '/admin/requests?show=all'], ['playground', '/admin/playground'],
  ];
  for (const [name, path] of places) {
    const at = `${name} ${size} ${theme} ${language}`;
    noise.length = 0;
    const response = await page.goto(base + path, { waitUntil: 'load' });
    check(response.status() === 200, `${at}: status ${response.status()}`);
    await page.waitForTimeout(150);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    check(wide <= 0, `${at}: ${wide} px of sideways scroll`);
    check((await page.evaluate(() => document.documentElement.lang)) === language, `${at}: lang`);
    check((await page.locator('h1').count()) === 1, `${at}: one h1`);
    check(await page.evaluate(() => document.fonts.check('14px "Hanken Grotesk"')), `${at}: font`);
    check(noise.length === 0, `${at}: ${noise.join(' | ')}`);
    await page.screenshot({ path: `${folder}/${name}-${theme}-${size}-${language}.png` });
  }
  await context.close();
};

const accessible = async (size, theme) => {
  // Only here is the policy off: axe brings its own script.
  const { context, page } = await open({ size, theme, language: 'es', bypassCSP: true });
  const thread = await address(page);
  for (const path of ['/admin', '/admin/inbox', thread, '/admin/orders', '/admin/finance', '/admin/finance/proof?figure=orders&period=last_30', '/admin/incidents?show=all', '/admin/dead', '/admin/answers', '/admin/requests', '/admin/playground']) {
    await page.goto(base + path);
    await page.evaluate(axe);
    const { violations } = await page.evaluate((only) => globalThis.axe.run(document, { runOnly: only }), tags);
    const words = violations.map((one) => `${one.id} (${one.nodes.map((node) => node.target.join(' ')).slice(0, 3).join('; ')})`);
    check(words.length === 0, `axe ${path} ${size} ${theme}: ${words.join(' · ')}`);
  }
  await context.close();
};

const play = async (size) => {
  const { context, page, noise } = await open({ size, theme: 'light', language: 'es' });
  await page.goto(`${base}/admin/playground`);
  const box = page.locator('#say');
  await box.fill('¿Dónde está mi pedido #1842?');
  await box.press('Enter');
  await page.locator('.phone .msg.in', { hasText: 'Coordinadora' }).last().waitFor({ timeout: 15_000 });
  await page.waitForFunction(() => document.querySelector('#say').value === '', null, { timeout: 15_000 });
  check(await box.evaluate((node) => node === document.activeElement), `playground ${size}: the focus stays in the box`);
  // The answer of another turn must not take what is being typed.
  await box.fill('a medias');
  await page.evaluate(() => document.querySelector('.tap button:not([disabled])').click());
  await page.locator('.phone .msg.in').nth(1).waitFor({ timeout: 15_000 });
  await page.waitForTimeout(400);
  check((await box.inputValue()) === 'a medias', `playground ${size}: a live answer keeps what is typed`);
  await box.fill('');
  if (size === '390') await page.locator('label:has(#v-paso)').click();
  await page.locator('#wire li').nth(4).waitFor({ timeout: 15_000 });
  await page.screenshot({ path: `${folder}/playground-happened-${size}.png` });
  if (size === '390') await page.locator('label:has(#v-quien)').click();
  const duplicates = page.locator('.happened .totals dd').nth(2);
  const before = Number(await duplicates.textContent());
  await page.locator('.chip', { hasText: 'dos veces' }).click();
  await page.waitForFunction((n) => Number(document.querySelectorAll('.happened .totals dd')[2].textContent) > n, before, { timeout: 15_000 });
  check(true, `playground ${size}: a repetition counts as a duplicate`);
  if (size === '390') await page.locator('label:has(#v-chat)').click();
  await page.screenshot({ path: `${folder}/playground-chat-${size}.png` });
  check(noise.length === 0, `playground ${size}: ${noise.join(' | ')}`);
  await context.close();
};

const answer = async () => {
  const { context, page, noise } = await open({ size: '1440', theme: 'light', language: 'es' });
  await page.goto(`${base}/admin/inbox?show=all`);
  await page.locator('a.conv', { hasText: 'Yuliana' }).click();
  await page.locator('button', { hasText: '¿Por qué?' }).first().click();
  await page.locator('dialog.drawer[open] .trail').waitFor();
  await page.screenshot({ path: `${folder}/why-light-1440.png` });
  await page.keyboard.press('Escape');
  const words = `Hola, soy Laura ${Date.now()}`;
  const box = page.locator('.composer textarea');
  await box.fill(words);
  await box.press('Control+Enter');
  await page.locator('#log .msg.out', { hasText: words }).waitFor({ timeout: 15_000 });
  check((await page.locator('#log .msg.out', { hasText: words }).count()) === 1, 'inbox: one answer for one send');
  check((await box.inputValue()) === '', 'inbox: the box is empty after sending');
  await page.locator('.thread button', { hasText: 'Devolver al bot' }).click();
  await page.locator('#log .event', { hasText: 'volvió al bot' }).waitFor({ timeout: 15_000 });
  check(noise.length === 0, `inbox: ${noise.join(' | ')}`);
  await page.screenshot({ path: `${folder}/answered-light-1440.png` });
  await context.close();
};

const withoutScript = async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'es-CO' });
  const page = await context.newPage();
  await page.goto(`${base}/admin/enter?token=${token}&next=/admin/playground`);
  await page.locator('#say').fill('hola');
  await page.locator('.phone-write button').click();
  check(await page.locator('.phone .msg.out', { hasText: 'hola' }).count() > 0, 'no script: a message is sent');
  await page.goto(`${base}/admin/incidents`);
  await page.locator('button', { hasText: 'Me encargo' }).first().click();
  check(await page.locator('.toast').count() === 1, 'no script: an act says what it did');
  await context.close();
};

const doors = async () => {
  const context = await browser.newContext({ viewport: sizes[390], locale: 'es-CO' });
  const page = await context.newPage();
  await page.goto(`${base}/admin/orders?q=1`);
  check(page.url().includes('/admin/login?next='), 'a stranger is led to the sign-in');
  await page.locator('#email').fill('nadie@tienda.co');
  await page.locator('#password').fill('no es esta clave');
  await page.locator('button', { hasText: 'Entrar' }).click();
  check(await page.locator('#problems').count() === 1, 'a wrong sign-in says so');
  await page.screenshot({ path: `${folder}/login-390.png` });
  await context.close();
};

const run = async (name, work) => {
  try { await work(); } catch (error) { check(false, `${name}: ${error.message.split('\n').slice(0, 4).join(' ')}`); }
};
for (const size of ['1440', '390']) {
  for (const theme of ['light', 'dark']) await run(`look ${size} ${theme}`, () => look(size, theme, 'es'));
}
for (const language of ['pt', 'en']) {
  await run(`look ${language}`, () => look('1440', 'light', language));
  await run(`look ${language}`, () => look('390', 'light', language));
}
for (const size of ['1440', '390']) await run(`play ${size}`, () => play(size));
await run('answer', answer);
for (const size of ['1440', '390']) {
  for (const theme of ['light', 'dark']) await run(`axe ${size} ${theme}`, () => accessible(size, theme));
}
await run('no script', withoutScript);
await run('doors', doors);
await browser.close();
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
