// The map: layers, what they are painted with, and clicks. Tiles are for drawing only; a click gives an id, and the facts come from
// the API.
import maplibregl from 'maplibre-gl/dist/maplibre-gl-csp.js';
import type { FeatureCollection } from 'geojson';
import type { ExpressionSpecification, FilterSpecification, Map as GLMap, MapMouseEvent, StyleSpecification } from 'maplibre-gl';
import workerAddress from 'maplibre-gl/dist/maplibre-gl-csp-worker.js?url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { tileJSON, type BBox, type Config, type IndicatorValue, type Position, type ZoneSummary } from './api';
import { h } from './dom';
import type { Shown } from './expansion';
import { bare } from './format';
import { t } from './i18n';
import { classColours, classOf, rampOf, statusColours, unknownColour } from './palette';
import { Sketch } from './sketch';
import type { State } from './state';

export interface Choropleth { unit: string; values: Map<string, IndicatorValue>; ends: number[] }
export interface Picked { kind: 'parcel' | 'zone'; id: string; scope: string }
export interface MapEvents {
  picked(first: Picked | null, others: Picked[]): void;
  moved(zoom: number, lat: number, lon: number): void;
}

const overlays = ['constraints', 'buildings'];
const none: FilterSpecification = ['==', ['literal', 1], 2];
const keyExpression: ExpressionSpecification = ['concat', ['get', 'code'], '@', ['get', 'boundary_scope']];
export const keyOf = (z: { code: string; boundary_scope: string }): string => `${z.code}@${z.boundary_scope}`;

/** supported says whether the browser can draw the map at all. */
export function supported(): boolean {
  const canvas = document.createElement('canvas');
  return Boolean(canvas.getContext('webgl2') ?? canvas.getContext('webgl'));
}

export class LandMap {
  private readonly map: GLMap;
  private ready: Promise<void>;
  private markers: maplibregl.Marker[] = [];
  private zones: ZoneSummary[] = [];
  private choropleth: Choropleth | null = null;
  private parcelMinZoom = 0;
  private listed: string[] | null = null;
  private readonly sketch: Sketch;
  private failed = 0;
  private state: State | null = null;

  constructor(private readonly container: HTMLElement, private readonly note: HTMLElement, config: Config, private readonly events: MapEvents) {
    maplibregl.setWorkerUrl(new URL(workerAddress, document.baseURI).href);
    this.map = new maplibregl.Map({
      container, style: emptyStyle(config), center: [108.3, 22.8], zoom: 4, attributionControl: config.basemap ? {} : false,
      dragRotate: false, pitchWithRotate: false, fadeDuration: 0, maxZoom: 20, locale: mapWords(),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'top-right');
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), 'bottom-left');
    this.sketch = new Sketch(this.map);
    this.ready = new Promise((done) => { this.map.once('load', () => done()); });
    this.map.on('click', (e) => this.click(e));
    this.map.on('mousemove', (e) => { if (!this.sketch.drawing) this.map.getCanvas().style.cursor = this.at(e).length ? 'pointer' : ''; });
    this.map.on('moveend', () => { const c = this.map.getCenter(); events.moved(this.map.getZoom(), c.lat, c.lng); this.drawNames(); });
    this.map.on('zoom', () => this.showNote());
    this.map.on('idle', () => { container.dataset.idle = String(Number(container.dataset.idle ?? 0) + 1); });
    this.map.on('dataloading', () => { delete container.dataset.idle; });
    this.map.on('error', (e) => { this.failed++; console.warn('map:', e.error?.message ?? e); this.showNote(); });
  }

  /** open shows the layers of a snapshot. */
  async open(snapshot: string, zones: ZoneSummary[], state: State): Promise<void> {
    await this.ready;
    this.failed = 0;
    this.zones = zones;
    this.map.getCanvas().setAttribute('aria-label', t('page.map'));
    for (const layer of this.map.getStyle().layers) if (layer.id !== 'background' && layer.id !== 'basemap') this.map.removeLayer(layer.id);
    for (const id of ['zones', 'parcels', ...overlays]) {
      if (this.map.getSource(id)) this.map.removeSource(id);
      this.map.addSource(id, { type: 'vector', url: tileJSON(snapshot, id) });
    }
    if (this.map.getSource('zone-dots')) this.map.removeSource('zone-dots');
    this.map.addSource('zone-dots', { type: 'geojson', data: dots(zones) });
    addPatterns(this.map);
    addLayers(this.map);
    this.map.on('sourcedata', (e) => {
      if (e.sourceId !== 'parcels' || e.sourceDataType !== 'metadata') return;
      this.parcelMinZoom = (this.map.getSource('parcels') as { minzoom?: number } | undefined)?.minzoom ?? 0;
      this.showNote();
    });
    this.paint(state);
    this.list(this.listed);
    if (state.view) this.map.jumpTo({ center: [state.view.lon, state.view.lat], zoom: state.view.zoom });
    else this.whole(false);
  }

  /** paint applies the state: colours, filters, toggles, selection. */
  paint(state: State): void {
    this.state = state;
    if (!this.map.getLayer('parcel-fill')) return;
    const byIndicator = state.colour === 'indicator';
    const table = state.colour === 'class' ? classColours : statusColours;
    const field = state.colour === 'class' ? 'class' : 'status';
    const wanted = parcelFilter(state);
    this.map.setPaintProperty('parcel-fill', 'fill-color', ['match', ['get', field], ...Object.entries(table).flat(), unknownColour] as unknown as ExpressionSpecification);
    this.map.setFilter('parcel-fill', wanted);
    this.map.setFilter('parcel-hatch', both(wanted, ['==', ['get', field], state.colour === 'class' ? 'unknown' : 'undetermined']));
    this.map.setFilter('parcel-nozone', both(wanted, ['==', ['coalesce', ['get', 'zone'], ''], '']));
    this.toggle('parcel-fill', !byIndicator);
    this.toggle('parcel-hatch', !byIndicator);
    this.map.setPaintProperty('parcel-line', 'line-opacity', byIndicator ? 0.25 : 0.8);
    for (const id of ['zone-fill', 'zone-hatch']) this.toggle(id, byIndicator);
    for (const id of overlays) { this.toggle(`${id}-fill`, state.layers.has(id)); this.toggle(`${id}-line`, state.layers.has(id)); }
    if (this.map.getLayer('basemap')) this.toggle('basemap', state.layers.has('basemap'));
    const sel = state.selection;
    for (const id of ['parcel-halo', 'parcel-selected']) this.map.setFilter(id, sel?.kind === 'parcel' ? ['==', ['get', 'id'], sel.id] : none);
    this.map.setFilter('zone-selected', sel?.kind === 'zone' ? both(['==', ['get', 'code'], sel.id], ['==', ['get', 'boundary_scope'], sel.scope || 'approved']) : none);
    this.paintZones();
    this.drawNames();
    this.showNote();
  }

  /** setChoropleth gives the values that zones are coloured by. */
  setChoropleth(c: Choropleth | null): void {
    this.choropleth = c;
    if (this.map.getLayer('zone-fill')) { this.paintZones(); this.drawNames(); }
  }

  /** list marks the parcels of the rows listed; null marks none. */
  list(ids: string[] | null): void {
    this.listed = ids;
    if (this.map.getLayer('parcel-listed')) this.map.setFilter('parcel-listed', ids?.length ? ['in', ['get', 'id'], ['literal', ids]] : none);
  }

  /** draw lets a ring be drawn; see Expansion. */
  draw(): Promise<Position[] | null> { return this.sketch.draw(); }
  stopDrawing(): void { this.sketch.stop(); }
  show(shapes: Shown[]): void { this.sketch.show(shapes); }
  /** lookAt brings a place into view. */
  lookAt(place: Position): void { this.map.easeTo({ center: place, zoom: Math.max(this.map.getZoom(), 15.5), animate: !matchMedia('(prefers-reduced-motion: reduce)').matches }); }

  private paintZones(): void {
    const c = this.choropleth;
    const filled = this.zones.filter((z) => z.boundary_scope === 'approved' || !this.zones.some((o) => o.code === z.code && o.boundary_scope === 'approved')).map(keyOf);
    const known = c ? filled.filter((k) => (c.values.get(k)?.value ?? null) !== null) : [];
    const unknown = filled.filter((k) => !known.includes(k));
    this.map.setFilter('zone-fill', oneOf(known));
    this.map.setFilter('zone-hatch', oneOf(unknown));
    this.map.setPaintProperty('zone-dot', 'circle-color', '#ffffff');
    if (this.state?.colour === 'indicator') this.map.setPaintProperty('zone-dot', 'circle-color', unknownColour);
    if (!c || known.length === 0) return;
    const colours = rampOf(c.ends.length);
    const groups = colours.flatMap((colour, i) => {
      const keys = known.filter((k) => classOf(c.values.get(k)?.value as number, c.ends) === i);
      return keys.length ? [keys, colour] : [];
    });
    const colour = ['match', keyExpression, ...groups, unknownColour] as unknown as ExpressionSpecification;
    this.map.setPaintProperty('zone-fill', 'fill-color', colour);
    if (this.state?.colour === 'indicator') this.map.setPaintProperty('zone-dot', 'circle-color', colour);
  }

  private toggle(layer: string, on: boolean): void { this.map.setLayoutProperty(layer, 'visibility', on ? 'visible' : 'none'); }

  /** whole shows all zones, and all parcels once their box is known. */
  whole(animate = true): void {
    const boxes = this.zones.flatMap((z) => (z.bbox ? [z.bbox] : []));
    const parcels = (this.map.getSource('parcels') as { bounds?: BBox } | undefined)?.bounds;
    if (parcels) boxes.push(parcels);
    if (boxes.length) this.zoomTo(boxes.reduce(join), animate);
  }

  /** zoomTo shows a box with some room around it: margin is a share of its own size. */
  zoomTo(box: BBox, animate = true, margin = 0): void {
    const calm = !animate || matchMedia('(prefers-reduced-motion: reduce)').matches;
    const room = Math.min(60, this.container.clientWidth / 8, this.container.clientHeight / 8);
    const below = Math.min(this.covered(), this.container.clientHeight - 3 * room);
    const [dx, dy] = [(box[2] - box[0]) * margin, (box[3] - box[1]) * margin];
    this.map.fitBounds([[box[0] - dx, box[1] - dy], [box[2] + dx, box[3] + dy]], { padding: { top: room, left: room, right: room, bottom: room + below }, maxZoom: 17.5, animate: !calm, duration: 600 });
  }

  /** reveal brings a box out from under the sheet on narrow screens; where it is in sight already, nothing moves. */
  reveal(box: BBox): void {
    const middle: [number, number] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const below = this.covered();
    if (below > 0 && this.map.project(middle).y > this.container.clientHeight - below) this.map.easeTo({ center: middle, offset: [0, -below / 2], duration: 300 });
  }

  /** covered is how much of the map, from below, the open sheet hides. */
  private covered(): number {
    const sheet = document.getElementById('panel');
    if (!sheet || getComputedStyle(sheet).position !== 'fixed' || sheet.offsetHeight === 0) return 0;
    return Math.max(0, this.container.getBoundingClientRect().bottom - sheet.getBoundingClientRect().top);
  }

  resize(): void { this.map.resize(); this.drawNames(); }

  private at(e: MapMouseEvent): Picked[] {
    if (!this.map.getLayer('parcel-hit')) return [];
    const seen = new Set<string>();
    const out: Picked[] = [];
    for (const f of this.map.queryRenderedFeatures(e.point, { layers: ['zone-dot', 'parcel-hit', 'zone-hit'] })) {
      const parcel = f.layer.id === 'parcel-hit';
      const pick: Picked = parcel ? { kind: 'parcel', id: String(f.properties.id), scope: '' }
        : { kind: 'zone', id: String(f.properties.code), scope: String(f.properties.boundary_scope) };
      const key = `${pick.kind}:${pick.id}@${pick.scope}`;
      if (!seen.has(key)) out.push(pick);
      seen.add(key);
    }
    // Where zones are coloured, a click means the zone; parks lie above what they are part of.
    const park = (p: Picked): number => (this.zones.find((z) => z.code === p.id && z.boundary_scope === p.scope)?.part_of ? 0 : 1);
    const rank = (p: Picked): number => (p.kind === 'zone' ? (this.state?.colour === 'indicator' ? 0 : 4) + park(p) + (p.scope === 'managed' ? 2 : 0) : 3);
    return out.sort((a, b) => rank(a) - rank(b));
  }

  private click(e: MapMouseEvent): void {
    if (this.sketch.drawing) return;
    const [first, ...others] = this.at(e);
    this.events.picked(first ?? null, others);
  }

  private showNote(): void {
    const hidden = this.state?.colour !== 'indicator' && this.map.getZoom() < this.parcelMinZoom - 0.01;
    this.note.textContent = this.failed ? t('page.error') : hidden ? t('page.map.zoom-hint') : '';
    this.note.hidden = this.note.textContent === '';
  }

  /** drawNames puts names on the largest zones in view, none over another or over another's dot. */
  private drawNames(): void {
    this.markers.forEach((m) => m.remove());
    this.markers = [];
    if (!this.state?.layers.has('names')) return;
    const view = this.map.getBounds();
    const taken: [number, number, number, number][] = [];
    const byIndicator = this.state.colour === 'indicator';
    const inView = this.zones.filter((z) => z.label && view.contains(z.label)).sort((a, b) => (a.part_of ? 1 : 0) - (b.part_of ? 1 : 0) || b.area_mu - a.area_mu);
    const points = inView.filter((z) => this.map.getZoom() < dotZoom(z)).map((z) => ({ z, at: this.map.project(z.label as [number, number]) }));
    for (const z of inView) {
      if (this.markers.length >= 80) break;
      const p = this.map.project(z.label as [number, number]);
      const dot = this.map.getZoom() < dotZoom(z); // a name over a dot would hide it
      if (dot) p.y -= 22;
      const wide = 10 + 6.5 * Math.max(6, [...z.name].reduce((n, ch) => n + (ch.charCodeAt(0) > 255 ? 2 : 1.15), 0)) / 2; // half of its box
      const high = byIndicator ? 22 : 13;
      const box: [number, number, number, number] = [p.x - wide, p.y - high, p.x + wide, p.y + high];
      if (taken.some((o) => box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1])) continue;
      if (points.some((o) => o.z !== z && o.at.x > box[0] - 5 && o.at.x < box[2] + 5 && o.at.y > box[1] - 5 && o.at.y < box[3] + 5)) continue;
      taken.push(box);
      this.markers.push(new maplibregl.Marker({ element: this.name(z, byIndicator), offset: [0, dot ? -22 : 0] }).setLngLat(z.label as [number, number]).addTo(this.map));
    }
  }

  private name(z: ZoneSummary, withValue: boolean): HTMLElement {
    const v = this.choropleth?.values.get(keyOf(z));
    const value = withValue && this.choropleth && h('span', { class: 'zone-value' },
      v?.value === null || v?.value === undefined ? t('page.legend.incomputable') : `${v.exact ? '' : '≈ '}${bare(v.value, this.choropleth.unit)}`);
    return h('button', {
      class: 'zone-name', type: 'button', tabindex: -1, // the keyboard reaches zones by the legend and the list, in an order that makes sense
      onclick: (e: Event) => { e.stopPropagation(); this.events.picked({ kind: 'zone', id: z.code, scope: z.boundary_scope }, []); },
    }, h('span', {}, z.name), value);
  }
}

/** dotZoom is the zoom below which a zone is too small on the screen to be seen as an area, and is drawn as a dot. */
function dotZoom(z: ZoneSummary): number {
  if (!z.bbox) return 0;
  const degrees = Math.max(z.bbox[2] - z.bbox[0], z.bbox[3] - z.bbox[1], 1e-6);
  return Math.log2((14 * 360) / (512 * degrees)); // 14 pixels across
}

function dots(zones: ZoneSummary[]): FeatureCollection {
  return { type: 'FeatureCollection', features: zones.flatMap((z) => (z.label ? [{
    type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: z.label },
    properties: { code: z.code, boundary_scope: z.boundary_scope, until: dotZoom(z) },
  }] : [])) };
}

function mapWords(): Record<string, string> {
  return { 'NavigationControl.ZoomIn': t('page.map.zoom-in'), 'NavigationControl.ZoomOut': t('page.map.zoom-out'), 'Map.Title': t('page.map') };
}

function emptyStyle(config: Config): StyleSpecification {
  const style: StyleSpecification = { version: 8, sources: {}, layers: [{ id: 'background', type: 'background', paint: { 'background-color': '#f3f4f1' } }] };
  if (config.basemap) {
    style.sources.basemap = { type: 'raster', tiles: [config.basemap.tiles], tileSize: 256, maxzoom: config.basemap.max_zoom || 18, attribution: config.basemap.attribution };
    style.layers.push({ id: 'basemap', type: 'raster', source: 'basemap', paint: { 'raster-saturation': -0.5, 'raster-opacity': 0.8 } });
  }
  return style;
}

function both(a: FilterSpecification | null, b: FilterSpecification): FilterSpecification {
  return a ? (['all', a, b] as FilterSpecification) : b;
}

function oneOf(keys: string[]): FilterSpecification {
  return keys.length ? (['match', keyExpression, keys, true, false] as unknown as FilterSpecification) : none;
}

/** parcelFilter is the part of the filter that tiles know of: what isn't asked for isn't coloured, but keeps its outline. */
function parcelFilter(s: State): FilterSpecification | null {
  const all: unknown[] = ['all'];
  if (s.filter.status.length) all.push(['in', ['get', 'status'], ['literal', s.filter.status]]);
  if (s.filter.class.length) all.push(['in', ['get', 'class'], ['literal', s.filter.class]]);
  if (s.filter.noZone) all.push(['==', ['coalesce', ['get', 'zone'], ''], '']);
  return all.length > 1 ? (all as FilterSpecification) : null;
}

const join = (a: BBox, b: BBox): BBox => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];

/** addPatterns draws the hatches: grey strokes for what can't be told. */
function addPatterns(map: GLMap): void {
  if (map.hasImage('hatch')) return;
  const size = 16, data = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const on = (x + y) % 8 < 2;
      data.set(on ? [96, 102, 108, 255] : [222, 225, 227, 255], (y * size + x) * 4);
    }
  }
  map.addImage('hatch', { width: size, height: size, data }, { pixelRatio: 2 });
}

function addLayers(map: GLMap): void {
  const zone = { source: 'zones', 'source-layer': 'zones' }, parcel = { source: 'parcels', 'source-layer': 'parcels' };
  const managed: ExpressionSpecification = ['==', ['get', 'boundary_scope'], 'managed'];
  const approved: ExpressionSpecification = ['!=', ['get', 'boundary_scope'], 'managed'];
  map.addLayer({ id: 'zone-hit', type: 'fill', ...zone, paint: { 'fill-color': '#dfe5e8', 'fill-opacity': 0.5 } });
  map.addLayer({ id: 'zone-fill', type: 'fill', ...zone, filter: none, paint: { 'fill-color': unknownColour, 'fill-opacity': 0.9 } });
  map.addLayer({ id: 'zone-hatch', type: 'fill', ...zone, filter: none, paint: { 'fill-pattern': 'hatch' } });
  map.addLayer({ id: 'parcel-hit', type: 'fill', ...parcel, paint: { 'fill-color': '#ffffff', 'fill-opacity': 0.01 } });
  map.addLayer({ id: 'parcel-fill', type: 'fill', ...parcel, paint: { 'fill-color': unknownColour, 'fill-opacity': ['case', ['==', ['coalesce', ['get', 'zone'], ''], ''], 0.35, 0.92], 'fill-antialias': false } });
  map.addLayer({ id: 'parcel-hatch', type: 'fill', ...parcel, paint: { 'fill-pattern': 'hatch' } });
  map.addLayer({ id: 'parcel-line', type: 'line', ...parcel, paint: { 'line-color': '#55606a', 'line-width': ['interpolate', ['linear'], ['zoom'], 12, 0.15, 16, 0.8], 'line-opacity': 0.8 } });
  map.addLayer({ id: 'parcel-nozone', type: 'line', ...parcel, paint: { 'line-color': '#c2185b', 'line-width': 1.8, 'line-dasharray': [2, 1.5] } });
  addOverlay(map, 'constraints', '#1b7a3d', 0.18, [3, 2]);
  addOverlay(map, 'buildings', '#2f3437', 0.55, [1, 0]);
  map.addLayer({ id: 'zone-line', type: 'line', ...zone, filter: approved, layout: { 'line-join': 'round' }, paint: { 'line-color': '#12344a', 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 1, 14, 2.2] } });
  map.addLayer({ id: 'zone-line-managed', type: 'line', ...zone, filter: managed, paint: { 'line-color': '#12344a', 'line-width': 1.4, 'line-dasharray': [4, 3] } });
  map.addLayer({ id: 'parcel-listed', type: 'line', ...parcel, filter: none, layout: { 'line-join': 'round' }, paint: { 'line-color': '#111a20', 'line-width': 2.6 } });
  map.addLayer({ id: 'zone-dot', type: 'circle', source: 'zone-dots', filter: ['<', ['zoom'], ['get', 'until']], paint: { 'circle-radius': 6, 'circle-color': '#ffffff', 'circle-stroke-color': '#12344a', 'circle-stroke-width': 1.6 } });
  map.addLayer({ id: 'zone-selected', type: 'line', ...zone, filter: none, layout: { 'line-join': 'round' }, paint: { 'line-color': '#e0007a', 'line-width': 3.5 } });
  map.addLayer({ id: 'parcel-halo', type: 'line', ...parcel, filter: none, layout: { 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-width': 7 } });
  map.addLayer({ id: 'parcel-selected', type: 'line', ...parcel, filter: none, layout: { 'line-join': 'round' }, paint: { 'line-color': '#e0007a', 'line-width': 3.5 } });
}

function addOverlay(map: GLMap, id: string, colour: string, opacity: number, dash: [number, number]): void {
  map.addLayer({ id: `${id}-fill`, type: 'fill', source: id, 'source-layer': id, layout: { visibility: 'none' }, paint: { 'fill-color': colour, 'fill-opacity': opacity } });
  map.addLayer({ id: `${id}-line`, type: 'line', source: id, 'source-layer': id, layout: { visibility: 'none' }, paint: { 'line-color': colour, 'line-width': 1.2, 'line-dasharray': dash } });
}
