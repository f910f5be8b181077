// Elements made without markup: text stays text, whatever it holds.

type Child = Node | string | number | null | undefined | false | Child[];
type Value = string | number | boolean | null | undefined | ((event: never) => void);

/** h makes an element; names that begin with "on" are listeners, true and false set or leave an attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attrs: Record<string, Value> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (typeof value === 'function') el.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) el.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) el.setAttribute(name, String(value));
  }
  append(el, children);
  return el;
}

function append(el: Element, children: Child[]): void {
  for (const c of children) {
    if (c === null || c === undefined || c === false) continue;
    if (Array.isArray(c)) append(el, c);
    else el.append(c instanceof Node ? c : String(c));
  }
}

/** fill replaces what is in an element. */
export function fill(el: Element, ...children: Child[]): void {
  el.replaceChildren();
  append(el, children);
}

/** byId finds an element of index.html. */
export function byId(id: string): HTMLElement {
  const el = document.getElementById(id);
  if (!el) throw new Error(`no element ${id} in the page`);
  return el;
}

/** swatch is a small field of colour; hatch draws it as unknown. */
export function swatch(colour: string, shape: 'fill' | 'hatch' | 'line' = 'fill'): HTMLElement {
  const el = h('span', { class: `swatch ${shape}`, 'aria-hidden': 'true' });
  el.style.setProperty('--c', colour);
  return el;
}
