// Colours. Statuses fall into groups that differ in lightness as well as hue, so that they stay apart for the colour-blind and in
// print: blue is done or due, the calmer the less there is to do, yellow to red is late, purple is not supplied. What can't be told is hatched grey, never a colour.

export const unknownColour = '#8d949b';

export const statusColours: Record<string, string> = {
  not_construction: '#bcd6a5', reserve: '#cdb3de', unsupplied: '#7b3fa0', supplied_not_due: '#cfe2f3', overdue_start: '#f4cf5f', suspected_idle: '#b3261e',
  under_construction: '#3f9bd8', suspended: '#e98a3a', overdue_completion: '#a8791b', built: '#91a9bd', stock: '#b3a78c', undetermined: unknownColour,
};

export const classColours: Record<string, string> = {
  industrial: '#a07a5a', mining: '#6b5140', storage: '#8a7bb0', residential: '#f2d34f', residential_service: '#e9b44c', admin_office: '#d4577b',
  production_service: '#e58fb0', commercial: '#c4382f', public_service: '#e58a76', transport: '#b4b9bf', utilities: '#5f84a2', green: '#6aa84f',
  special: '#39614c', reserved: '#eef0e4', not_construction: '#c6dfb0', unknown: unknownColour,
};

/** ramp is light to dark: low to high. */
export const ramp = ['#d0dbea', '#a3bbdc', '#6a9fca', '#2b82b8', '#03487a'];

/** rampOf gives n colours of the ramp, ends kept. */
export function rampOf(n: number): string[] {
  if (n <= 1) return [ramp[2] as string];
  return Array.from({ length: n }, (_, i) => ramp[Math.round((i * (ramp.length - 1)) / (n - 1))] as string);
}

/** breaks cuts values into at most k classes where they differ most (Fisher's natural breaks) and gives each class's greatest value. */
export function breaks(values: number[], k: number): number[] {
  const v = [...values].sort((a, b) => a - b);
  const distinct = [...new Set(v)];
  if (distinct.length <= k) return distinct;
  const n = v.length;
  const sum = [0], square = [0];
  v.forEach((x, i) => { sum.push((sum[i] as number) + x); square.push((square[i] as number) + x * x); });
  const spread = (i: number, j: number): number => { // of v[i..j)
    const s = (sum[j] as number) - (sum[i] as number);
    return (square[j] as number) - (square[i] as number) - (s * s) / (j - i);
  };
  let cost = Array.from({ length: n + 1 }, (_, j) => (j === 0 ? 0 : spread(0, j)));
  const cut: number[][] = [];
  for (let c = 1; c < k; c++) {
    const next = new Array<number>(n + 1).fill(Infinity);
    const from = new Array<number>(n + 1).fill(0);
    for (let j = c + 1; j <= n; j++) {
      for (let i = c; i < j; i++) {
        const total = (cost[i] as number) + spread(i, j);
        if (total < (next[j] as number)) { next[j] = total; from[j] = i; }
      }
    }
    cut.push(from);
    cost = next;
  }
  const ends = [n];
  for (let c = k - 2; c >= 0; c--) ends.unshift((cut[c] as number[])[ends[0] as number] as number);
  return [...new Set(ends.filter((e) => e > 0).map((e) => v[e - 1] as number))];
}

/** classOf is the number of the class a value falls in. */
export const classOf = (value: number, ends: number[]): number => Math.max(0, ends.findIndex((e) => value <= e));
