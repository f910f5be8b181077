// The page: reads the state from the address, asks the API, and lets map, legend, panel and list show one and the same state.
import * as api from './api';
import { byId, fill, h } from './dom';
import { Expansion } from './expansion';
import { Explainer } from './explain';
import { FindingsTable } from './findings';
import { amount, count } from './format';
import { browserLanguage, lang, learn, t } from './i18n';
import { drawLegend, type LegendData } from './legend';
import { keyOf, LandMap, supported, type Choropleth, type Picked } from './map';
import { breaks } from './palette';
import { drawEmpty, drawLoading, drawParcel, drawProblem, drawZone, type PanelEvents } from './panel';
import { noFilter, read, write, type Filter, type State } from './state';
import './style.css';

class Page {
  private state: State = read(location.hash, browserLanguage());
  private config!: api.Config;
  private snapshots: api.Snapshot[] = [];
  private data!: LegendData;
  private asOf = '';
  private map: LandMap | null = null;
  private table!: FindingsTable;
  private expansion: Expansion | null = null;
  private explainer = new Explainer((id) => void this.select({ kind: 'parcel', id, scope: '' }, [], true));
  private selected: { bbox: api.BBox | null } | null = null;
  private asked: AbortController | null = null;

  /** start reads all that doesn't depend on a snapshot. */
  async start(): Promise<void> {
    await learn(this.state.lang);
    [this.config, this.snapshots] = await Promise.all([api.getConfig(), api.getSnapshots()]);
    const [indicators, rules] = await Promise.all([api.getIndicators(), api.getRules()]);
    this.data = { config: this.config, indicators, rules, sets: [], zones: [], noZone: 0, choropleth: null, layers: [], rejects: null };
    this.table = new FindingsTable(byId('findings'), {
      changed: (f) => this.setFilter(f), picked: (f) => void this.select({ kind: 'parcel', id: f.id, scope: '' }, [], true), toggled: () => this.toggleList(), listed: (ids) => this.map?.list(ids),
    });
    addEventListener('hashchange', () => { if (location.hash !== write(this.state)) location.reload(); });
    addEventListener('keydown', (e) => { if (e.key === 'Escape') this.close(); });
    // The hash is the page's state, so the link moves the focus and not the address.
    byId('skip').addEventListener('click', (e) => { e.preventDefault(); byId('findings').focus(); });
    addEventListener('resize', () => this.map?.resize());
    if (this.snapshots.length === 0) { this.header(); this.empty(t('page.empty.snapshots'), t('page.empty.snapshots.do'), ['muscope load zones zones.geojson --snapshot 2025', 'muscope load parcels parcels.geojson --snapshot 2025', 'muscope analyze --snapshot 2025', 'muscope demo']); return; }
    const analyzed = this.snapshots.filter((s) => s.analysis_id);
    if (!this.snapshots.some((s) => s.name === this.state.snapshot)) this.state.snapshot = (analyzed[analyzed.length - 1] ?? this.snapshots[this.snapshots.length - 1] as api.Snapshot).name;
    await this.open();
  }

  /** open shows the snapshot of the state. */
  private async open(): Promise<void> {
    const name = this.state.snapshot;
    const snapshot = this.snapshots.find((s) => s.name === name);
    this.header();
    if (!snapshot?.analysis_id) { this.empty(t('page.empty.analysis', name), t('page.empty.analysis.do'), [`muscope analyze --snapshot ${name}`]); return; }
    const outside = new URLSearchParams({ no_zone: 'true', all: 'true', limit: '1' });
    const [sets, zones, noZone] = await Promise.all([api.getSets(name), api.getZones(name, []), api.getFindings(name, outside)]);
    this.asOf = sets.as_of;
    Object.assign(this.data, { sets: sets.sets, zones, noZone: noZone.total, choropleth: null, layers: snapshot.layers ?? [] });
    document.body.classList.remove('empty');
    this.header();
    this.note(snapshot.stale ? t('page.stale', name) : zones.length === 0 ? t('page.empty.zones') : snapshot.parcels === 0 ? t('page.empty.parcels') : '');
    this.legend();
    this.drawTable();
    void this.loadRejects();
    const lookAtSelection = !this.state.view;
    await this.openMap(zones);
    if (this.state.selection) await this.select({ ...this.state.selection }, [], lookAtSelection);
    else drawEmpty(byId('panel'));
  }

  private async openMap(zones: api.ZoneSummary[]): Promise<void> {
    if (!this.map) {
      if (!supported()) { fill(byId('map'), h('p', { class: 'no-map' }, t('page.error.webgl'))); return; }
      fill(byId('map-tools'), h('button', { type: 'button', id: 'whole', onclick: () => this.map?.whole() }, t('page.map.all')),
        h('button', { type: 'button', id: 'show-layers', onclick: () => document.body.classList.toggle('layers-open') }, t('page.layers')));
      this.map = new LandMap(byId('map'), byId('map-note'), this.config, {
        picked: (first, others) => void this.select(first, others, false),
        moved: (zoom, lat, lon) => { this.state.view = { zoom, lat, lon }; this.save(); },
      });
    }
    await this.map.open(this.state.snapshot, zones, this.state);
    if (this.state.colour === 'indicator') await this.loadChoropleth();
  }

  private save(): void { history.replaceState(null, '', write(this.state)); }

  private header(): void {
    const pick = h('select', { id: 'snapshot', onchange: (e: Event) => this.changeSnapshot((e.target as HTMLSelectElement).value) },
      this.snapshots.map((s) => h('option', { value: s.name, selected: s.name === this.state.snapshot }, s.name)));
    const other = lang() === 'zh' ? 'en' : 'zh';
    byId('skip').textContent = t('page.skip');
    document.title = `muscope · ${t('page.title')}`;
    fill(byId('header'),
      h('div', { class: 'brand' }, h('strong', {}, 'muscope'), h('span', {}, t('page.title'))),
      this.snapshots.length > 0 && h('label', { class: 'field inline' }, h('span', {}, t('page.snapshot')), pick),
      this.asOf && h('span', { class: 'as-of' }, t('page.as-of', this.asOf)),
      this.totals(),
      h('button', { type: 'button', id: 'language', lang: other === 'zh' ? 'zh-CN' : 'en', 'aria-label': t('page.language.label'), onclick: () => this.changeLanguage(other) }, t('page.language')));
  }

  private totals(): HTMLElement | null {
    const land = this.data?.sets[0]?.land;
    if (!land) return null;
    const statuses = Object.values(land.by_status ?? {});
    const violated = this.data.zones.reduce((n, z) => n + (z.verdicts.violated ?? 0), 0);
    const item = (label: string, value: string, kind = ''): HTMLElement => h('div', { class: kind }, h('dt', {}, label), h('dd', {}, value));
    const of = (s: string): number => land.by_status?.[s]?.area_mu ?? 0;
    return h('dl', { class: 'totals', 'aria-label': t('page.total.label'), title: `${t('page.total.label')}（${t('page.total.note')}）` },
      item(t('page.total.zones'), count(new Set(this.data.zones.map((z) => z.code)).size)),
      item(t('page.total.parcels'), count(statuses.reduce((n, l) => n + l.parcels, 0))),
      item(t('page.total.area'), amount(statuses.reduce((n, l) => n + l.area_mu, 0), 1)),
      item(t('page.total.unsupplied'), amount(of('unsupplied'), 1)), item(t('page.total.idle'), amount(of('suspected_idle'), 1), of('suspected_idle') ? 'alert' : ''),
      item(t('page.total.violated'), count(violated), violated ? 'alert' : ''));
  }

  private legend(): void {
    drawLegend(byId('layers'), this.state, this.data, {
      colour: (by) => { this.state.colour = by; this.repaint(); if (by === 'indicator') void this.loadChoropleth(); },
      indicator: (id) => { this.state.indicator = id; this.data.choropleth = null; this.repaint(); void this.loadChoropleth(); },
      layer: (id, on) => { if (on) this.state.layers.add(id); else this.state.layers.delete(id); this.repaint(); },
      toggle: (field, value) => {
        const now = this.state.filter[field];
        this.setFilter({ ...this.state.filter, all: true, [field]: now.includes(value) ? now.filter((v) => v !== value) : [...now, value] });
      },
      noZone: () => { const on = !this.state.filter.noZone; this.setFilter({ ...this.state.filter, noZone: on, all: on || this.state.filter.all, zone: '', scope: '' }); if (on) this.map?.whole(); },
      picked: (zone) => void this.select(zone, [], true),
    });
  }

  private repaint(): void { this.save(); this.legend(); this.map?.paint(this.state); }

  private async loadChoropleth(): Promise<void> {
    const zonal = this.data.indicators.filter((i) => !i.project);
    const info = zonal.find((i) => i.id === this.state.indicator) ?? zonal.find((i) => i.id === 'build_rate') ?? zonal[0];
    if (!info) return;
    this.state.indicator = info.id;
    try {
      const zones = await api.getZones(this.state.snapshot, [info.id]);
      if (info.id !== this.state.indicator) return; // another was chosen meanwhile
      const values: Choropleth['values'] = new Map(zones.map((z) => [keyOf(z), z.indicators?.[info.id] ?? { value: null, exact: false, coverage: 0, bounds: null }]));
      const known = [...values.values()].flatMap((v) => (v.value === null ? [] : [v.value]));
      this.data.choropleth = { unit: info.unit, values, ends: breaks(known, 5) };
      this.map?.setChoropleth(this.data.choropleth);
      this.save();
      this.legend();
    } catch (cause) { this.note(explain(cause)); }
  }

  private setFilter(f: Filter): void {
    const before = this.state.filter;
    this.state.filter = f;
    this.repaint();
    const zone = f.zone !== before.zone || f.scope !== before.scope ? this.data.zones.find((z) => z.code === f.zone && z.boundary_scope === (f.scope || 'approved')) : undefined;
    if (zone?.bbox) this.map?.zoomTo(zone.bbox);
    this.drawTable();
  }

  private drawTable(): void { this.table.draw(this.state, { config: this.config, zones: this.data.zones, rules: this.data.rules }); }

  private toggleList(): void { document.body.classList.toggle('list-closed'); this.map?.resize(); }

  private async select(pick: Picked | null, others: Picked[], zoom: boolean): Promise<void> {
    if (!pick) { this.close(); return; }
    this.endExpansion();
    this.state.selection = pick;
    this.save();
    this.map?.paint(this.state);
    this.table.mark(pick.kind === 'parcel' ? pick.id : null);
    document.body.classList.add('panel-open');
    document.body.classList.remove('layers-open');
    this.map?.resize();
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    const panel = byId('panel'), title = `${t(`page.${pick.kind}`)} ${pick.id}`;
    const on = this.panelEvents();
    drawLoading(panel, title, on);
    panel.scrollTop = 0;
    const context = { snapshot: this.state.snapshot, config: this.config, indicators: this.data.indicators, rules: this.data.rules };
    try {
      if (pick.kind === 'parcel') {
        const p = await api.getParcel(this.state.snapshot, pick.id, asked.signal);
        this.selected = p;
        drawParcel(panel, p, context, others.filter((o) => o.kind === 'parcel').map((o) => o.id), on);
      } else {
        const z = await api.getZone(this.state.snapshot, pick.id, pick.scope, asked.signal);
        this.selected = z;
        drawZone(panel, z, context, on);
      }
      if (zoom) this.zoomToSelected();
      else if (this.selected?.bbox && pick.kind === 'parcel') this.map?.reveal(this.selected.bbox);
    } catch (cause) {
      if (!asked.signal.aborted) drawProblem(panel, title, explain(cause), on, () => void this.select(pick, others, zoom));
    }
  }

  /** zoomToSelected shows a zone whole, and a parcel with its neighbours. */
  private zoomToSelected(): void {
    if (this.selected?.bbox) this.map?.zoomTo(this.selected.bbox, true, this.state.selection?.kind === 'parcel' ? 1.5 : 0);
  }

  private panelEvents(): PanelEvents {
    return {
      close: () => this.close(),
      zone: (code, scope) => void this.select({ kind: 'zone', id: code, scope }, [], true),
      parcel: (id) => void this.select({ kind: 'parcel', id, scope: '' }, [], true),
      zoom: () => this.zoomToSelected(),
      expand: (z) => {
        this.endExpansion();
        this.expansion = new Expansion(byId('panel'), this.map, { code: z.code, scope: z.boundary_scope, name: z.name }, this.state.snapshot,
          { close: () => this.close(), parcel: (id) => void this.select({ kind: 'parcel', id, scope: '' }, [], true) });
        byId('panel').scrollTop = 0;
        this.expansion.open();
      },
      explain: (x) => void this.explainer.show(x.title, (signal) => api.getExplanation(this.state.snapshot, x.zone, x.scope, x.what, x.parcel, signal)),
      onlyZone: (zone, scope) => this.setFilter({ ...noFilter(), zone, scope, all: true }),
    };
  }

  private endExpansion(): void { this.expansion?.leave(); this.expansion = null; }

  private close(): void {
    this.endExpansion();
    this.asked?.abort();
    this.state.selection = null;
    this.selected = null;
    this.save();
    document.body.classList.remove('panel-open', 'layers-open');
    drawEmpty(byId('panel'));
    this.table.mark(null);
    this.map?.paint(this.state);
    this.map?.resize();
  }

  private changeSnapshot(name: string): void {
    this.state.snapshot = name;
    this.state.view = null;
    this.state.selection = null;
    this.state.filter = noFilter();
    this.save();
    void this.open().catch((cause) => this.fail(cause));
  }

  private changeLanguage(to: string): void {
    this.state.lang = to;
    this.save();
    location.reload(); // the map's own words are set when it is made
  }

  private async loadRejects(): Promise<void> {
    this.data.rejects = null;
    const { total, rejects } = await api.getRejects(this.state.snapshot).catch(() => ({ total: 0, rejects: [] as api.Reject[] }));
    if (total === 0) return;
    const row = (r: api.Reject): HTMLElement => h('tr', {}, h('td', {}, h('span', { class: `chip ${r.severity}` }, t(r.severity === 'reject' ? 'page.rejects.refused' : 'page.rejects.warned'))),
      h('td', {}, `${r.file} #${r.feature}${r.id ? ` (${r.id})` : ''}`), h('td', {}, r.field ?? ''), h('td', {}, r.reason), h('td', {}, r.remedy));
    const dialog = h('dialog', { id: 'rejects' }, h('div', { class: 'panel-head' }, h('h2', {}, t('page.rejects.title')), h('button', { type: 'button', class: 'icon', 'aria-label': t('page.close'), onclick: () => dialog.close() }, '×')),
      h('div', { class: 'scroll' }, h('table', {}, h('tbody', {}, rejects.map(row)))));
    document.getElementById('rejects')?.remove();
    document.body.append(dialog);
    this.data.rejects = { total, show: () => dialog.showModal() };
    this.legend();
  }

  private note(text: string): void {
    const el = byId('notice');
    el.hidden = text === '';
    fill(el, h('span', {}, text), h('button', { type: 'button', class: 'icon', 'aria-label': t('page.close'), onclick: () => { el.hidden = true; } }, '×'));
  }

  private empty(title: string, what: string, commands: string[]): void {
    document.body.classList.add('empty');
    fill(byId('findings'), h('div', { class: 'empty-state' }, h('h2', {}, title), h('p', {}, what), h('pre', {}, commands.join('\n'))));
  }

  /** fail says that the page could not be shown at all. */
  fail(cause: unknown): void {
    document.body.classList.add('empty');
    fill(byId('findings'), h('div', { class: 'empty-state', role: 'alert' }, h('h2', {}, t('page.error')), h('p', {}, explain(cause)), h('button', { type: 'button', onclick: () => location.reload() }, t('page.retry'))));
  }
}

/** explain says in words what a request came back with. */
function explain(cause: unknown): string {
  if (!(cause instanceof api.ApiError)) return String(cause);
  if (cause.status === 0) return t('page.error.network');
  return cause.status >= 500 && cause.requestID ? `${cause.message} (${t('page.error.request', cause.requestID)})` : cause.message;
}

const page = new Page();
page.start().catch((cause) => page.fail(cause));
