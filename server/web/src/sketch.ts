// Shapes of an application over the map, and the drawing of one by hand.
import type { FeatureCollection } from 'geojson';
import type { GeoJSONSource, Map as GLMap, MapMouseEvent } from 'maplibre-gl';
import type { Position } from './api';
import type { Shown } from './expansion';

const source = 'sketch';
const colours: Record<Shown['kind'] | 'draft', string> = { added: '#0b5c8c', whole: '#0b5c8c', removed: '#7a4b00', fault: '#c4006b', trimmed: '#1d6b3a', draft: '#0b5c8c' };

/** Sketch owns the layers above all others and the mouse while a ring is drawn. */
export class Sketch {
  private shapes: Shown[] = [];
  private draft: Position[] = [];
  private end: ((ring: Position[] | null) => void) | null = null;

  constructor(private readonly map: GLMap) {}

  /** drawing says whether clicks belong to a ring under way. */
  get drawing(): boolean { return this.end !== null; }

  /** show puts shapes on the map; none takes them off. */
  show(shapes: Shown[]): void { this.shapes = shapes; this.paint(); }

  /** draw takes corners by click until a double click or Enter; Escape gives up. */
  draw(): Promise<Position[] | null> {
    this.stop();
    this.draft = [];
    this.map.doubleClickZoom.disable();
    this.map.getCanvas().style.cursor = 'crosshair';
    this.map.on('click', this.click);
    this.map.on('mousemove', this.move);
    this.map.on('dblclick', this.close);
    addEventListener('keydown', this.key, true);
    return new Promise((done) => { this.end = done; });
  }

  /** stop gives up what is being drawn. */
  stop(): void { this.finish(null); }

  private finish(ring: Position[] | null): void {
    const end = this.end;
    if (!end) return;
    this.end = null;
    this.map.off('click', this.click);
    this.map.off('mousemove', this.move);
    this.map.off('dblclick', this.close);
    removeEventListener('keydown', this.key, true);
    this.map.getCanvas().style.cursor = '';
    setTimeout(() => this.map.doubleClickZoom.enable(), 0);
    this.draft = [];
    this.paint();
    end(ring);
  }

  private readonly click = (e: MapMouseEvent): void => {
    const last = this.draft[this.draft.length - 1];
    const at: Position = [round(e.lngLat.lng), round(e.lngLat.lat)];
    if (!last || last[0] !== at[0] || last[1] !== at[1]) this.draft.push(at);
    this.paint();
  };

  private readonly move = (e: MapMouseEvent): void => { if (this.draft.length) this.paint([round(e.lngLat.lng), round(e.lngLat.lat)]); };

  private readonly close = (e?: MapMouseEvent): void => {
    e?.preventDefault();
    this.finish(this.draft.length >= 3 ? this.draft : null);
  };

  private readonly key = (e: KeyboardEvent): void => {
    if (e.key !== 'Escape' && e.key !== 'Enter') return;
    e.stopPropagation();
    if (e.key === 'Enter') this.close(); else this.stop();
  };

  private paint(pointer?: Position): void {
    const features = this.shapes.map((s) => ({ type: 'Feature', properties: { kind: s.kind, colour: colours[s.kind] }, geometry: s.geometry }));
    const line = pointer ? [...this.draft, pointer] : this.draft;
    if (line.length > 1) features.push({ type: 'Feature', properties: { kind: 'draft' as Shown['kind'], colour: colours.draft }, geometry: { type: 'LineString', coordinates: line.length > 2 ? [...line, line[0]] : line } });
    const data = { type: 'FeatureCollection', features } as unknown as FeatureCollection;
    const there = this.map.getSource(source) as GeoJSONSource | undefined;
    if (there) { there.setData(data); return; }
    if (features.length === 0) return;
    this.map.addSource(source, { type: 'geojson', data });
    this.map.addLayer({ id: 'sketch-fill', type: 'fill', source, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': ['get', 'colour'], 'fill-opacity': ['match', ['get', 'kind'], 'fault', 0.5, 'trimmed', 0, 0.18] } });
    this.map.addLayer({ id: 'sketch-line', type: 'line', source, layout: { 'line-join': 'round' }, paint: { 'line-color': ['get', 'colour'], 'line-width': ['match', ['get', 'kind'], 'fault', 1.5, 3] } });
  }
}

/** round keeps a centimetre: what a mouse points at is no better. */
const round = (v: number): number => Math.round(v * 1e7) / 1e7;
