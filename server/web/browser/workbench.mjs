// Opens the page as an inspector would, over the sample district: map, parcel, verdict, filters, languages, narrow screen. Fails on
// any error in the console, any request to another host, any answer of 400 or more.
import { chromium } from 'playwright-core';
import assert from 'node:assert/strict';
import path from 'node:path';

const { ADDRESS, BROWSER, RESULTS } = process.env;
const faults = [];
const refusals = new Set(); // statuses that a step expects
const browser = await chromium.launch({
  executablePath: BROWSER,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** open makes a window whose every fault is noted. */
async function open(width, height, locale, hash = '') {
  const context = await browser.newContext({ viewport: { width, height }, locale, reducedMotion: 'reduce', acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('console', (m) => { if (['error', 'warning'].includes(m.type()) && !(refusals.size && /status of/.test(m.text())) && !/GL Driver Message|GPU stall/.test(m.text())) faults.push(`console: ${m.text()}`); });
  page.on('pageerror', (e) => faults.push(`page: ${e.stack}`));
  page.on('request', (r) => { if (!r.url().startsWith(ADDRESS) && !/^(data|blob):/.test(r.url())) faults.push(`request to elsewhere: ${r.url()}`); });
  page.on('response', (r) => { if (r.status() >= 400 && !refusals.has(r.status())) faults.push(`${r.status()} ${r.url()}`); });
  await page.goto(`${ADDRESS}/${hash}`);
  await page.locator('#findings-table tbody tr').first().waitFor();
  await idle(page);
  return page;
}

const idle = (page) => page.locator('#map[data-idle]').waitFor();
const shot = (page, name) => page.screenshot({ path: path.join(RESULTS, `${name}.png`) });
const text = async (page, selector) => (await page.locator(selector).first().innerText()).trim();
const rows = (page) => page.locator('#findings-table tbody tr').count();
const total = async (page) => Number((await text(page, '#findings .count')).replace(/\D/g, ''));

/** at is the place on the screen of a fraction of the map. */
async function at(page, x, y) {
  const box = await page.locator('#map').boundingBox();
  return [box.x + box.width * x, box.y + box.height * y];
}

/** parcelAt clicks a row of the list, waits for its parcel on the map, and then clicks the map where it lies. */
async function clickOnMap(page, id) {
  await page.locator(`#findings-table tr[data-id="${id}"]`).first().click();
  await page.locator('#panel .status-block').waitFor();
  await idle(page);
  await page.locator('#panel .panel-head button').click();
  assert.ok(!(await page.locator('body.panel-open').count()), 'the panel closes');
  await idle(page);
  const [x, y] = await at(page, 0.5, 0.5);
  await page.mouse.click(x, y);
  await page.locator('#panel .status-block').waitFor();
}

async function wideInChinese() {
  const page = await open(1440, 900, 'zh-CN');
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
  assert.match(await text(page, '#header .totals'), /269/);
  assert.equal(await text(page, '#layers .legend-row[data-value="suspected_idle"] .num'), '12');
  assert.match(await text(page, '#no-zone'), /30/);
  await shot(page, 'wide-zh');

  // A parcel on the map: click, status in words, since, verdict with clause and quote.
  await clickOnMap(page, '450102001001GB00062');
  assert.match(await text(page, '#panel h2'), /450102001001GB00062/);
  assert.match(await text(page, '#panel .status-block'), /疑似闲置/);
  assert.match(await text(page, '#panel .idle'), /2023-12-31[\s\S]*闲置费 200 万元/);
  const verdict = page.locator('#panel .verdict[data-rule="national/idle-land-2012#idle.not-started"]').first();
  assert.match(await verdict.innerText(), /闲置土地处置办法[\s\S]*第二条/);
  assert.match(await text(page, '#panel'), /未知/);
  assert.match(page.url(), /sel=parcel%3A450102001001GB00062/);
  assert.equal(await page.locator('#findings-table tr[aria-selected="true"]').count(), 1);
  await shot(page, 'parcel-zh');

  // A project over a cap: numbers, limit, excess.
  await page.fill('#f-q', 'GB00049'); // also marked on the map
  await page.waitForFunction(() => document.querySelectorAll('#findings-table tbody tr').length <= 2);
  await page.locator('#findings-table tbody tr').first().click();
  const cap = page.locator('#panel .verdict[data-rule="guangxi/hightech-2021#ancillary.project-land-max"]');
  await cap.waitFor();
  assert.equal(await cap.count(), 1, 'one verdict stands once');
  assert.match(await cap.innerText(), /7\.5%[\s\S]*≤ 7%[\s\S]*0\.06 亩[\s\S]*（二十二）/);

  // Why: the arithmetic without rounding, the limit and why that one, the parcel with the fields of its file.
  await cap.locator('button.explain').click();
  await page.locator('#explain section').first().waitFor();
  assert.match(await text(page, '#explain'), /0\.9 − 0\.07 × 12 = 0\.06 亩[\s\S]*高于限值[\s\S]*450102001001GB00049[\s\S]*parcels\.geojson #49/);
  await shot(page, 'explain-zh');
  await page.locator('#explain .panel-head button').click();
  await page.locator('#explain').waitFor({ state: 'detached' });
  await page.click('#f-clear');

  // Filters: by status, by rule, all, land in no zone, sorting, paging.
  await page.waitForFunction(() => document.querySelectorAll('#findings-table tbody tr').length > 10);
  const everything = await total(page);
  await page.selectOption('#f-status', 'suspected_idle');
  await page.waitForFunction((n) => Number(document.querySelector('#findings .count')?.textContent?.replace(/\D/g, '')) < n, everything);
  for (const cell of await page.locator('#findings-table tbody td:nth-child(4)').allInnerTexts()) assert.match(cell, /疑似闲置/);
  await page.click('#sort-days');
  await page.click('#sort-days');
  await page.locator('th[aria-sort="descending"] #sort-days').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('#findings-table tbody tr').length > 5);
  const days = (await page.locator('#findings-table tbody td:nth-child(8)').allInnerTexts()).map((d) => Number(d.replace(/\D/g, '')));
  assert.deepEqual(days, [...days].sort((a, b) => b - a), 'sorted by days idle');
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('#get-csv')]);
  assert.equal(file.suggestedFilename(), '2024-findings.csv');
  await page.click('#f-clear');
  await page.click('#no-zone');
  await page.waitForFunction(() => document.querySelector('#findings .count')?.textContent?.startsWith('30'));
  await idle(page);
  await shot(page, 'no-zone-zh');
  await page.click('#no-zone');
  await page.waitForFunction(() => document.querySelector('#more'));
  const before = await rows(page);
  await page.click('#more');
  await page.waitForFunction((n) => document.querySelectorAll('#findings-table tbody tr').length > n, before);

  // A condition in CQL2: rows that fit, and a refusal that says where it is wrong.
  await page.click('#f-clear').catch(() => {});
  await page.click('#f-condition');
  await page.fill('#f-cql', "status = 'built' AND area_m2 > 8000");
  await page.click('#f-apply');
  await page.waitForFunction(() => /filter=/.test(location.hash) && document.querySelectorAll('#findings-table tbody tr').length > 0);
  for (const cell of await page.locator('#findings-table tbody td:nth-child(4)').allInnerTexts()) assert.match(cell, /已建成/);
  refusals.add(400);
  await page.fill('#f-cql', 'stats = 1');
  await page.click('#f-apply');
  await page.locator('#findings .problem').waitFor();
  assert.match(await text(page, '#findings .problem'), /stats/);
  await shot(page, 'condition-zh');
  refusals.delete(400);
  await page.click('#f-clear');

  // A legend entry filters map and list.
  await page.click('#f-clear').catch(() => {});
  await page.click('#layers .legend-row[data-value="unsupplied"]');
  await page.waitForFunction(() => document.querySelector('#findings .count')?.textContent?.startsWith('4'));
  await page.click('#f-clear');
  await page.context().close();
}

async function zonesInEnglish() {
  const page = await open(1440, 900, 'en-GB');
  assert.match(await text(page, '#layers'), /suspected idle/);
  await page.click('[data-focus="colour-indicator"]');
  await page.locator('.zone-value').first().waitFor();
  await idle(page);
  assert.match(await text(page, '#layers .legend'), /built land ÷ supplied land/i);
  await page.selectOption('#indicator', 'ancillary_land_share.industrial_projects');
  await page.locator('#layers .zone-list').waitFor();
  await idle(page);
  await page.locator('.zone-name').first().click();
  await page.locator('#panel .indicators details').first().waitFor();
  const ratio = page.locator('#panel [data-indicator="build_rate"]');
  await ratio.locator('summary').click();
  assert.match(await ratio.innerText(), /Numerator\s+[\d,.]+ \S+\s+Denominator\s+[\d,.]+ \S+\s+Coverage/);
  assert.ok((await page.locator('#panel .verdict').count()) > 0);
  await shot(page, 'zone-en');

  // The report of the zone opens, in the same language, and asks nothing of anybody.
  const [report] = await Promise.all([page.context().waitForEvent('page'), page.locator('#panel a.primary').click()]);
  await report.waitForLoadState();
  assert.match(await report.locator('body').innerText(), /GX0|As of/);
  await report.screenshot({ path: path.join(RESULTS, 'report-en.png') });
  await report.close();

  // The address keeps the state; the language switch keeps the rest.
  const url = page.url();
  await page.click('#language');
  await page.locator('html[lang="zh-CN"]').waitFor();
  await page.locator('#panel .indicators').waitFor();
  assert.match(await text(page, '#panel h2'), /区|园/);
  assert.match(page.url(), /colour=indicator&indicator=ancillary_land_share/);
  assert.notEqual(page.url(), url);
  await page.context().close();
}

async function narrow() {
  for (const locale of ['zh-CN', 'en-GB']) {
    const page = await open(390, 844, locale, locale === 'en-GB' ? '#sel=parcel:450102001001GB00062' : '');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `the page is ${wide} wide`);
    const map = await page.locator('#map').boundingBox(), list = await page.locator('#findings').boundingBox();
    assert.ok(map.y < list.y, 'the map comes first');
    if (locale === 'en-GB') {
      await page.locator('#panel .status-block').waitFor();
      await page.waitForTimeout(500);
      await shot(page, 'narrow-parcel-en');
      await page.locator('#panel .panel-head button').click();
    } else {
      await shot(page, 'narrow-zh');
    }
    await page.click('#show-layers');
    await page.locator('#layers .legend').waitFor({ state: 'visible' });
    await shot(page, `narrow-layers-${locale.slice(0, 2)}`);
    await page.context().close();
  }
}

async function keyboard() {
  const page = await open(1280, 800, 'en-GB');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'skip');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.locator('#findings-table tbody button').first().focus();
  await page.keyboard.press('Enter');
  await page.locator('#panel .status-block').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('body.panel-open').count(), 0);
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, select, input, a')].filter((e) => e.checkVisibility()
    && !(e.getAttribute('aria-label') || e.textContent?.trim() || e.closest('label')?.textContent?.trim() || e.getAttribute('placeholder') || e.title)).map((e) => e.outerHTML));
  assert.deepEqual(nameless, [], 'every control has a name');
  await page.context().close();
}

async function expansion() {
  const page = await open(1400, 900, 'zh-CN', '#sel=zone:approved:GX02');
  await page.click('#expand');
  await page.setInputFiles('#x-file', path.join('..', '..', 'data', 'samples', 'expansion', 'application.geojson'));
  await page.locator('.pieces li').nth(2).waitFor();
  await page.click('#x-check');
  await page.locator('.result .verdict').first().waitFor();
  assert.match(await text(page, '.result'), /有条件不符合[\s\S]*1,170 亩[\s\S]*192\.3 亩[\s\S]*1,363 亩/);
  assert.match(await text(page, '.result [data-outcome="incomputable"]'), /未载入/, 'a layer that is not there never passes');
  await idle(page);
  await shot(page, 'expansion-zh');
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('.save[data-format="csv"]')]);
  assert.equal(file.suggestedFilename(), 'GX02-expansion.csv');

  await page.context().close();
  await drawnByHand();
}

/** drawnByHand draws a piece with a corner over the zone itself; Escape gives up, a double click ends. */
async function drawnByHand() {
  const page = await open(1400, 900, 'en-GB', '#sel=zone:approved:GX02');
  await page.locator('#expand').click();
  await idle(page);
  await page.click('#x-draw');
  await page.mouse.click(...(await at(page, 0.6, 0.3)));
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.pieces li').count(), 0);
  await page.click('#x-draw');
  for (const [x, y] of [[0.55, 0.2], [0.9, 0.2], [0.9, 0.7]]) await page.mouse.click(...(await at(page, x, y)));
  await page.mouse.dblclick(...(await at(page, 0.6, 0.72)));
  await page.locator('.pieces li').waitFor();
  await page.click('#x-check');
  await page.locator('.result .verdict').first().waitFor();
  assert.match(await text(page, '.result'), /fail|judged/);
  await page.context().close();
}

/** openTiles lets MapLibre draw from OGC API – Tiles (row before column): the same parcels, the same clicks. */
async function openTiles() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('response', (r) => { if (r.status() >= 400) faults.push(`${r.status()} ${r.url()}`); });
  let tiles = 0;
  await page.route(/\/tiles\/[^/]+\/[a-z]+\/\d+\/\d+\/\d+\.mvt/, (route) => {
    const [, snapshot, layer, z, x, y] = /\/tiles\/([^/]+)\/([a-z]+)\/(\d+)\/(\d+)\/(\d+)\.mvt/.exec(route.request().url());
    tiles += layer === 'parcels' ? 1 : 0;
    return route.continue({ url: `${ADDRESS}/ogc/snapshots/${snapshot}/collections/${layer}/tiles/WebMercatorQuad/${z}/${y}/${x}` });
  });
  await page.goto(`${ADDRESS}/#layers=names`);
  await page.locator('#findings-table tbody tr').first().waitFor();
  await idle(page);
  await clickOnMap(page, '450102001001GB00062');
  assert.match(await text(page, '#panel h2'), /450102001001GB00062/);
  assert.ok(tiles > 0, 'parcels were drawn from OGC API – Tiles');
  await context.close();
}

async function emptyState() {
  const page = await browser.newPage();
  await page.goto(`${ADDRESS}/#s=loaded-only&lang=en`);
  await page.locator('.empty-state').waitFor();
  assert.match(await page.locator('.empty-state').innerText(), /muscope analyze --snapshot loaded-only/);
  await shot(page, 'empty-en');
  await page.close();
}

try {
  for (const step of [wideInChinese, zonesInEnglish, narrow, keyboard, openTiles, expansion, emptyState]) {
    const start = Date.now();
    await step();
    console.log(`${step.name}: ${Date.now() - start} ms`);
  }
  assert.deepEqual(faults, []);
} catch (error) {
  if (faults.length) console.error(`noted before that:\n${faults.join('\n')}`);
  throw error;
} finally {
  await browser.close();
}
