// Why a figure or a verdict is what it is: the document explain/1 of the API, as a dialog. It shows what stands there and computes nothing.
import { ApiError, type Explanation, type ExplainedAmount as Amount, type ExplainedParcel, type ExplainedParcels, type ExplainedSide, type Verdict } from './api';
import { fill, h } from './dom';
import { amount, bounds, comparison, count, measure, mu, percent, unitName } from './format';
import { lang, t } from './i18n';
import { paper, status } from './panel';

type Row = [label: string, value: Node | string | null];
const unknown = (): HTMLElement => h('span', { class: 'unknown' }, t('value.unknown'));
const rows = (list: (Row | null)[]): HTMLElement => h('dl', {}, list.filter((r): r is Row => r !== null).map(([k, v]) => h('div', {}, h('dt', {}, k), h('dd', {}, v ?? unknown()))));
const section = (title: string, ...inside: (Node | string | null | false | undefined)[]): HTMLElement => h('section', {}, h('h3', {}, title), inside);
const exact = (a: Amount | null | undefined): string | null => (!a || a.value === null ? null : a.unit === 'ratio' ? percent(a.value) : `${amount(a.value, 6)} ${unitName(a.unit)}`);

/** Explainer shows explanations, one at a time. */
export class Explainer {
  private dialog: HTMLDialogElement | null = null;
  private asked: AbortController | null = null;

  constructor(private readonly parcel: (id: string) => void) {}

  /** show asks for an explanation and shows it; the title says of what. */
  async show(title: string, ask: (signal: AbortSignal) => Promise<Explanation>): Promise<void> {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    const body = h('div', { class: 'scroll', tabindex: 0 }, h('p', { class: 'hint', role: 'status' }, t('page.loading')));
    this.open(title, body);
    try {
      fill(body, this.document(await ask(asked.signal)));
    } catch (cause) {
      if (!asked.signal.aborted) fill(body, h('p', { class: 'problem', role: 'alert' }, cause instanceof ApiError && cause.status > 0 ? cause.message : t('page.error.network')));
    }
  }

  private open(title: string, body: HTMLElement): void {
    this.dialog?.remove();
    const dialog = h('dialog', { id: 'explain', 'aria-label': title }, h('div', { class: 'panel-head' }, h('h2', {}, title),
      h('button', { type: 'button', class: 'icon', 'aria-label': t('page.close'), onclick: () => dialog.close() }, '×')), body);
    dialog.addEventListener('close', () => { this.asked?.abort(); dialog.remove(); });
    this.dialog = dialog;
    document.body.append(dialog);
    dialog.showModal();
  }

  private document(d: Explanation): HTMLElement[] {
    return [this.law(d), this.arithmetic(d), this.figure(d), this.finding(d),
      d.parcel && section(t('page.explain.parcel'), this.parcels([d.parcel])),
      this.list(t('page.explain.parcels'), d.parcels), this.list(t('page.explain.left-out'), d.left_out),
      d.other && d.other.parcels > 0 && h('p', { class: 'hint' }, t('page.explain.other', count(d.other.parcels), amount(d.other.area_mu))),
      this.deciding(d), this.subjects(d)].filter((x): x is HTMLElement => x instanceof HTMLElement);
  }

  private law(d: Explanation): HTMLElement | null {
    const r = d.rule;
    if (!r) return null;
    const l = d.limit;
    return section(t('page.explain.law'), rows([
      [t('page.verdict.clause'), paper(r.document.title[lang()], r.document.number, r.clause)],
      r.document.status === 'in_force' ? null : [t('page.explain.doc-status'), t(`doc_status.${r.document.status}`)],
      l ? [t('page.verdict.limit'), l.value === null ? t('page.verdict.no-limit') : `${comparison(l.comparison)} ${measure(l.value, l.unit)}`] : null,
      l ? [t('page.explain.why-limit'), l.why[lang()]] : null,
      r.note ? [t('page.explain.note'), r.note] : null,
    ]), r.quote && h('blockquote', { lang: 'zh-CN' }, r.quote));
  }

  /** arithmetic is numerator − limit × denominator, nothing rounded. */
  private arithmetic(d: Explanation): HTMLElement | null {
    const c = d.comparison, v = d.verdict;
    const outcome = v ? h('p', {}, h('span', { class: `chip ${v.outcome}` }, t(`outcome.${v.outcome}`)), ' ', d.reason?.text[lang()] ?? '') : d.reason && h('p', {}, d.reason.text[lang()]);
    const sum = c?.numerator !== undefined && c.difference !== undefined
      ? h('p', { class: 'sum' }, `${c.numerator} − ${c.limit} × ${c.denominator} = ${c.difference}`, c.unit && ` ${unitName(c.unit)}`, ' · ', t(`page.explain.sign.${c.sign}`)) : null;
    const end = (label: string, e: { value: number; sign: string } | undefined): Row | null => (e ? [label, `${measure(e.value, d.indicator?.figure.unit)} · ${t(`page.explain.sign.${e.sign}`)}`] : null);
    if (!outcome && !sum) return null;
    return section(t(sum ? 'page.explain.arithmetic' : 'page.verdict'), outcome ?? null, sum, c?.observed && c.observed.length < 60 && h('p', { class: 'hint' }, t('page.explain.observed', c.observed)),
      c && (c.lo || c.hi) ? rows([end(t('page.explain.least'), c.lo), end(t('page.explain.most'), c.hi)]) : null);
  }

  private figure(d: Explanation): HTMLElement | null {
    const i = d.indicator;
    if (!i) return null;
    const f = i.figure;
    return section(i.title[lang()], rows([
      [t('page.indicator.formula'), i.formula[lang()]],
      [t('page.explain.value'), f.value === null ? (i.reason?.text[lang()] ?? null) : `${f.exact ? '' : '≈ '}${measure(f.value, f.unit)}`],
      this.side(t('page.indicator.numerator'), i.numerator), this.side(t('page.indicator.denominator'), i.denominator),
      [t('page.indicator.coverage'), percent(f.coverage)], f.exact ? null : [t('page.indicator.bounds'), bounds(f.bounds, f.unit)],
    ]));
  }

  private side(label: string, s: ExplainedSide): Row {
    const whole = s.whole ? [t('page.explain.whole', s.whole.title[lang()], s.whole.source.replace(/^stats/, t('layer.stats'))), exact(s.whole.value) ?? t('value.unknown')].join(' ') : '';
    const made = [whole, s.parcels && s.whole ? `${t('page.explain.from-parcels')} ${exact(s.parcels)}` : '', s.less ? `− ${exact(s.less)}` : '', s.years ? `÷ ${s.years}` : ''].filter(Boolean).join('; ');
    return [label, h('span', {}, `${s.title[lang()]}: `, h('strong', {}, exact(s.amount) ?? t('value.unknown')), made && h('small', {}, ` (${made})`))];
  }

  private finding(d: Explanation): HTMLElement | null {
    const f = d.finding;
    if (!f) return null;
    return section(t('page.explain.finding'), h('p', {}, status(f.status), ' ', f.reason.text[lang()]),
      f.parameters?.length ? rows(f.parameters.map((p): Row => [p.unit === 'ratio' ? p.value : `${p.value} ${unitName(p.unit)}`, `${p.clause} ${p.quote ?? ''}`])) : null,
      f.deciding?.length ? h('ul', {}, f.deciding.map((s) => h('li', {}, s.fields.map((x) => `${x.title[lang()]} = ${x.value ?? t('value.unknown')}`).join(', '), ' → ', t(`outcome.${s.outcome}`)))) : null);
  }

  private list(title: string, p: ExplainedParcels | null | undefined): HTMLElement | null {
    if (!p || p.count === 0) return null;
    return section(`${title}: ${count(p.count)} · ${mu((p.area_m2 * 15) / 10000)}`, this.parcels(p.listed), p.more > 0 && h('p', { class: 'hint' }, t('page.verdict.more', count(p.more))));
  }

  private parcels(list: ExplainedParcel[]): HTMLElement {
    const fields = (p: ExplainedParcel): string => p.fields.map((f) => `${f.title[lang()]} ${f.value ?? t('value.unknown')}`).join('; ');
    return h('div', { class: 'wide' }, h('table', {}, h('thead', {}, h('tr', {}, [t('page.parcel'), t('page.status'), t('page.indicator.numerator'), t('page.indicator.denominator'), t('page.explain.fields'), t('page.source')].map((x) => h('th', { scope: 'col' }, x)))),
      h('tbody', {}, list.map((p) => h('tr', {},
        h('th', { scope: 'row' }, h('button', { type: 'button', class: 'link', onclick: () => { this.dialog?.close(); this.parcel(p.id); } }, p.id)),
        h('td', {}, status(p.status)), h('td', { class: 'num' }, exact(p.numerator) ?? (p.missing?.length ? '?' : '')), h('td', { class: 'num' }, exact(p.denominator) ?? (p.missing?.length ? '?' : '')),
        h('td', {}, fields(p), p.missing?.length ? h('small', { class: 'unknown' }, ` ${t('page.indicator.missing')}: ${p.missing.map((m) => m.title[lang()]).join(', ')}`) : null),
        h('td', {}, p.source.file ? `${p.source.file} #${p.source.feature}` : `#${p.source.feature}`))))));
  }

  private deciding(d: Explanation): HTMLElement | null {
    const x = d.deciding;
    if (!x) return null;
    return section(t('page.explain.deciding'), h('p', { class: 'hint' }, x.note[lang()]), rows([
      x.to_hold ? [t('page.explain.to-hold'), `${count(x.to_hold.parcels)}: ${x.to_hold.ids.join(', ')}`] : null,
      x.to_fail ? [t('page.explain.to-fail'), `${count(x.to_fail.parcels)}: ${x.to_fail.ids.join(', ')}`] : null,
      ...x.ranking.slice(0, 20).map((r): Row => [r.id, r.missing.map((m) => m.title[lang()]).join(', ')]),
    ]));
  }

  private subjects(d: Explanation): HTMLElement | null {
    const s = d.subjects;
    if (!s || s.count === 0) return null;
    const unit = d.limit?.unit ?? d.indicator?.figure.unit;
    return section(t('page.explain.subjects', count(s.count)), h('div', { class: 'wide' }, h('table', {}, h('tbody', {}, s.listed.map((j) => h('tr', {}, h('th', { scope: 'row' }, j.id),
      h('td', {}, j.outcome ? t(`outcome.${j.outcome}`) : ''), h('td', { class: 'num' }, j.observed === null ? '' : measure(j.observed, unit)), h('td', {}, j.reason?.text[lang()] ?? ''))))) ),
    s.more > 0 && h('p', { class: 'hint' }, t('page.verdict.more', count(s.more))));
  }
}

/** explainedOf is the parcel or project that a verdict speaks of, for the question; blank where it is the zone. */
export const explainedOf = (v: Verdict): string => (v.level === 'zone' || v.level === 'zone_set' || v.level === 'province' || v.level === 'park' ? '' : v.subject);
