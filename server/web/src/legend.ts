// The left side: what the map is coloured by, what the colours mean with counts, and what else is shown. A legend entry is a filter.
import type { Config, IndicatorInfo, Land, RuleInfo, ZoneSet, ZoneSummary } from './api';
import { fill, h, swatch } from './dom';
import { amount, bare, comparison, count, unitName } from './format';
import { lang, t } from './i18n';
import { keyOf, type Choropleth, type Picked } from './map';
import { classColours, classOf, rampOf, statusColours, unknownColour } from './palette';
import type { State } from './state';

export interface LegendData {
  config: Config; indicators: IndicatorInfo[]; rules: RuleInfo[]; sets: ZoneSet[]; zones: ZoneSummary[]; noZone: number; choropleth: Choropleth | null; layers: string[];
  rejects: { total: number; show(): void } | null; // the load report, where there is something in it
}
export interface LegendEvents {
  colour(by: State['colour']): void;
  indicator(id: string): void;
  layer(id: string, on: boolean): void;
  toggle(field: 'status' | 'class', value: string): void;
  noZone(): void;
  picked(zone: Picked): void;
}

/** drawLegend fills the side with controls and legend. */
export function drawLegend(el: HTMLElement, s: State, d: LegendData, on: LegendEvents): void {
  const focused = document.activeElement instanceof HTMLElement && el.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  fill(el,
    h('h2', {}, t('page.layers')),
    segmented(s, on),
    s.colour === 'indicator' ? indicatorLegend(s, d, on) : wordLegend(s, d, on),
    noZoneEntry(s, d, on),
    toggles(s, d, on),
    d.rejects && h('button', { type: 'button', class: 'rejects', 'data-focus': 'rejects', onclick: d.rejects.show }, t('page.rejects', count(d.rejects.total))),
  );
  if (focused) el.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

function segmented(s: State, on: LegendEvents): HTMLElement {
  const choice = (by: State['colour']): HTMLElement =>
    h('button', { type: 'button', class: 'seg', 'aria-pressed': String(s.colour === by), 'data-focus': `colour-${by}`, onclick: () => on.colour(by) }, t(`page.colour.${by}`));
  return h('div', { class: 'segmented', role: 'group', 'aria-label': t('page.colour') }, choice('status'), choice('class'), choice('indicator'));
}

/** landOf is the land over all zones by status or class; each square metre counts once. */
function landOf(d: LegendData, field: 'status' | 'class'): Record<string, Land> {
  const table = d.sets[0]?.land;
  return (field === 'status' ? table?.by_status : table?.by_class) ?? {};
}

function wordLegend(s: State, d: LegendData, on: LegendEvents): HTMLElement {
  const field = s.colour === 'class' ? 'class' : 'status';
  const colours = field === 'class' ? classColours : statusColours;
  const unknown = field === 'class' ? 'unknown' : 'undetermined';
  const land = landOf(d, field);
  const chosen = s.filter[field];
  const rows = (field === 'class' ? d.config.classes : d.config.statuses).filter((w) => land[w] || chosen.includes(w)).map((w) => {
    const l = land[w] ?? { parcels: 0, area_mu: 0 };
    return h('li', {}, h('button', {
      type: 'button', class: 'legend-row', 'data-focus': `${field}-${w}`, 'data-value': w, 'aria-pressed': String(chosen.includes(w)), onclick: () => on.toggle(field, w),
    }, swatch(colours[w] ?? unknownColour, w === unknown ? 'hatch' : 'fill'), h('span', { class: 'name' }, t(`${field}.${w}`)),
    h('span', { class: 'num' }, count(l.parcels)), h('span', { class: 'num mu' }, amount(l.area_mu))));
  });
  return h('section', { class: chosen.length ? 'legend filtered' : 'legend' },
    h('div', { class: 'legend-head' }, h('h3', {}, t('page.legend')), h('span', { class: 'num' }, t('page.legend.parcels')), h('span', { class: 'num mu' }, t('page.legend.mu'))),
    h('ul', { class: 'plain' }, rows),
    h('p', { class: 'hint' }, `${t('page.legend.counted')}${lang() === 'zh' ? '；' : '; '}${t('page.legend.filter')}`));
}

function indicatorLegend(s: State, d: LegendData, on: LegendEvents): HTMLElement {
  const menu = h('select', { id: 'indicator', 'data-focus': 'indicator', onchange: (e: Event) => on.indicator((e.target as HTMLSelectElement).value) },
    d.indicators.filter((i) => !i.project).map((i) => h('option', { value: i.id, selected: i.id === s.indicator }, i.title[lang()])));
  const info = d.indicators.find((i) => i.id === s.indicator);
  const c = d.choropleth;
  return h('section', { class: 'legend' },
    h('label', { class: 'field' }, h('span', {}, t('page.indicator')), menu),
    info && h('p', { class: 'hint' }, info.formula[lang()]),
    c ? classes(c) : h('p', { class: 'hint' }, t('page.loading')),
    limits(d.rules, s.indicator),
    c && zoneList(c, d.zones, on));
}

function classes(c: Choropleth): HTMLElement {
  const colours = rampOf(c.ends.length);
  const values = [...c.values.values()];
  const known = values.flatMap((v) => (v.value === null ? [] : [v.value]));
  const rows = c.ends.map((end, i) => {
    const inside = known.filter((v) => classOf(v, c.ends) === i);
    const low = Math.min(...inside);
    const text = low === end ? bare(end, c.unit) : `${bare(low, c.unit)} – ${bare(end, c.unit)}`;
    return h('li', { class: 'legend-row' }, swatch(colours[i] as string), h('span', { class: 'name' }, text), h('span', { class: 'num' }, count(inside.length)));
  });
  const missing = values.length - known.length;
  return h('div', {},
    h('div', { class: 'legend-head' }, h('h3', {}, `${t('page.legend')}${c.unit === 'ratio' ? '' : ` · ${unitName(c.unit)}`}`), h('span', { class: 'num' }, t('page.total.zones'))),
    h('ul', { class: 'plain' }, rows,
      h('li', { class: 'legend-row' }, swatch(unknownColour, 'hatch'), h('span', { class: 'name' }, t('page.legend.incomputable')), h('span', { class: 'num' }, count(missing)))),
    values.some((v) => v.value !== null && !v.exact) && h('p', { class: 'hint' }, t('page.legend.partial')));
}

function limits(rules: RuleInfo[], indicator: string): HTMLElement | null {
  const rows = rules.filter((r) => r.indicator === indicator).flatMap((r) => {
    const last = r.limits[r.limits.length - 1];
    return last && last.value !== null ? [h('li', {}, t('page.legend.limit', `${comparison(r.comparison)} ${bare(last.value, r.unit ?? '')}`, r.title[lang()]))] : [];
  });
  return rows.length ? h('ul', { class: 'plain hint' }, rows) : null;
}

function zoneList(c: Choropleth, zones: ZoneSummary[], on: LegendEvents): HTMLElement {
  const value = (z: ZoneSummary): number => c.values.get(keyOf(z))?.value ?? -Infinity;
  const rows = [...zones].sort((a, b) => value(b) - value(a)).slice(0, 200).map((z) => {
    const v = c.values.get(keyOf(z));
    const shown = v?.value === null || v?.value === undefined ? t('page.legend.incomputable') : `${v.exact ? '' : '≈ '}${bare(v.value, c.unit)}`;
    return h('li', {}, h('button', { type: 'button', class: 'legend-row', onclick: () => on.picked({ kind: 'zone', id: z.code, scope: z.boundary_scope }) },
      h('span', { class: 'name' }, z.name, z.boundary_scope === 'managed' && ` (${t('boundary_scope.managed')})`), h('span', { class: 'num' }, shown)));
  });
  return h('ul', { class: 'plain zone-list' }, rows);
}

function noZoneEntry(s: State, d: LegendData, on: LegendEvents): HTMLElement | null {
  if (d.noZone === 0) return null;
  return h('ul', { class: 'plain' }, h('li', {}, h('button', { type: 'button', class: 'legend-row', id: 'no-zone', 'data-focus': 'nozone', 'aria-pressed': String(s.filter.noZone), onclick: () => on.noZone() },
    swatch('#c2185b', 'line'), h('span', { class: 'name' }, t('page.legend.no-zone')), h('span', { class: 'num' }, count(d.noZone)), h('span', { class: 'num mu' }))));
}

function toggles(s: State, d: LegendData, on: LegendEvents): HTMLElement {
  const box = (id: string, text: string): HTMLElement => h('label', { class: 'check' },
    h('input', { type: 'checkbox', checked: s.layers.has(id), 'data-focus': `layer-${id}`, onchange: (e: Event) => on.layer(id, (e.target as HTMLInputElement).checked) }), text);
  return h('fieldset', {}, h('legend', {}, t('page.show')), box('names', t('page.layer.names')),
    d.layers.includes('buildings') && box('buildings', t('layer.buildings')), d.layers.includes('constraints') && box('constraints', t('layer.constraints')),
    d.config.basemap && box('basemap', t('page.layer.basemap')));
}
