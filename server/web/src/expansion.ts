// An expansion application, drawn or read from a file, checked before it is filed: conditions, what would have to change, and the places on the map.
import { ApiError, checkExpansion, type Application, type ExpansionArea, type ExpansionCondition, type ExpansionDocument, type ExpansionSet, type Position } from './api';
import { fill, h } from './dom';
import { amount, comparison, count, measure } from './format';
import { lang, t } from './i18n';

const kinds = ['enlargement', 'adjustment', 'upgrade', 'inclusion'];
const maxBytes = 50e6;

/** Piece is a proposed piece of land. */
export interface Piece { part: 'added' | 'removed' | 'whole'; name: string; geometry: { type: 'Polygon' | 'MultiPolygon'; coordinates: unknown } }
export interface Shown { kind: 'added' | 'removed' | 'whole' | 'fault' | 'trimmed'; geometry: unknown; name: string }

/** ExpansionMap is what the check needs of the map. */
export interface ExpansionMap {
  /** draw lets the user draw a ring; null when given up. */
  draw(): Promise<Position[] | null>;
  stopDrawing(): void;
  show(shapes: Shown[]): void;
  lookAt(place: Position): void;
}

const area = (a: ExpansionArea): string => `${amount(a.area_mu)} ${t('page.mu')} (${amount(Number(a.area_ha), 4)} ${t('unit.ha')})`;
const section = (title: string, ...inside: (Node | string | null | false | undefined)[]): HTMLElement => h('section', {}, h('h3', {}, title), inside);
const chip = (kind: string, text: string): HTMLElement => h('span', { class: `chip ${kind}` }, text);

/** Expansion is the workbench of one application, in the panel. */
export class Expansion {
  private pieces: Piece[] = [];
  private kind = kinds[0] as string;
  private application: Partial<Application> = {};
  private drawing = false;
  private result = h('div', { class: 'result', 'aria-live': 'polite' });
  private asked: AbortController | null = null;

  constructor(private readonly el: HTMLElement, private readonly map: ExpansionMap | null, private readonly zone: { code: string; scope: string; name: string }, private readonly snapshot: string,
    private readonly on: { close(): void; parcel(id: string): void }) {}

  /** open shows the form. */
  open(): void { this.draw(); }

  /** leave takes its shapes off the map. */
  leave(): void { this.asked?.abort(); this.map?.stopDrawing(); this.map?.show([]); }

  private draw(): void {
    const file = h('input', { type: 'file', id: 'x-file', accept: '.geojson,.json', class: 'visually-hidden', onchange: (e: Event) => void this.read(e.target as HTMLInputElement) });
    const remove = (i: number): void => { this.pieces.splice(i, 1); this.changed(); };
    fill(this.el,
      h('div', { class: 'panel-head' }, h('div', {}, h('h2', {}, t('page.expand')), h('p', { class: 'sub' }, `${this.zone.name} · ${this.zone.code}`)),
        h('button', { type: 'button', class: 'icon', 'aria-label': t('page.close'), onclick: () => this.on.close() }, '×')),
      h('p', { class: 'hint' }, t('page.expand.about')),
      h('label', { class: 'field' }, h('span', {}, t('page.expand.kind')), h('select', { id: 'x-kind', onchange: (e: Event) => { this.kind = (e.target as HTMLSelectElement).value; this.changed(); } },
        kinds.map((k) => h('option', { value: k, selected: k === this.kind }, t(`page.expand.kind.${k}`))))),
      h('div', { class: 'actions' },
        this.map && h('button', { type: 'button', id: 'x-draw', 'aria-pressed': String(this.drawing), onclick: () => void this.sketch('added') }, t('page.expand.draw')),
        this.map && this.kind === 'adjustment' && h('button', { type: 'button', id: 'x-draw-out', onclick: () => void this.sketch('removed') }, t('page.expand.draw-out')),
        h('button', { type: 'button', onclick: () => file.click() }, t('page.expand.file')), file),
      this.drawing && h('p', { class: 'hint', role: 'status' }, t('page.expand.drawing')),
      this.pieces.length > 0 && h('ul', { class: 'plain pieces' }, this.pieces.map((p, i) => h('li', {}, chip('', t(`page.expand.part.${p.part}`)), ' ', p.name || t('page.expand.piece', i + 1), ' ',
        h('button', { type: 'button', class: 'icon', 'aria-label': t('page.expand.remove', p.name || i + 1), onclick: () => remove(i) }, '×')))),
      h('div', { class: 'actions' }, h('button', { type: 'button', class: 'button primary', id: 'x-check', disabled: this.pieces.length === 0 && this.kind !== 'upgrade', onclick: () => void this.check() }, t('page.expand.check'))),
      this.result);
  }

  private changed(): void { fill(this.result); this.map?.show(this.pieces.map((p) => ({ kind: p.part, geometry: p.geometry, name: p.name }))); this.draw(); }

  private async sketch(part: 'added' | 'removed'): Promise<void> {
    if (!this.map || this.drawing) return;
    this.drawing = true;
    this.draw();
    const ring = await this.map.draw();
    this.drawing = false;
    if (ring) this.pieces.push({ part, name: '', geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]]] } });
    this.changed();
  }

  private async read(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    try {
      if (file.size > maxBytes) throw new Error(t('page.expand.too-large', maxBytes / 1e6));
      const doc = JSON.parse(await file.text()) as { type?: string; application?: Partial<Application>; features?: { properties?: { part?: Piece['part']; name?: string } | null; geometry?: Piece['geometry'] | null }[]; geometry?: Piece['geometry']; coordinates?: unknown };
      const features = doc.features ?? [doc.geometry ? { geometry: doc.geometry } : { geometry: doc as unknown as Piece['geometry'] }];
      const areas = features.filter((f) => f.geometry && /Polygon$/.test(f.geometry.type));
      if (areas.length === 0) throw new Error(t('page.expand.no-area'));
      for (const f of areas) this.pieces.push({ part: f.properties?.part ?? 'added', name: f.properties?.name ?? '', geometry: f.geometry as Piece['geometry'] });
      this.application = doc.application ?? {};
      if (this.application.kind && kinds.includes(this.application.kind)) this.kind = this.application.kind;
      this.changed();
    } catch (cause) {
      this.problem(cause instanceof Error ? cause.message : String(cause));
    }
  }

  private problem(text: string): void { fill(this.result, h('div', { class: 'problem', role: 'alert' }, h('p', {}, text))); }

  private body(): string {
    const application = { ...this.application, zone: this.zone.code, boundary_scope: this.zone.scope, kind: this.kind };
    return JSON.stringify({ type: 'FeatureCollection', application, features: this.pieces.map((p) => ({ type: 'Feature', properties: { part: p.part, ...(p.name ? { name: p.name } : {}) }, geometry: p.geometry })) });
  }

  private async check(): Promise<void> {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    fill(this.result, h('p', { class: 'hint', role: 'status' }, t('page.loading')));
    try {
      const answer = await checkExpansion(this.snapshot, this.body(), 'json', asked.signal);
      this.show((await answer.json()) as ExpansionDocument);
    } catch (cause) {
      if (!asked.signal.aborted) this.problem(cause instanceof ApiError && cause.status > 0 ? cause.message : t('page.error.network'));
    }
  }

  private show(d: ExpansionDocument): void {
    const faults = d.conditions.filter((c) => c.outcome === 'violated').flatMap((c) => (c.pieces ?? []).map((p): Shown => ({ kind: 'fault', geometry: p.geometry, name: c.title[lang()] })));
    this.map?.show([...this.pieces.map((p): Shown => ({ kind: p.part, geometry: p.geometry, name: p.name })), ...(d.trimmed ? [{ kind: 'trimmed', geometry: d.trimmed.geometry, name: '' } as Shown] : []), ...faults]);
    const save = (format: string): HTMLElement => h('button', { type: 'button', class: 'save', 'data-format': format, onclick: () => void this.save(format) }, format === 'html' ? t('page.expand.report') : format.toUpperCase());
    fill(this.result,
      section(t('page.expand.outcome'), h('p', { class: 'big' }, chip(d.outcome, t(`page.expand.outcome.${d.outcome}`))),
        h('p', {}, t('page.expand.counts', d.counts.violated, d.counts.incomputable, d.counts.satisfied, d.counts.no_limit_configured)),
        h('p', {}, `${area(d.areas.old)} + ${area(d.areas.added)} − ${area(d.areas.removed)} = `, h('strong', {}, area(d.areas.new))),
        h('div', { class: 'actions' }, ['html', 'csv', 'geojson'].map(save))),
      ...['bottom_line', 'consistency', 'application', 'economy'].map((g) => this.group(g, d)),
      this.trimmed(d), this.remedies(d), this.room(d));
  }

  private group(group: string, d: ExpansionDocument): HTMLElement | null {
    const order = ['violated', 'incomputable', 'satisfied', 'not_applicable'];
    const list = d.conditions.filter((c) => c.group === group).sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
    const free = group === 'economy' ? d.economy.filter((e) => e.limit.code === 'no_limit_configured') : [];
    if (list.length + free.length === 0) return null;
    return section(t(`page.expand.group.${group}`), ...list.map((c) => this.condition(c)),
      free.length > 0 && h('details', {}, h('summary', {}, t('page.expand.no-limit', free.length)), h('ul', { class: 'plain hint' }, free.map((e) =>
        h('li', {}, `${e.title[lang()]}: ${measure(e.indicator.value, e.indicator.unit)}`, (e.references ?? []).map((r) => ` · ${r.title[lang()]} ${r.value}`))))));
  }

  private condition(c: ExpansionCondition): HTMLElement {
    return h('article', { class: `verdict ${c.outcome}`, 'data-condition': c.id, 'data-outcome': c.outcome },
      h('header', {}, chip(c.outcome, t(`outcome.${c.outcome}`)), h('strong', {}, c.title[lang()])),
      h('p', {}, c.reason.text[lang()], c.area ? h('strong', {}, ` ${area(c.area)}`) : null),
      c.outcome !== 'incomputable' && c.arithmetic[lang()] && h('p', { class: 'hint' }, c.arithmetic[lang()]),
      c.missing?.length ? h('ul', { class: 'hint' }, c.missing.map((m) => h('li', {}, m.remedy[lang()]))) : null,
      c.pieces?.length ? h('p', {}, c.pieces.slice(0, 12).map((p, i) => [this.map ? h('button', { type: 'button', class: 'link', onclick: () => this.map?.lookAt(p.place) }, p.name || p.id || t('page.expand.place', i + 1)) : p.id || '', ` ${area(p)}; `]),
        c.count > 12 && t('page.expand.more-places', count(c.count - 12))) : null,
      c.basis.map((b) => h('p', { class: 'hint' }, [b.document[lang()], b.number, b.clause].filter((x, i, all) => x && all.indexOf(x) === i).join(' '), b.quote && h('span', { lang: 'zh-CN' }, `「${b.quote}」`))));
  }

  private trimmed(d: ExpansionDocument): HTMLElement | null {
    return d.trimmed ? section(t('page.expand.trimmed'), h('p', {}, d.trimmed.text[lang()])) : null;
  }

  private remedies(d: ExpansionDocument): HTMLElement | null {
    if (!d.what_would_have_to_change?.length) return null;
    const steps = (title: string, s: ExpansionSet | undefined): HTMLElement | null => s ? h('details', {}, h('summary', {}, `${title}: ${t('page.expand.steps', count(s.count))} · ${t(`page.expand.method.${s.method}`)} → ${t(`outcome.${s.outcome_after}`)}`),
      h('ul', {}, s.parcels.map((p) => h('li', {}, h('button', { type: 'button', class: 'link', onclick: () => this.on.parcel(p.id) }, p.id), ` ${p.text[lang()]} · ${area(p)}`)), (s.more ?? 0) > 0 && h('li', {}, t('page.verdict.more', count(s.more ?? 0))))) : null;
    return section(t('page.expand.change'), ...d.what_would_have_to_change.map((r) => h('article', { class: 'verdict violated' }, h('strong', {}, r.title[lang()]),
      h('p', {}, `${measure(r.observed, r.unit)} ${t('page.expand.against')} ${comparison(r.comparison)} ${measure(r.limit, r.unit)}`, r.shortfall ? ` · ${t('page.expand.shortfall')} ${area(r.shortfall)}` : ''),
      h('p', { class: 'hint' }, r.reason.text[lang()]), steps(t('page.expand.fewest'), r.fewest_parcels), steps(t('page.expand.least-area'), r.least_area))));
  }

  private room(d: ExpansionDocument): HTMLElement | null {
    const r = d.room;
    return r ? section(t('page.expand.room'), h('p', {}, r.text[lang()]), r.digest_first.length > 0 && h('details', {}, h('summary', {}, t('page.expand.digest', count(r.parcels))),
      h('ol', {}, r.digest_first.map((x) => h('li', {}, h('button', { type: 'button', class: 'link', onclick: () => this.on.parcel(x.id) }, x.id), ` ${t(`status.${x.status}`)} · ${x.how[lang()]} · ${area(x)}`))))) : null;
  }

  private async save(format: string): Promise<void> {
    try {
      const answer = await checkExpansion(this.snapshot, this.body(), format);
      const url = URL.createObjectURL(await answer.blob());
      const link = h('a', { href: url, download: `${this.zone.code}-expansion.${format}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (cause) { this.problem(cause instanceof ApiError && cause.status > 0 ? cause.message : t('page.error.network')); }
  }
}
