// The right side: all that is known of the selected parcel or zone, and what the rules say of it.
import { reportFile, reportPage, type Batch, type Config, type Indicator, type IndicatorInfo, type Land, type Note, type Parcel, type Part, type Phase, type Procedure, type RuleInfo, type Use, type Verdict, type Zone } from './api';
import { fill, h, swatch } from './dom';
import { explainedOf } from './explain';
import { amount, bounds, comparison, count, measure, mu, percent, unitName } from './format';
import { lang, reason, t, word } from './i18n';
import { statusColours, unknownColour } from './palette';

export interface PanelContext { snapshot: string; config: Config; indicators: IndicatorInfo[]; rules: RuleInfo[] }
export interface PanelEvents { close(): void; zone(code: string, scope: string): void; parcel(id: string): void; zoom(): void; onlyZone(code: string, scope: string): void; explain(what: Asked): void; expand(zone: Zone): void }
/** Asked is what is to be explained: an indicator or a rule (pack#rule) of a zone, of a parcel or project in it where one is named. */
export interface Asked { title: string; zone: string; scope: string; what: string; parcel: string }
/** Place is the zone that figures are of; null where there is none to ask about. */
type Place = { code: string; scope: string; parcel: string } | null;
type Row = [label: string, value: Node | string | null];

const unknown = (): HTMLElement => h('span', { class: 'unknown' }, t('value.unknown'));
const rows = (list: (Row | null)[]): HTMLElement => h('dl', {}, list.filter((r): r is Row => r !== null).map(([k, v]) => h('div', {}, h('dt', {}, k), h('dd', {}, v ?? unknown()))));
const section = (title: string, ...inside: (Node | null)[]): HTMLElement => h('section', {}, h('h3', {}, title), inside);
const chip = (kind: string, text: string): HTMLElement => h('span', { class: `chip ${kind}` }, text);

/** status is a status with its colour. */
export function status(s: string): HTMLElement {
  return h('span', { class: 'status' }, swatch(statusColours[s] ?? unknownColour, s === 'undetermined' ? 'hatch' : 'fill'), t(`status.${s}`));
}

/** drawEmpty says what the side is for. */
export function drawEmpty(el: HTMLElement): void { fill(el, h('h2', {}, t('page.details')), h('p', { class: 'hint' }, t('page.details.none'))); }

/** drawLoading says that an answer is on its way. */
export function drawLoading(el: HTMLElement, title: string, on: PanelEvents): void { fill(el, head(title, '', on), h('p', { class: 'hint', role: 'status' }, t('page.loading'))); }

/** drawProblem says what went wrong and offers to try again. */
export function drawProblem(el: HTMLElement, title: string, text: string, on: PanelEvents, retry: () => void): void {
  fill(el, head(title, '', on), h('div', { class: 'problem', role: 'alert' }, h('p', {}, text), h('button', { type: 'button', onclick: retry }, t('page.retry'))));
}

function head(title: string, sub: string, on: PanelEvents): HTMLElement {
  return h('div', { class: 'panel-head' }, h('div', {}, h('h2', {}, title), sub && h('p', { class: 'sub' }, sub)),
    h('button', { type: 'button', class: 'icon', 'aria-label': t('page.close'), title: t('page.close'), onclick: () => on.close() }, '×'));
}

/** drawParcel shows a parcel: status and why, verdicts, parts, facts. */
export function drawParcel(el: HTMLElement, p: Parcel, c: PanelContext, others: string[], on: PanelEvents): void {
  const home = p.parts.find((x) => x.home) ?? p.parts[0];
  const place: Place = home?.zone ? { code: home.zone, scope: home.boundary_scope ?? 'approved', parcel: p.id } : null;
  const name = typeof p.facts.name === 'string' ? p.facts.name : '';
  const holder = typeof p.facts.holder === 'string' ? p.facts.holder : '';
  fill(el,
    head(`${t('page.parcel')} ${p.id}`, [name, holder].filter(Boolean).join(' · '), on),
    h('div', { class: 'actions' }, p.bbox && h('button', { type: 'button', onclick: () => on.zoom() }, t('page.zoom-to'))),
    others.length > 0 && h('p', { class: 'hint' }, `${t('page.map.several')} `, others.map((id) => [h('button', { type: 'button', class: 'link', onclick: () => on.parcel(id) }, id), ' '])),
    home && statusBlock(home),
    home?.idle ? idleBlock(home) : null,
    home?.idle?.procedure ? procedureBlock(home.idle.procedure) : null,
    home?.phases?.length ? phasesBlock(home.phases) : null,
    home?.uses?.length ? usesBlock(home.uses) : null,
    home?.notes?.length ? section(t('page.notes'), notes(home.notes)) : null,
    section(t('page.verdicts'), p.verdicts.length ? h('div', {}, p.verdicts.map((v) => verdict(v, c, on, place))) : h('p', { class: 'hint' }, t('page.verdicts.none'))),
    section(t('page.parts'), parts(p, on)),
    ...p.parts.filter((x) => x.indicators?.length).slice(0, 1).map((x) => section(t('page.indicators.project'), indicatorTable(x.indicators ?? [], c, on, place))),
    section(t('page.area'), rows([
      [t('page.area.counted'), `${mu(p.area_mu)} (${amount(p.area_m2)} ${t('page.m2')})`],
      [t('page.area.drawn'), `${amount(p.ellipsoid_m2)} ${t('page.m2')}`],
      p.plane_m2 === null ? null : [t('page.area.plane'), `${amount(p.plane_m2)} ${t('page.m2')}`],
    ])),
    facts(p, c),
  );
}

function statusBlock(part: Part): HTMLElement {
  return h('section', { class: 'status-block' },
    h('div', { class: 'status-line' }, h('span', { class: 'big' }, status(part.status)), h('span', { class: 'class' }, t(`class.${part.class}`))),
    h('p', { class: 'reason' }, reason(part.reason)),
    rows([
      part.since ? [t('page.since'), part.since] : null,
      part.flags?.length ? [t('page.flags'), h('span', {}, part.flags.map((f) => [chip('flag', t(`flag.${f}`)), ' ']))] : null,
    ]));
}

function idleBlock(part: Part): HTMLElement {
  const i = part.idle as NonNullable<Part['idle']>;
  const fee = i.fee_if_holder_wan === null ? '' : ` · ${t('page.idle.fee', amount(i.fee_if_holder_wan))}`;
  return h('section', { class: 'idle' }, h('h3', {}, t('page.idle')), rows([
    [t('page.idle.branch'), `${i.branch} · ${t(`branch.${i.branch}`)}`],
    [t('page.idle.since'), i.since ? `${i.since} · ${t('page.idle.days', count(i.days))}` : null],
    [t('page.idle.measure'), t(`measure.${i.measure}`)],
    i.measure_if_holder ? [t('page.idle.if-holder'), t(`measure.${i.measure_if_holder}`) + fee] : null,
  ]));
}

function procedureBlock(p: Procedure): HTMLElement {
  const next = p.next ? `${t(`step.${p.next}`)}${p.due ? ` · ${t('page.procedure.due', p.due)}` : ''}${p.overdue_days > 0 ? ` · ${t('page.procedure.overdue', count(p.overdue_days))}` : ''}` : t('page.procedure.none');
  return section(t('page.procedure'), rows([[t('page.procedure.step'), `${t(`step.${p.step}`)}${p.on ? ` · ${p.on}` : ''}`], [t('page.procedure.next'), next]]),
    p.papers?.length ? h('ul', { class: 'plain hint' }, p.papers.map((x) => h('li', {}, [x.on, t(`step.${x.kind}`), x.document_no].filter(Boolean).join(' · ')))) : null);
}

const fromM2 = (v: number | null): string => (v === null ? t('value.unknown') : amount((v * 15) / 10000));

function phasesBlock(list: Phase[]): HTMLElement {
  return section(t('page.phases'), h('table', {}, h('thead', {}, h('tr', {}, [t('page.phase'), t('page.status'), t('page.findings.area'), t('page.since')].map((x) => h('th', { scope: 'col' }, x)))),
    h('tbody', {}, list.map((x) => h('tr', {}, h('td', {}, x.phase || t('page.phase.rest')), h('td', {}, status(x.status), h('small', {}, ` ${reason(x.reason)}`)), h('td', { class: 'num' }, fromM2(x.area_m2)), h('td', { class: 'date' }, x.since ?? ''))))));
}

function usesBlock(list: Use[]): HTMLElement {
  return section(t('page.uses'), h('table', {}, h('thead', {}, h('tr', {}, [t('page.findings.class'), t('page.findings.area'), t('page.m2')].map((x) => h('th', { scope: 'col' }, x)))),
    h('tbody', {}, list.map((x) => h('tr', {}, h('td', {}, `${x.use_code} ${t(`class.${x.class}`)}`), h('td', { class: 'num' }, fromM2(x.area_m2)), h('td', { class: 'num' }, x.floor_m2 === null ? '' : amount(x.floor_m2)))))));
}

function notes(list: Note[]): HTMLElement {
  return h('ul', { class: 'hint' }, list.map((n) => h('li', {}, word(`note.${n.code}`, n.code), n.field ? ` (${word(`field.${n.field}`, n.field)})` : '', n.values?.length ? `: ${n.values.join(' / ')}` : '')));
}

/** batchTable lists approvals with what of them was supplied, in mu. */
function batchTable(list: Batch[]): HTMLElement {
  return h('div', { class: 'wide' }, h('table', { class: 'batches' }, h('thead', {}, h('tr', {}, [t('page.batch'), t('page.batch.in-force'), t('page.batch.supplied'), t('page.batch.unsupplied'), t('page.batch.rate')].map((x) => h('th', { scope: 'col' }, x)))),
    h('tbody', {}, list.slice(0, 200).map((b) => h('tr', {}, h('td', {}, b.approval_no || b.id, h('small', {}, ` ${[b.approved_on, b.state && t(`batch.state.${b.state}`)].filter(Boolean).join(' · ')}`),
      b.reason ? h('small', { class: 'unknown' }, ` ${reason(b.reason)}`) : null, b.notes?.length ? notes(b.notes) : null),
    h('td', { class: 'num' }, fromM2(b.in_force_m2)), h('td', { class: 'num' }, fromM2(b.supplied_m2)),
    h('td', { class: 'num' }, fromM2(b.unsupplied_m2), b.built_unsupplied_m2 ? h('small', {}, ` ${t('page.batch.built', fromM2(b.built_unsupplied_m2))}`) : null, b.undrawn_m2 ? h('small', {}, ` ${t('page.batch.undrawn', fromM2(b.undrawn_m2))}`) : null),
    h('td', { class: 'num' }, b.supply_rate === null ? t('value.unknown') : percent(b.supply_rate)))))),
  list.length > 200 && h('p', { class: 'hint' }, t('page.verdict.more', count(list.length - 200))));
}

function standing(z: Zone): HTMLElement | null {
  if (!z.rankings?.length && !z.actions?.length) return null;
  return section(t('page.rankings'), rows((z.rankings ?? []).map((r): Row => [`${r.year} ${t(`ranking.scope.${r.scope}`)}`, r.rank === null ? null : t('page.rank', r.rank, r.of ?? '?')])),
    h('ul', { class: 'plain' }, (z.actions ?? []).map((a) => h('li', {}, [a.on, t(`action.${a.kind}`), a.document_no].filter(Boolean).join(' · ')))));
}

function parts(p: Parcel, on: PanelEvents): HTMLElement {
  return h('table', {}, h('thead', {}, h('tr', {}, [t('page.zone'), t('page.part.share'), t('page.part.area'), t('page.status')].map((x) => h('th', { scope: 'col' }, x)))),
    h('tbody', {}, p.parts.map((x) => h('tr', {},
      h('td', {}, x.zone === null ? t('page.no-zone') : [h('button', { type: 'button', class: 'link', onclick: () => on.zone(x.zone as string, x.boundary_scope ?? '') }, x.zone_name ?? x.zone),
        x.boundary_scope === 'managed' && h('small', {}, ` ${t('boundary_scope.managed')}`)]),
      h('td', { class: 'num' }, percent(x.share)), h('td', { class: 'num' }, mu(x.area_mu)),
      h('td', {}, x.touch ? t('page.part.touch') : status(x.status))))));
}

/** verdict is a card: outcome, rule, numbers, clause and its words. */
function verdict(v: Verdict, c: PanelContext, on: PanelEvents, place: Place): HTMLElement {
  const rule = c.rules.find((r) => r.pack === v.pack && r.rule === v.rule);
  const title = v.title ?? rule?.title, quote = v.quote ?? rule?.quote;
  const document = rule ? rule.document.title[lang()] : '';
  const unit = v.unit ?? '';
  const over = v.excess_mu !== undefined ? mu(v.excess_mu) : v.excess_m2 !== undefined ? `${amount(v.excess_m2)} ${t('page.m2')}` : null;
  const room = v.headroom_mu !== undefined ? mu(v.headroom_mu) : v.headroom_m2 !== undefined ? `${amount(v.headroom_m2)} ${t('page.m2')}` : null;
  return h('article', { class: `verdict ${v.outcome}`, 'data-rule': `${v.pack}#${v.rule}`, 'data-outcome': v.outcome },
    h('header', {}, chip(v.outcome, t(`outcome.${v.outcome}`)), h('strong', {}, title ? title[lang()] : `${v.pack}#${v.rule}`)),
    h('p', { class: 'tags' }, [chip('', t(`level.${v.level}`)), v.reading === 'wide' ? chip('', t('reading.wide')) : null, v.doc_status && v.doc_status !== 'in_force' ? chip('draft', t(`doc_status.${v.doc_status}`)) : null]),
    v.limit !== null || v.observed !== null || (v.comparison && v.outcome !== 'not_applicable') ? h('div', { class: 'numbers' },
      number(t('page.verdict.observed'), v.observed === null ? (v.outcome === 'not_applicable' ? '—' : null) : measure(v.observed, unit)),
      number(t('page.verdict.limit'), v.limit === null ? t('page.verdict.no-limit') : `${comparison(v.comparison)} ${measure(v.limit, unit)}`),
      over && v.outcome !== 'satisfied' ? number(t('page.verdict.excess'), over) : room ? number(t('page.verdict.headroom'), room) : null) : null,
    rows([
      v.reason ? [t('page.why'), reason(v.reason)] : null,
      v.bounds ? [t('page.verdict.bounds'), bounds(v.bounds, unit)] : null,
      v.level === 'parcel' || v.level === 'zone' ? null : [t('page.verdict.subject'), v.subject],
      [t('page.verdict.clause'), paper(document, rule?.document.number ?? '', v.clause)],
      v.limit_date && v.limit !== null ? [t('page.verdict.date'), `${v.limit_date}${v.limit_basis ? ` (${t(`limit_basis.${v.limit_basis}`)})` : ''}`] : null,
    ]),
    quote ? h('blockquote', { lang: 'zh-CN' }, quote) : null,
    place ? h('button', { type: 'button', class: 'link explain', onclick: () => on.explain({ title: title ? title[lang()] : v.rule, zone: place.code, scope: place.scope, what: `${v.pack}#${v.rule}`, parcel: explainedOf(v) }) }, t('page.explain')) : null,
    v.level !== 'parcel' && v.evidence?.length ? evidence(v.evidence, on) : null);
}

/** paper names a document and a clause of it; what the clause or the number says already is not said again. */
export const paper = (title: string, no: string, clause: string): string =>
  [clause.includes(title) ? '' : title, no.includes(title) || clause.includes(no) ? '' : no, clause].filter(Boolean).join(' ');

const number = (label: string, value: string | null): HTMLElement => h('div', {}, h('span', { class: 'label' }, label), h('span', { class: 'value' }, value ?? unknown()));

function evidence(ids: string[], on: PanelEvents): HTMLElement {
  const some = ids.slice(0, 40);
  return h('details', {}, h('summary', {}, t('page.verdict.evidence', count(ids.length))),
    h('p', {}, some.map((id) => [h('button', { type: 'button', class: 'link', onclick: () => on.parcel(id) }, id), ' ']), ids.length > some.length && t('page.verdict.more', count(ids.length - some.length))));
}

// Where each group of a parcel's facts begins, in the contract's order.
const groups: [string, string][] = [['id', 'identity'], ['approval_no', 'supply'], ['agreed_handover_on', 'life'], ['planned_footprint_m2', 'figures'], ['figures_year', 'money']];

function facts(p: Parcel, c: PanelContext): HTMLElement {
  const lists = new Map<string, Row[]>();
  const known = new Map<string, number>();
  let group = 'identity';
  for (const f of c.config.parcel_fields) {
    group = groups.find(([first]) => first === f.name)?.[1] ?? group;
    const v = p.facts[f.name] ?? null;
    lists.set(group, [...(lists.get(group) ?? []), [t(`field.${f.name}`), factText(f.name, f.kind, v)]]);
    if (v !== null) known.set(group, (known.get(group) ?? 0) + 1);
  }
  const extra = Object.entries(p.extra ?? {}).map(([k, v]): Row => [k, v === null ? null : typeof v === 'object' ? JSON.stringify(v) : String(v)]);
  return section(t('page.facts'), ...[...lists].map(([name, list]) => h('details', { open: name === 'identity' || name === 'supply' || name === 'life' },
    h('summary', {}, t(`page.facts.${name}`), h('small', {}, ` ${t('page.facts.known', known.get(name) ?? 0, list.length)}`)), rows(list))),
  extra.length ? h('details', {}, h('summary', {}, t('page.facts.extra')), rows(extra)) : null,
  h('p', { class: 'hint' }, `${t('page.source')}: ${t('page.source.text', p.source.file || t('value.unknown'), p.source.feature)}`));
}

function factText(name: string, kind: string, v: string | number | boolean | null): string | null {
  if (v === null) return null;
  if (kind === 'flag') return t(v ? 'value.yes' : 'value.no');
  if (kind === 'word') return word(`value.${name}.${v}`, String(v));
  if (typeof v === 'number') return name === 'figures_year' ? String(v) : amount(v, 6);
  return String(v);
}

/** drawZone shows a zone: land by status, verdicts, indicators with their arithmetic. */
export function drawZone(el: HTMLElement, z: Zone, c: PanelContext, on: PanelEvents): void {
  const own = (z.verdicts ?? []).filter((v) => v.level !== 'parcel' && v.level !== 'project').sort(byOutcome);
  const place: Place = { code: z.code, scope: z.boundary_scope, parcel: '' };
  const below = (z.verdicts ?? []).filter((v) => v.level === 'parcel' || v.level === 'project').sort(byOutcome);
  const sub = [z.code, t(`boundary_scope.${z.boundary_scope}`), z.part_of ? t('page.part-of', z.part_of) : '', mu(z.area_mu)].filter(Boolean).join(' · ');
  fill(el,
    head(z.name, sub, on),
    h('div', { class: 'actions' },
      h('a', { class: 'button primary', href: reportPage(c.snapshot, z.code, z.boundary_scope), target: '_blank', rel: 'noopener' }, t('page.report')),
      z.bbox && h('button', { type: 'button', onclick: () => on.zoom() }, t('page.zoom-to')),
      h('button', { type: 'button', onclick: () => on.onlyZone(z.code, z.boundary_scope) }, t('page.only-zone')),
      h('button', { type: 'button', id: 'expand', onclick: () => on.expand(z) }, t('page.expand')),
      h('details', { class: 'menu' }, h('summary', {}, t('page.download')),
        h('ul', {}, c.config.report_formats.map((f) => h('li', {}, h('a', { href: reportFile(c.snapshot, z.code, z.boundary_scope, f), download: '' }, f.toUpperCase())))))),
    section(t('page.colour.status'), landBar(z.land.by_status ?? {}, c.config.statuses)),
    section(t('page.verdicts'), own.length ? h('div', {}, own.map((v) => verdict(v, c, on, place))) : h('p', { class: 'hint' }, t('page.verdicts.none-zone'))),
    below.length ? h('section', {}, h('details', {}, h('summary', {}, h('h3', {}, t('page.verdicts.parcels', count(below.length)))), below.slice(0, 100).map((v) => verdict(v, c, on, place)),
      below.length > 100 && h('p', { class: 'hint' }, t('page.verdict.more', count(below.length - 100))))) : null,
    z.batches?.length ? section(t('page.batches'), batchTable(z.batches)) : null,
    standing(z),
    section(t('page.indicators'), h('p', { class: 'hint' }, z.stats_year === null ? t('page.no-stats') : t('page.stats-year', z.stats_year)), indicatorTable(z.indicators ?? [], c, on, place)),
  );
}

const order = ['violated', 'not_reached', 'incomputable', 'satisfied', 'not_applicable'];
const byOutcome = (a: Verdict, b: Verdict): number => order.indexOf(a.outcome) - order.indexOf(b.outcome);

function landBar(land: Record<string, Land>, statuses: string[]): HTMLElement {
  const present = statuses.filter((s) => land[s]);
  const total = present.reduce((n, s) => n + (land[s] as Land).area_mu, 0);
  const bar = h('div', { class: 'bar', 'aria-hidden': 'true' }, present.map((s) => {
    const piece = swatch(statusColours[s] ?? unknownColour, s === 'undetermined' ? 'hatch' : 'fill');
    piece.style.flexGrow = String(total ? (land[s] as Land).area_mu / total : 0);
    return piece;
  }));
  return h('div', {}, bar, h('table', {}, h('tbody', {}, present.map((s) => h('tr', {}, h('td', {}, status(s)), h('td', { class: 'num' }, count((land[s] as Land).parcels), ' ', t('page.legend.parcels')),
    h('td', { class: 'num' }, mu((land[s] as Land).area_mu)), h('td', { class: 'num' }, total ? percent((land[s] as Land).area_mu / total) : ''))))));
}

function indicatorTable(list: Indicator[], c: PanelContext, on: PanelEvents, place: Place): HTMLElement {
  return h('div', { class: 'indicators' }, list.map((i) => {
    const info = c.indicators.find((d) => d.id === i.id);
    const value = i.value === null ? h('span', { class: 'unknown' }, t('outcome.incomputable')) : h('span', { class: 'value' }, `${i.exact ? '' : '≈ '}${measure(i.value, i.unit)}`);
    return h('details', { 'data-indicator': i.id }, h('summary', {}, h('span', { class: 'name' }, info ? info.title[lang()] : i.id), value), rows([
      info ? [t('page.indicator.formula'), info.formula[lang()]] : null,
      [t('page.indicator.numerator'), i.numerator === null ? null : `${amount(i.numerator)} ${unitName(i.numerator_unit ?? '')}`],
      [t('page.indicator.denominator'), i.denominator === null ? null : `${amount(i.denominator)} ${unitName(i.denominator_unit ?? '')}`],
      [t('page.indicator.coverage'), `${percent(i.coverage)} · ${t(i.exact ? 'page.indicator.exact' : 'page.indicator.partial')}`],
      i.exact ? null : [t('page.indicator.bounds'), bounds(i.bounds, i.unit)],
      i.missing.length ? [t('page.indicator.missing'), h('ul', { class: 'plain' }, i.missing.map((m) => h('li', {}, t('page.indicator.missing.row', word(`field.${m.field}`, m.field), count(m.parcels), amount((m.area_m2 * 15) / 10000)))))] : null,
      i.reason ? [t('page.indicator.reason'), reason(i.reason)] : null,
      i.source ? [t('page.indicator.source'), word(`source.${i.source}`, `field.${i.source}`, `layer.${i.source}`, i.source)] : null,
      ['ID', h('code', {}, i.id)],
    ]), place && h('button', { type: 'button', class: 'link explain', onclick: () => on.explain({ title: info ? info.title[lang()] : i.id, zone: place.code, scope: place.scope, what: i.id, parcel: place.parcel }) }, t('page.explain')));
  }));
}
