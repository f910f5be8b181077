// What the page shows, kept in the address after #, so that a link or a reload brings it back.

export interface State {
  snapshot: string;
  lang: string;
  colour: 'status' | 'class' | 'indicator';
  indicator: string;
  layers: Set<string>; // optional layers that are on
  selection: { kind: 'parcel' | 'zone'; id: string; scope: string } | null;
  view: { zoom: number; lat: number; lon: number } | null;
  filter: Filter;
}
export interface Filter { zone: string; scope: string; noZone: boolean; status: string[]; class: string[]; rule: string; outcome: string; q: string; cql: string; all: boolean; sort: string }

export const noFilter = (): Filter => ({ zone: '', scope: '', noZone: false, status: [], class: [], rule: '', outcome: '', q: '', cql: '', all: false, sort: 'id' });

const optional = ['names', 'buildings', 'constraints', 'basemap'];

/** read takes the state from an address; what it doesn't say is as at the first visit. */
export function read(hash: string, language: string): State {
  const p = new URLSearchParams(hash.replace(/^#/, ''));
  const colour = p.get('colour');
  return {
    snapshot: p.get('s') ?? '',
    lang: p.get('lang') === 'en' || p.get('lang') === 'zh' ? (p.get('lang') as string) : language,
    colour: colour === 'class' || colour === 'indicator' ? colour : 'status',
    indicator: p.get('indicator') ?? '',
    layers: new Set(p.has('layers') ? (p.get('layers') ?? '').split(',').filter((l) => optional.includes(l)) : ['names', 'basemap']),
    selection: selectionOf(p.get('sel')),
    view: viewOf(p.get('view')),
    filter: {
      zone: p.get('zone') ?? '', scope: p.get('scope') ?? '', noZone: p.get('nozone') === '1', status: p.getAll('status'), class: p.getAll('class'),
      rule: p.get('rule') ?? '', outcome: p.get('outcome') ?? '', q: p.get('q') ?? '', cql: p.get('filter') ?? '', all: p.get('all') === '1', sort: p.get('sort') ?? 'id',
    },
  };
}

function selectionOf(text: string | null): State['selection'] {
  const m = /^(parcel|zone):(?:(approved|managed):)?(.+)$/s.exec(text ?? '');
  return m ? { kind: m[1] as 'parcel' | 'zone', scope: m[2] ?? '', id: m[3] as string } : null;
}

function viewOf(text: string | null): State['view'] {
  const [zoom, lat, lon] = (text ?? '').split('/').map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined || ![zoom, lat, lon].every(Number.isFinite)) return null;
  return Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && zoom >= 0 && zoom <= 24 ? { zoom, lat, lon } : null;
}

/** write is the state as the part of an address after #. */
export function write(s: State): string {
  const p = new URLSearchParams();
  const put = (name: string, value: string): void => { if (value) p.append(name, value); };
  put('s', s.snapshot);
  put('lang', s.lang);
  if (s.colour !== 'status') put('colour', s.colour);
  if (s.colour === 'indicator') put('indicator', s.indicator);
  const on = optional.filter((l) => s.layers.has(l)).join(',');
  if (on !== 'names,basemap') p.append('layers', on);
  if (s.selection) put('sel', `${s.selection.kind}:${s.selection.scope ? `${s.selection.scope}:` : ''}${s.selection.id}`);
  if (s.view) put('view', `${s.view.zoom.toFixed(2)}/${s.view.lat.toFixed(5)}/${s.view.lon.toFixed(5)}`);
  const f = s.filter;
  put('zone', f.zone); put('scope', f.scope); put('nozone', f.noZone ? '1' : '');
  f.status.forEach((v) => put('status', v)); f.class.forEach((v) => put('class', v));
  put('rule', f.rule); put('outcome', f.outcome); put('q', f.q); put('filter', f.cql); put('all', f.all ? '1' : '');
  if (f.sort !== 'id') put('sort', f.sort);
  return `#${p}`;
}

/** filterQuery is a filter as parameters of the API. */
export function filterQuery(f: Filter): URLSearchParams {
  const p = new URLSearchParams();
  if (f.noZone) p.set('no_zone', 'true');
  else if (f.zone) { p.set('zone', f.zone); if (f.scope) p.set('boundary_scope', f.scope); }
  f.status.forEach((v) => p.append('status', v));
  f.class.forEach((v) => p.append('class', v));
  if (f.rule) p.set('rule', f.rule);
  if (f.outcome) p.set('outcome', f.outcome);
  if (f.q) p.set('q', f.q);
  if (f.cql) p.set('filter', f.cql);
  if (f.all) p.set('all', 'true');
  if (f.sort !== 'id') p.set('sort', f.sort);
  return p;
}
