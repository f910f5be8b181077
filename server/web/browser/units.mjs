// The page's own arithmetic, without a browser: natural breaks against trying every cut, and the state that goes through the address.
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { transformSync } from 'esbuild';

const load = (name) => import(`data:text/javascript,${encodeURIComponent(transformSync(readFileSync(new URL(`../src/${name}.ts`, import.meta.url), 'utf8'), { loader: 'ts' }).code)}`);
const { breaks, classOf, rampOf, ramp } = await load('palette');
const { read, write, noFilter, filterQuery } = await load('state');

let seed = 7;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;

/** spread is what natural breaks make least: the squares around each class's mean. */
function spread(values, ends) {
  return ends.map((_, i) => values.filter((v) => classOf(v, ends) === i)).reduce((sum, group) => {
    const mean = group.reduce((a, b) => a + b, 0) / group.length;
    return sum + group.reduce((a, b) => a + (b - mean) ** 2, 0);
  }, 0);
}

function least(values, k) {
  const v = [...new Set(values)].sort((a, b) => a - b);
  let best = Infinity;
  const cut = (from, left, ends) => {
    if (left === 1) { best = Math.min(best, spread(values, [...ends, v[v.length - 1]])); return; }
    for (let i = from; i < v.length - left + 1; i++) cut(i + 1, left - 1, [...ends, v[i]]);
  };
  cut(0, k, []);
  return best;
}

for (let round = 0; round < 200; round++) {
  const values = Array.from({ length: 6 + Math.floor(random() * 8) }, () => Math.round(random() * 20) / 10);
  const distinct = new Set(values).size;
  const ends = breaks(values, 4);
  assert.equal(ends[ends.length - 1], Math.max(...values), 'the last class ends with the greatest value');
  assert.deepEqual(ends, [...ends].sort((a, b) => a - b));
  if (distinct > 4) assert.ok(spread(values, ends) <= least(values, 4) + 1e-9, `${values} cut at ${ends}`);
  else assert.equal(ends.length, distinct);
}
assert.deepEqual(breaks([], 5), []);
assert.deepEqual(breaks([3, 3, 3], 5), [3]);
assert.deepEqual([rampOf(1).length, rampOf(2), rampOf(5)], [1, [ramp[0], ramp[4]], ramp]);

const state = {
  snapshot: '2024.a_b-c', lang: 'en', colour: 'indicator', indicator: 'build_rate', layers: new Set(['buildings']),
  selection: { kind: 'zone', id: 'approved:G X/#&=中', scope: 'managed' }, view: { zoom: 13.25, lat: 22.8, lon: 108.3 },
  filter: { ...noFilter(), zone: 'A&B', scope: 'managed', status: ['built', 'stock'], class: ['green'], rule: 'a/b#c', outcome: 'violated', q: '广西 100%', all: true, sort: '-days' },
};
assert.deepEqual(read(write(state), 'zh'), state);
assert.deepEqual(read(write({ ...state, selection: { kind: 'parcel', id: 'x:1', scope: '' } }), 'zh').selection, { kind: 'parcel', id: 'x:1', scope: '' });
assert.equal(write(read('', 'zh')), '#lang=zh');
for (const broken of ['#view=a/b/c', '#view=5/99/0', '#view=5', '#sel=nothing', '#sel=', '#lang=xx&colour=pink', '#%zz&&&=']) {
  const s = read(broken, 'en');
  assert.deepEqual([s.view, s.selection, s.lang, s.colour], [null, null, 'en', 'status'], broken);
}
assert.equal(filterQuery(noFilter()).toString(), '');
assert.equal(filterQuery({ ...noFilter(), noZone: true, zone: 'A' }).toString(), 'no_zone=true');
console.log('ok');
