// The public API, typed as far as the page uses it. Unknown is null everywhere, never 0.

export interface Config {
  version: string;
  basemap: { tiles: string; attribution: string; max_zoom: number } | null;
  report_formats: string[];
  statuses: string[];
  classes: string[];
  outcomes: string[];
  parcel_fields: { name: string; kind: 'text' | 'word' | 'date' | 'number' | 'flag' }[];
}
export interface Snapshot { name: string; analysis_id?: string; as_of: string | null; stale: boolean; zones: number; parcels: number; layers: string[] | null }
export interface Land { parcels: number; area_m2: number; area_mu: number }
export type Bounds = [number | null, number | null];
export interface IndicatorValue { value: number | null; exact: boolean; coverage: number; bounds: Bounds | null; reason?: string }
export interface Indicator extends IndicatorValue {
  id: string; unit: string; numerator: number | null; numerator_unit?: string; denominator: number | null; denominator_unit?: string;
  missing: { field: string; parcels: number; area_m2: number }[]; source?: string;
}
export interface IndicatorInfo { id: string; unit: string; title: Words; formula: Words; project: boolean }
export interface Words { zh: string; en: string }
export interface ZoneSummary {
  code: string; boundary_scope: string; name: string; part_of?: string; area_mu: number; by_status: Record<string, Land> | null;
  verdicts: Record<string, number>; bbox: BBox | null; label: [number, number] | null; indicators?: Record<string, IndicatorValue>;
}
export type BBox = [number, number, number, number];
export interface Verdict {
  rule: string; pack: string; kind: string; level: string; subject: string; outcome: string; decided_by?: string; indicator?: string;
  observed: number | null; bounds?: Bounds | null; limit: number | null; comparison?: string; unit?: string; limit_date: string | null; limit_basis?: string;
  doc_status: string; reading?: string; target_year?: number | null; excess_mu?: number; headroom_mu?: number; excess_m2?: number; headroom_m2?: number;
  clause: string; reason: string; evidence: string[] | null; title?: Words; quote?: string; document?: string; zones?: string[];
}
export interface Zone {
  code: string; boundary_scope: string; name: string; part_of?: string; area_m2: number; area_mu: number; stats_year: number | null;
  land: { by_status: Record<string, Land> | null; by_class: Record<string, Land> | null };
  indicators: Indicator[] | null; verdicts: Verdict[] | null; verdict_counts: Record<string, Record<string, number>> | null; bbox: BBox | null; as_of: string;
  batches?: Batch[]; rankings?: { year: number; scope: string; rank: number | null; of: number | null }[]; actions?: { on: string | null; kind: string; document_no?: string }[];
}
export interface ZoneSet { id: string; zones: string[]; land: { by_status: Record<string, Land> | null; by_class: Record<string, Land> | null } }
export interface Idle { branch: string; since: string | null; days: number; measure: string; measure_if_holder?: string; fee_if_holder_wan: number | null; fee_basis?: string; procedure?: Procedure }
/** Procedure is where the handling of idle land stands: papers on record, the next step and its day. */
export interface Procedure { step: string; on: string | null; next: string; due: string | null; overdue_days: number; papers: { kind: string; on: string | null; document_no?: string }[] | null }
export interface Phase { phase: string; area_m2: number; status: string; since: string | null; reason: string; idle?: Idle }
export interface Use { use_code: string; class: string; area_m2: number; floor_m2: number | null }
export interface Note { code: string; field?: string; values?: string[] }
export interface Batch {
  id: string; approval_no: string; approved_on: string | null; state: string; in_force_m2: number | null; supplied_m2: number | null; unsupplied_m2: number | null; built_unsupplied_m2: number | null;
  undrawn_m2: number | null; supply_rate: number | null; reason?: string; notes?: Note[];
}
export interface Part {
  id: string; zone: string | null; boundary_scope: string | null; share: number; area_m2: number; area_mu: number; class: string; status: string;
  flags: string[] | null; touch?: boolean; since: string | null; reason: string; idle?: Idle; phases?: Phase[]; uses?: Use[]; notes?: Note[]; indicators?: Indicator[]; home: boolean; zone_name?: string;
}
export interface Finding extends Part { name: string | null; holder: string | null; use_code: string | null; project_no: string | null }
export interface FindingPage { total: number; findings: Finding[]; links: { rel: string; href: string }[] }
export interface Parcel {
  id: string; area_m2: number; area_mu: number; ellipsoid_m2: number; plane_m2: number | null; facts: Record<string, string | number | boolean | null>;
  extra: Record<string, unknown> | null; source: { file: string; feature: number }; parts: Part[]; verdicts: Verdict[]; bbox: BBox | null; as_of: string;
}
export interface RuleInfo {
  pack: string; rule: string; title: Words; kind: string; level: string; indicator?: string; comparison?: string; unit?: string; clause: string; quote: string;
  limits: { from: string | null; value: number | null }[]; document: { title: Words; number: string; doc_status: string };
}
export interface Reject { severity: string; layer: string; file: string; feature: number; id?: string; field?: string; reason: string; remedy: string }

/** Explanation is the document explain/1, as far as the page shows it. */
export interface Explanation {
  format: string; asked: string;
  rule?: { clause: string; quote: string; note?: string; document: { number: string; title: Words; status: string } };
  limit?: { value: number | null; unit: string; comparison: string; why: Words };
  verdict?: Verdict; reason?: { code: string; text: Words };
  comparison?: { unit: string; numerator?: number; denominator?: number; limit: number; difference?: number; observed?: string; sign?: string; lo?: { value: number; sign: string }; hi?: { value: number; sign: string } };
  indicator?: { title: Words; formula: Words; figure: Indicator; numerator: ExplainedSide; denominator: ExplainedSide; reason?: { text: Words } };
  parcels?: ExplainedParcels; left_out?: ExplainedParcels; other?: Land; parcel?: ExplainedParcel;
  finding?: { status: string; reason: { text: Words }; parameters?: { value: string; unit: string; clause: string; quote?: string }[]; deciding?: { fields: ExplainedField[]; outcome: string }[] };
  deciding?: { to_hold?: { parcels: number; ids: string[] }; to_fail?: { parcels: number; ids: string[] }; ranking: { id: string; missing: ExplainedField[] }[]; note: Words };
  subjects?: { count: number; listed: { id: string; outcome?: string; observed: number | null; reason?: { text: Words } }[]; more: number };
}
export interface ExplainedAmount { value: number | null; unit: string }
export interface ExplainedSide { title: Words; amount: ExplainedAmount | null; parcels: ExplainedAmount | null; whole?: { title: Words; value: ExplainedAmount | null; source: string }; less?: ExplainedAmount; years?: number }
export interface ExplainedField { field: string; title: Words; value: string | number | boolean | null }
export interface ExplainedParcel {
  id: string; status: string; numerator?: ExplainedAmount; denominator?: ExplainedAmount; missing?: ExplainedField[]; fields: ExplainedField[]; source: { file?: string; feature: number };
}
export interface ExplainedParcels { count: number; area_m2: number; listed: ExplainedParcel[]; more: number }

/** Application says what an expansion asks for, beside its pieces. */
export interface Application { zone: string; boundary_scope: string; kind: string; stated: Record<string, number>; complete: string[]; includes: string[]; filed_no: string }
export type Position = [lon: number, lat: number];
export interface ExpansionArea { area_m2: number; area_ha: number; area_mu: number }
export interface ExpansionCondition {
  id: string; group: string; title: Words; outcome: string; reason: { text: Words }; area?: ExpansionArea; arithmetic: Words; count: number;
  basis: { document: Words; number: string; clause: string; quote?: string }[]; missing?: { remedy: Words }[]; pieces?: (ExpansionArea & { id?: string; name?: string; place: Position; geometry: unknown })[];
}
export interface ExpansionSet { method: string; count: number; outcome_after: string; more?: number; parcels: (ExpansionArea & { id: string; text: Words })[] }
/** ExpansionDocument is the answer of an expansion check, as far as the page shows it. */
export interface ExpansionDocument {
  outcome: string; counts: Record<'satisfied' | 'violated' | 'incomputable' | 'not_applicable' | 'no_limit_configured', number>;
  areas: Record<'old' | 'added' | 'removed' | 'new', ExpansionArea>; conditions: ExpansionCondition[];
  economy: { indicator: Indicator; title: Words; limit: { code: string }; references: { value: number; title: Words }[] | null }[];
  what_would_have_to_change: { title: Words; observed: number; comparison: string; limit: number; unit: string; shortfall?: ExpansionArea; reason: { text: Words }; fewest_parcels?: ExpansionSet; least_area?: ExpansionSet }[];
  trimmed?: { text: Words; geometry: unknown };
  room?: { text: Words; parcels: number; digest_first: (ExpansionArea & { id: string; status: string; how: Words })[] };
}

/** ApiError is a problem document, or a server that doesn't answer (status 0). */
export class ApiError extends Error {
  constructor(readonly status: number, readonly type: string, message: string, readonly requestID = '') {
    super(message);
  }
}

let lang = 'zh';
/** speak sets the language of answers. */
export function speak(language: string): void { lang = language; }

/** address makes the address of a resource from the segments of its path and its parameters. */
export function address(segments: string[], query: URLSearchParams | Record<string, string> = {}): string {
  const params = new URLSearchParams(query);
  params.set('lang', lang);
  return `${segments.map(encodeURIComponent).join('/')}?${params}`;
}

const get = async <T>(url: string, signal?: AbortSignal): Promise<T> => (await (await send(url, { headers: { Accept: 'application/json' } }, signal)).json()) as T;

async function send(url: string, request: RequestInit, signal?: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { ...request, signal: signal ?? null });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, 'network', String(cause));
  }
  if (answer.ok) return answer;
  const doc = (await answer.json().catch(() => ({}))) as { type?: string; title?: string; detail?: string; request_id?: string };
  throw new ApiError(answer.status, (doc.type ?? '').replace('urn:muscope:problem:', ''), doc.detail ?? doc.title ?? answer.statusText, doc.request_id);
}

const at = (...segments: string[]): string[] => ['api', ...segments];
const of = (s: string, ...segments: string[]): string[] => ['api', 'snapshots', s, ...segments];

export const getConfig = (): Promise<Config> => get(address(at('config')));
export const getTexts = (): Promise<Record<string, string>> => get(address(at('texts')));
export const getIndicators = async (): Promise<IndicatorInfo[]> => (await get<{ indicators: IndicatorInfo[] }>(address(at('indicators')))).indicators;
export const getRules = async (): Promise<RuleInfo[]> => (await get<{ rules: RuleInfo[] }>(address(at('rules')))).rules;
export const getSnapshots = async (): Promise<Snapshot[]> => (await get<{ snapshots: Snapshot[] }>(address(at('snapshots')))).snapshots;
export const getSets = (s: string): Promise<{ sets: ZoneSet[]; as_of: string; analysis_id: string }> => get(address(of(s, 'sets')));
export const getZones = async (s: string, indicators: string[]): Promise<ZoneSummary[]> =>
  (await get<{ zones: ZoneSummary[] }>(address(of(s, 'zones'), new URLSearchParams(indicators.map((i) => ['indicator', i]))))).zones;
export const getZone = (s: string, code: string, scope: string, signal?: AbortSignal): Promise<Zone> =>
  get(address(of(s, 'zones', code), { boundary_scope: scope }), signal);
export const getParcel = (s: string, id: string, signal?: AbortSignal): Promise<Parcel> => get(address(of(s, 'parcels', id)), signal);
export const getFindings = (s: string, query: URLSearchParams, signal?: AbortSignal): Promise<FindingPage> => get(address(of(s, 'findings'), query), signal);
export const getRejects = (s: string): Promise<{ total: number; rejects: Reject[] }> => get(address(of(s, 'rejects'), { limit: '200' }));
export const getExplanation = (s: string, zone: string, scope: string, what: string, parcel: string, signal?: AbortSignal): Promise<Explanation> =>
  get(address(of(s, 'explain', zone, what), { boundary_scope: scope, ...(parcel ? { parcel } : {}) }), signal);
/** checkExpansion holds an application against a snapshot; the answer is in the format asked for. Nothing is stored. */
export const checkExpansion = (s: string, body: string, format: string, signal?: AbortSignal): Promise<Response> =>
  send(address(of(s, 'expansion-checks'), { format, ...(format === 'json' ? {} : { unit: 'mu' }) }), { method: 'POST', body, headers: { 'Content-Type': 'application/geo+json' } }, signal);
export const findingsFile = (s: string, format: string, query: URLSearchParams): string => address(of(s, `findings.${format}`), query);
export const queryablesPage = (s: string): string => address(['ogc', 'snapshots', s, 'collections', 'parts', 'queryables'], { f: 'html' });
export const reportPage = (s: string, code: string, scope: string): string => address(['reports', s, code], { boundary_scope: scope });
export const reportFile = (s: string, code: string, scope: string, format: string): string => address(of(s, 'zones', code, `report.${format}`), { boundary_scope: scope });
export const tileJSON = (s: string, layer: string): string => new URL(`tiles/${encodeURIComponent(s)}/${layer}.json`, document.baseURI).href;

/** nextPage follows the link to the next page, on this origin whatever host the link names. */
export function nextPage(page: FindingPage, signal?: AbortSignal): Promise<FindingPage> | null {
  const next = page.links.find((l) => l.rel === 'next');
  if (!next) return null;
  const url = new URL(next.href);
  return get(new URL(url.pathname.replace(/^\//, '') + url.search, document.baseURI).href, signal);
}
