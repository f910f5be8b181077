// The list of findings, linked with the map: a filter here filters there, a row leads to its parcel.
import { findingsFile, getFindings, nextPage, queryablesPage, ApiError, type Config, type Finding, type FindingPage, type RuleInfo, type ZoneSummary } from './api';
import { fill, h } from './dom';
import { amount, count } from './format';
import { lang, reason, t } from './i18n';
import { keyOf } from './map';
import { status } from './panel';
import { filterQuery, noFilter, type Filter, type State } from './state';

export interface FindingEvents { changed(filter: Filter): void; picked(f: Finding): void; toggled(): void; listed(ids: string[] | null): void }
export interface FindingContext { config: Config; zones: ZoneSummary[]; rules: RuleInfo[] }

interface Column { id: string; sort: string | null; text: string; num?: boolean }
const columns = (): Column[] => [
  { id: 'id', sort: 'id', text: t('page.findings.id') }, { id: 'holder', sort: 'holder', text: t('page.findings.holder') },
  { id: 'zone', sort: 'zone', text: t('page.findings.zone') }, { id: 'status', sort: 'status', text: t('page.findings.status') },
  { id: 'class', sort: 'class', text: t('page.findings.class') }, { id: 'area', sort: 'area', text: t('page.findings.area'), num: true },
  { id: 'since', sort: 'since', text: t('page.findings.since') }, { id: 'days', sort: 'days', text: t('page.findings.days'), num: true },
  { id: 'why', sort: null, text: t('page.why') },
];

/** beyondTiles says whether a filter asks for what tiles don't hold, so that the map marks the rows listed instead. */
const beyondTiles = (f: Filter): boolean => Boolean(f.q || f.cql || f.rule || f.outcome);

export class FindingsTable {
  private body = h('tbody');
  private total = h('span', { class: 'count', role: 'status' });
  private foot = h('div', { class: 'foot' });
  private last: FindingPage | null = null;
  private asked: AbortController | null = null;
  private typing = 0;
  private asking: boolean | null = null; // whether the line for a condition is open; null as the state says

  constructor(private readonly el: HTMLElement, private readonly on: FindingEvents) {}

  /** draw makes the bar of filters and the head, and reads the first page. */
  draw(s: State, c: FindingContext): void {
    const focused = document.activeElement instanceof HTMLElement && this.el.contains(document.activeElement) ? document.activeElement.id : '';
    this.body = h('tbody');
    this.total = h('span', { class: 'count', role: 'status' });
    this.foot = h('div', { class: 'foot' });
    fill(this.el,
      h('div', { class: 'bar-top' }, h('h2', {}, h('button', { type: 'button', class: 'toggle', 'aria-label': t('page.findings.toggle'), title: t('page.findings.toggle'), onclick: () => this.on.toggled() }, '▾'), t('page.findings'), ' ', this.total), this.filters(s, c), this.condition(s)),
      h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('page.findings') }, h('table', { id: 'findings-table' }, this.header(s), this.body), this.foot));
    if (focused) document.getElementById(focused)?.focus();
    void this.load(s, c);
  }

  /** mark shows which row is selected. */
  mark(id: string | null): void {
    for (const row of this.body.rows) row.setAttribute('aria-selected', String(row.dataset.id === id));
  }

  private filters(s: State, c: FindingContext): HTMLElement {
    const f = s.filter;
    const change = (part: Partial<Filter>): void => this.on.changed({ ...f, ...part });
    const pick = (id: string, label: string, value: string, options: [string, string][], set: (v: string) => void): HTMLElement =>
      h('select', { id, class: value ? 'set' : '', 'aria-label': label, onchange: (e: Event) => set((e.target as HTMLSelectElement).value) },
        [['', `${label}: ${t('page.findings.any')}`] as [string, string], ...options].map(([v, text]) => h('option', { value: v, selected: v === value }, text)));
    const scopes = new Set(c.zones.map((z) => z.boundary_scope)).size > 1;
    const zones = c.zones.map((z): [string, string] => [keyOf(z), `${z.part_of ? '　' : ''}${z.name}${scopes ? ` (${t(`boundary_scope.${z.boundary_scope}`)})` : ''}`]);
    const zone = f.noZone ? '-' : f.zone ? `${f.zone}@${f.scope || 'approved'}` : '';
    const setZone = (v: string): void => {
      const cut = v.lastIndexOf('@');
      change(v === '-' ? { noZone: true, zone: '', scope: '', all: true } : v ? { noZone: false, zone: v.slice(0, cut), scope: v.slice(cut + 1) } : { noZone: false, zone: '', scope: '' });
    };
    const search = h('input', { id: 'f-q', type: 'search', value: f.q, placeholder: t('page.findings.search'), 'aria-label': t('page.findings.search'), oninput: (e: Event) => {
      clearTimeout(this.typing);
      const q = (e.target as HTMLInputElement).value.trim();
      this.typing = window.setTimeout(() => change({ q }), 350);
    } });
    const filtered = JSON.stringify({ ...f, sort: 'id' }) !== JSON.stringify(noFilter());
    const open = this.asking ?? f.cql !== '';
    return h('form', { class: 'filters', onsubmit: (e: Event) => e.preventDefault() }, search,
      pick('f-zone', t('page.findings.zone'), zone, [...zones, ['-', t('page.no-zone')]], setZone),
      pick('f-status', t('page.findings.status'), f.status.length === 1 ? (f.status[0] as string) : '', c.config.statuses.map((x) => [x, t(`status.${x}`)]), (v) => change({ status: v ? [v] : [] })),
      pick('f-rule', t('page.findings.rule'), f.rule, c.rules.map((r) => [`${r.pack}#${r.rule}`, `${r.title[lang()]}`]), (v) => change({ rule: v })),
      pick('f-outcome', t('page.findings.outcome'), f.outcome, ['violated', 'not_reached', 'incomputable'].map((x) => [x, t(`outcome.${x}`)]), (v) => change({ outcome: v })),
      h('label', { class: 'check' }, h('input', { id: 'f-all', type: 'checkbox', checked: f.all, onchange: (e: Event) => change({ all: (e.target as HTMLInputElement).checked }) }), t('page.findings.all')),
      h('button', { type: 'button', id: 'f-condition', 'aria-expanded': String(open), 'aria-controls': 'condition', onclick: () => { this.asking = !open; this.draw(s, c); } }, t('page.condition')),
      filtered && h('button', { type: 'button', id: 'f-clear', onclick: () => this.on.changed({ ...noFilter(), sort: f.sort }) }, t('page.findings.clear')),
      h('span', { class: 'downloads' }, ['csv', 'geojson'].map((x) => h('a', { class: 'button', id: `get-${x}`, href: findingsFile(s.snapshot, x, filterQuery(f)), download: '' }, x === 'csv' ? 'CSV' : 'GeoJSON'))));
  }

  /** condition is the line for a condition in CQL2, over the names that the open API lists. */
  private condition(s: State): HTMLElement | null {
    if (!(this.asking ?? s.filter.cql !== '')) return null;
    const input = h('input', { id: 'f-cql', type: 'text', spellcheck: 'false', autocomplete: 'off', value: s.filter.cql, 'aria-label': t('page.condition'), placeholder: "status = 'built' AND output_wan / area_mu < 100" });
    return h('form', { class: 'condition', id: 'condition', onsubmit: (e: Event) => { e.preventDefault(); this.on.changed({ ...s.filter, cql: input.value.trim(), all: true }); } }, input,
      h('button', { type: 'submit', id: 'f-apply' }, t('page.condition.apply')),
      h('a', { href: queryablesPage(s.snapshot), target: '_blank', rel: 'noopener' }, t('page.condition.names')));
  }

  private header(s: State): HTMLElement {
    const by = s.filter.sort.replace(/^-/, ''), down = s.filter.sort.startsWith('-');
    return h('thead', {}, h('tr', {}, columns().map((c) => {
      if (!c.sort) return h('th', { scope: 'col' }, c.text);
      const active = c.sort === by;
      const next = active && !down ? `-${c.sort}` : c.sort;
      return h('th', { scope: 'col', class: c.num ? 'num' : '', 'aria-sort': active ? (down ? 'descending' : 'ascending') : 'none' },
        h('button', { type: 'button', class: 'sort', id: `sort-${c.id}`, title: t('page.findings.sort', c.text), onclick: () => this.on.changed({ ...s.filter, sort: next }) }, c.text, h('span', { 'aria-hidden': 'true' }, active ? (down ? ' ▼' : ' ▲') : '')));
    })));
  }

  private async load(s: State, c: FindingContext): Promise<void> {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    fill(this.foot, h('p', { class: 'hint', role: 'status' }, t('page.loading')));
    try {
      this.last = await getFindings(s.snapshot, filterQuery(s.filter), asked.signal);
      this.total.textContent = t('page.findings.count', count(this.last.total));
      this.add(s, c, this.last);
    } catch (cause) {
      if (!asked.signal.aborted) this.problem(cause, () => void this.load(s, c));
    }
  }

  private add(s: State, c: FindingContext, page: FindingPage): void {
    const names = new Map(c.zones.map((z) => [keyOf(z), z.name]));
    for (const f of page.findings) this.body.append(this.row(f, names));
    this.mark(s.selection?.kind === 'parcel' ? s.selection.id : null);
    this.on.listed(beyondTiles(s.filter) ? [...this.body.rows].map((r) => r.dataset.id ?? '') : null);
    const asked = this.asked as AbortController;
    const more = page.links.some((l) => l.rel === 'next');
    const empty = page.total === 0 && h('p', { class: 'hint' }, t(s.filter.all || filterQuery(s.filter).size > 0 ? 'page.findings.none' : 'page.findings.none.all'));
    fill(this.foot, empty, more && h('button', { type: 'button', id: 'more', onclick: async () => {
      fill(this.foot, h('p', { class: 'hint', role: 'status' }, t('page.loading')));
      try {
        const next = await nextPage(page, asked.signal);
        if (next && !asked.signal.aborted) this.add(s, c, (this.last = next));
      } catch (cause) {
        if (!asked.signal.aborted) this.problem(cause, () => this.add(s, c, { ...page, findings: [] }));
      }
    } }, t('page.findings.more')));
  }

  private problem(cause: unknown, retry: () => void): void {
    const text = cause instanceof ApiError && cause.status > 0 ? cause.message : t('page.error.network');
    fill(this.foot, h('div', { class: 'problem', role: 'alert' }, h('p', {}, text), h('button', { type: 'button', onclick: retry }, t('page.retry'))));
  }

  private row(f: Finding, names: Map<string, string>): HTMLElement {
    const zone = f.zone === null ? t('page.no-zone') : names.get(`${f.zone}@${f.boundary_scope ?? 'approved'}`) ?? f.zone;
    const why = f.idle ? t(`measure.${f.idle.measure}`) : reason(f.reason);
    const flags = (f.flags ?? []).map((x) => t(`flag.${x}`)).join(', ');
    const since = f.idle?.since ?? f.since ?? '';
    return h('tr', { 'data-id': f.id, 'aria-selected': 'false', onclick: () => this.on.picked(f) },
      h('th', { scope: 'row' }, h('button', { type: 'button', class: 'link' }, f.id), f.name && h('small', {}, f.name)),
      h('td', {}, f.holder ?? h('span', { class: 'unknown' }, t('value.unknown'))), h('td', {}, zone), h('td', {}, status(f.status)), h('td', {}, t(`class.${f.class}`)),
      h('td', { class: 'num' }, amount(f.area_mu)), h('td', { class: 'date' }, since), h('td', { class: 'num' }, f.idle ? count(f.idle.days) : ''),
      h('td', { class: 'why' }, why, flags && h('small', {}, flags)));
  }
}
