// Numbers as people read them. Unknown has a word of its own.
import { lang, t, word } from './i18n';

const locale = (): string => (lang() === 'zh' ? 'zh-CN' : 'en-US');

/** amount shows a number with the digits its size deserves. */
export function amount(v: number | null | undefined, digits?: number): string {
  if (v === null || v === undefined || !Number.isFinite(v)) return t('value.unknown');
  const size = Math.abs(v);
  const places = digits ?? (size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4);
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: places }).format(v);
}

/** count shows a whole number. */
export const count = (n: number): string => new Intl.NumberFormat(locale()).format(n);

/** percent shows a share; enough digits that a value just past a cap doesn't look as if on it. */
export function percent(v: number | null | undefined): string {
  if (v === null || v === undefined) return t('value.unknown');
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 2 }).format(v);
}

/** measure shows a value in a unit of the Result. */
export function measure(v: number | null | undefined, unit: string | undefined): string {
  if (v === null || v === undefined) return t('value.unknown');
  if (unit === 'ratio') return percent(v);
  if (!unit) return amount(v);
  const name = unitName(unit);
  return `${amount(v)} ${name.startsWith('10') ? '×' : ''}${name}`; // 3 ×10⁴ CNY
}

/** bare is a value without its unit, for legends that name it once. */
export const bare = (v: number, unit: string): string => (unit === 'ratio' ? percent(v) : amount(v));

/** unitName is the unit in words; a ratio is shown in percent. */
export const unitName = (unit: string): string => (unit === 'ratio' ? '%' : word(`unit.${unit}`, unit));

/** mu shows an area in mu with its unit. */
export const mu = (v: number | null | undefined): string => `${amount(v)} ${t('page.mu')}`;

/** bounds shows the range a value can lie in. */
export function bounds(b: [number | null, number | null] | null | undefined, unit: string): string {
  if (!b) return t('page.indicator.unbounded');
  const end = (v: number | null, none: string): string => (v === null ? none : bare(v, unit));
  return `${end(b[0], '−∞')} – ${end(b[1], '+∞')}`;
}

const marks: Record<string, string> = { '<=': '≤', '>=': '≥', '<': '<', '>': '>' };
/** comparison is the sign as printed. */
export const comparison = (c: string | undefined): string => marks[c ?? ''] ?? c ?? '';
