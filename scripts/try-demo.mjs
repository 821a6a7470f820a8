// Tries a running `recado demo` as a visitor would: with signed webhooks sent by hand, and in the Playground.
//
//   node scripts/try-demo.mjs PLAYGROUND_LINK WHATSAPP_STAND_IN [PICTURE]
//
// Both addresses are those that the demo prints. PICTURE is a file for a screenshot of the Playground. Needs
// `npm ci` in admin/tests/browser and a Chromium (CHROMIUM, or /usr/bin/chromium).
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../admin/tests/browser/', import.meta.url))('playwright-core');
const [link, standIn, picture] = process.argv.slice(2);
if (!link || !standIn) throw new Error('usage: node scripts/try-demo.mjs PLAYGROUND_LINK WHATSAPP_STAND_IN [PICTURE]');
const base = new URL(link).origin;
const patience = 20_000;

let passed = 0;
const failures = [];
const check = (ok, what) => {
  if (ok) passed += 1;
  else {
    failures.push(what);
    console.log(`FAILED ${what}`);
  }
};
const run = async (name, work) => {
  try {
    await work();
  } catch (error) {
    check(false, `${name}: ${error.message.split('\n').slice(0, 4).join(' ')}`);
  }
};
const until = async (what, question) => {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${patience / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

// ---- by hand, as the README shows

const phone = '573005550142';
const post = async (body, secret = 'demo-app-secret') => {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  return (await fetch(`${base}/webhooks/whatsapp`, { method: 'POST', headers, body })).status;
};
const answers = async () => {
  const ledger = await (await fetch(`${standIn}/_ledger?only=sends`)).json();
  return ledger.sends.filter((sent) => sent.accepted && sent.to.endsWith(phone));
};
const settled = async () => {
  const { queues } = await (await fetch(`${base}/health`)).json();
  return queues && queues.open === 0 && queues.to_send === 0;
};

const byHand = async () => {
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{
      id: '102290555000042',
      changes: [{
        field: 'messages',
        value: {
          messaging_product: 'whatsapp',
          metadata: { display_phone_number: '576015550042', phone_number_id: '106540355500042' },
          contacts: [{ profile: { name: 'Yuliana Patiño' }, wa_id: phone }],
          messages: [{
            from: phone, id: `wamid.by-hand-${Date.now()}`, timestamp: String(Math.floor(Date.now() / 1000)),
            type: 'text', text: { body: '¿dónde está mi pedido #1042?' },
          }],
        },
      }],
    }],
  });
  const before = (await answers()).length;
  check((await post(body, 'another secret')) === 401, 'by hand: a wrong signature is refused');
  check((await post(body)) === 200, 'by hand: a right signature is accepted');
  await until('an answer in the ledger', async () => (await answers()).length > before);
  const { body: words } = (await answers()).at(-1);
  check(words.includes('#1042') && words.includes('Coordinadora'), `by hand: the answer is about the order: ${words}`);
  check((await post(body)) === 200, 'by hand: the same again is accepted');
  await until('empty queues', settled);
  check((await answers()).length === before + 1, 'by hand: the same again is not answered again');
  const health = await (await fetch(`${base}/health`)).json();
  check(health.status === 'ok', `health: ${health.status}`);
  check(health.queues.gap === 0 && health.queues.dead === 0, `health: ${JSON.stringify(health.queues)}`);
};

// ---- in the Playground

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'es-CO', reducedMotion: 'reduce' });
const page = await context.newPage();

// Says something as a persona and waits for an answer that holds all of these words.
const says = async (persona, text, ...words) => {
  await page.goto(`${base}/admin/playground?persona=${persona}`);
  const arrived = page.locator('.phone .msg.in');
  const before = await arrived.count();
  const said = page.locator('.phone .msg.out');
  const mine = await said.count();
  // A program is faster than a page that is still fetching its phone: what was typed into the old form is typed again.
  for (let tries = 0; tries < 3 && (await said.count()) === mine; tries += 1) {
    await page.locator('#say').fill(text);
    await page.locator('#say').press('Enter');
    for (let waited = 0; waited < 30 && (await said.count()) === mine; waited += 1) await page.waitForTimeout(100);
  }
  await until(`an answer to ${persona}`, async () => (await arrived.count()) > before && !(await page.locator('#w-typing').count()));
  const answer = (await arrived.last().innerText()).replace(/\s+/g, ' ');
  for (const word of words) check(answer.includes(word), `${persona}: «${text}» is answered with ${word}: ${answer}`);
};

await run('by hand', byHand);
await run('the link', async () => {
  const response = await page.goto(link);
  check(response.status() === 200, `the printed link opens: ${response.status()}`);
});
await run('staff', () => says('laura', '/incidentes', 'Cali'));
await run('owner', () => says('ana-maria', '¿cuánto vendí hoy?', '$', 'pedido'));
await run('pictures and documents', async () => {
  await says('ana-maria', 'gráfica de ventas del mes pasado', 'ventas netas', '$');
  const shown = page.locator('.phone .file-image img').last();
  await shown.waitFor({ timeout: patience });
  await until('the picture', () => shown.evaluate((image) => image.complete && image.naturalWidth === 1080));
  check(true, 'owner: the chart is a picture on the phone');
  for (const [text, begin] of [['pásame el informe del mes pasado en PDF', '%PDF'], ['y en excel', 'PK']]) {
    await says('ana-maria', text, 'ventas netas');
    const href = await page.locator('.phone .file-card').last().getAttribute('href');
    const file = await page.request.get(new URL(href, base).href);
    check(file.status() === 200 && (await file.body()).subarray(0, begin.length).toString() === begin, `owner: «${text}» opens`);
  }
});
await run('shopper', async () => {
  await says('yuliana', '¿dónde está mi pedido #1042?', '#1042', 'Coordinadora');
  await page.locator('#wire li').nth(4).waitFor({ timeout: patience });
  check((await page.locator('#wire li').count()) >= 5, 'shopper: what happened is shown step by step');
  if (picture) await page.screenshot({ path: picture });
});
await browser.close();
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
