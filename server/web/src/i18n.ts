// Words come from the server (data/i18n), in one language at a time.
import { getTexts, speak } from './api';

let words: Record<string, string> = {};
let current = 'zh';

/** lang is the language in use: zh or en. */
export const lang = (): 'zh' | 'en' => (current === 'en' ? 'en' : 'zh');

/** learn reads the texts of a language and speaks it from then on. */
export async function learn(language: string): Promise<void> {
  current = language === 'en' ? 'en' : 'zh';
  speak(current);
  words = await getTexts();
  document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
}

/** browserLanguage is what the browser asks for: zh unless it prefers something else. */
export function browserLanguage(): string {
  return (navigator.languages[0] ?? 'zh').toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** t is a text by key with {0}, {1} filled in; a key without a text shows itself. */
export function t(key: string, ...args: (string | number)[]): string {
  const text = words[key] ?? key;
  return text.replace(/\{(\d)\}/g, (whole, i: string) => (args[Number(i)] === undefined ? whole : String(args[Number(i)])));
}

/** word is the text of the first of the keys that has one, else what stands last. */
export function word(...keys: string[]): string {
  for (const key of keys) if (words[key] !== undefined) return words[key];
  return keys[keys.length - 1] ?? '';
}

/** reason is the text of a reason code. */
export const reason = (code: string): string => word(`reason.${code}`, code);
