// How the flow of funds is drawn: bands between columns, from customers on the left to the platform and whoever else is
// paid on the right. Pure arithmetic; the component only draws what comes out.
import type { FlowOfFunds } from '../server/contexts/flow/schemas.ts';

type Flow = FlowOfFunds['flows'][number];
type Total = FlowOfFunds['totals'][number];

export type FlowNode = {
  key: string;
  label: string;
  column: number;
  value: number;
  x: number;
  y: number;
  height: number;
};
export type FlowBand = { key: string; label: string; value: number; path: string; thickness: number };
export type FlowDiagram = { nodes: FlowNode[]; bands: FlowBand[]; width: number; height: number };

type Link = { from: string; to: string; value: number; types: Set<string> };

const WIDTH = 960;
const NODE_WIDTH = 12;
const GAP = 10;
/** Two lines of text. */
const TEXT = 32;
const TOP = 8;
const MINIMUM = 2;
/** Of merchants and of MerchantOrgs, so many by name; the rest together. */
const LARGEST = 7;

const COLUMNS: Record<string, number> = { customers: 0, merchant: 1, merchant_org: 2, tenant: 3, outside: 3 };
const OUTSIDE: Record<string, { key: string; label: string }> = {
  refund: { key: 'outside:refunds', label: 'Back to customers' },
  processor_fee: { key: 'outside:processors', label: 'Processors' },
  payout: { key: 'outside:banks', label: 'Merchants’ banks' },
};
const DRAWN = ['payment', 'refund', 'processor_fee', 'commission', 'franchise_fee', 'subscription_charge', 'payout'];

/** What money movements of this kind count in the picture: 1, −1 when they take one back, 0 when they are not drawn. */
function weight({ type, category }: Pick<Flow, 'type' | 'category'>): number {
  if (!DRAWN.includes(type)) return 0;
  // A payout leaves when it is initiated; that it arrived is the same money, that it came back takes it off.
  if (type === 'payout') return category === 'returned' ? -1 : category === 'settled' ? 0 : 1;
  return 1;
}

function kindOf(key: string): string {
  return key.split(':', 1)[0] ?? '';
}

/** The picture of one currency; null when nothing in it is drawn. */
export function drawFlows(report: FlowOfFunds, currency: string): FlowDiagram | null {
  const flows = report.flows.filter((flow) => flow.currency === currency);
  const totals = report.totals.filter((total) => total.currency === currency);
  const names = namesOf(flows);
  const links = linksOf(flows, totals, chosenParties(flows));
  if (links.length === 0) return null;
  const nodes = nodesOf(links, names);
  const height = place(nodes);
  return { nodes, bands: bandsOf(links, nodes), width: WIDTH, height };
}

function namesOf(flows: Flow[]): Map<string, string> {
  const ends = flows.flatMap(({ from, to }) => [from, to]).filter((end) => end !== null);
  return new Map(
    ends.map(({ type, id, name }) => [`${type}:${id}`, name ?? (type === 'tenant' ? 'The platform' : '')]),
  );
}

/** The largest parties of each kind. */
function chosenParties(flows: Flow[]): Set<string> {
  const sums = new Map<string, number>();
  for (const flow of flows) {
    const isDrawn = weight(flow) !== 0;
    for (const end of [flow.from, flow.to]) {
      if (!end || !isDrawn) continue;
      const key = `${end.type}:${end.id}`;
      sums.set(key, (sums.get(key) ?? 0) + Math.abs(flow.amount));
    }
  }
  const byKind = (kind: string) =>
    [...sums]
      .filter(([key]) => kindOf(key) === kind)
      .sort(([, a], [, b]) => b - a)
      .slice(0, LARGEST);
  return new Set(['merchant', 'merchant_org', 'tenant'].flatMap((kind) => byKind(kind).map(([key]) => key)));
}

function endKey(end: Flow['from'], kind: string | null, chosen: Set<string>, outside: string): string {
  if (end) {
    const key = `${end.type}:${end.id}`;
    return chosen.has(key) ? key : `${end.type}:others`;
  }
  return kind === null || kind === 'end_customer' ? outside : `${kind}:others`;
}

/** Party by party as far as they are listed, and what the totals say beyond that as between the others. */
function linksOf(flows: Flow[], totals: Total[], chosen: Set<string>): Link[] {
  const links = new Map<string, Link>();
  const add = (type: string, from: string, to: string, amount: number) => {
    const fromColumn = COLUMNS[kindOf(from)] ?? 0;
    const toColumn = COLUMNS[kindOf(to)] ?? 0;
    if (fromColumn >= toColumn) return;
    const link = links.get(`${from} ${to}`) ?? { from, to, value: 0, types: new Set<string>() };
    link.value += amount;
    link.types.add(type);
    links.set(`${from} ${to}`, link);
  };
  const rest = new Map(totals.map((total) => [totalKey(total, total.from_type, total.to_type), total.amount]));
  const ends = (type: string, from: Flow['from'], to: Flow['to'], kinds: [string | null, string | null]) => {
    if (type === 'payout') return [endKey(to, kinds[1], chosen, 'merchant:others'), OUTSIDE.payout!.key] as const;
    return [
      endKey(from, kinds[0], chosen, 'customers:'),
      endKey(to, kinds[1], chosen, OUTSIDE[type]?.key ?? 'customers:'),
    ] as const;
  };
  for (const flow of flows) {
    const kinds = totalsOf(totals, flow);
    if (kinds) rest.set(totalKey(flow, ...kinds), (rest.get(totalKey(flow, ...kinds)) ?? 0) - flow.amount);
    const [from, to] = ends(flow.type, flow.from, flow.to, kinds ?? [null, null]);
    if (weight(flow) !== 0) add(flow.type, from, to, weight(flow) * flow.amount);
  }
  for (const total of totals) {
    const left = rest.get(totalKey(total, total.from_type, total.to_type)) ?? 0;
    const [from, to] = ends(total.type, null, null, [total.from_type, total.to_type]);
    if (left !== 0 && weight(total) !== 0) add(total.type, from, to, weight(total) * left);
  }
  return [...links.values()].filter(({ value }) => value > 0);
}

function totalKey({ type, category }: Pick<Flow, 'type' | 'category'>, from: string | null, to: string | null): string {
  return [type, category, from, to].join(' ');
}

/** The kinds of ends that a listed flow has in the totals: an end that is not listed is a customer's or nobody's. */
function totalsOf(totals: Total[], flow: Flow): [string | null, string | null] | null {
  const fits = (kind: string | null, end: Flow['from']) =>
    end ? kind === end.type : kind === null || kind === 'end_customer';
  const found = totals.find(
    (total) =>
      total.type === flow.type &&
      total.category === flow.category &&
      fits(total.from_type, flow.from) &&
      fits(total.to_type, flow.to),
  );
  return found ? [found.from_type, found.to_type] : null;
}

function labelOf(key: string, names: Map<string, string>): string {
  if (key === 'customers:') return 'Customers';
  const outside = Object.values(OUTSIDE).find((each) => each.key === key);
  if (outside) return outside.label;
  if (key.endsWith(':others')) return kindOf(key) === 'merchant' ? 'Other merchants' : 'Other parties';
  return names.get(key) || 'A party you may not see';
}

function nodesOf(links: Link[], names: Map<string, string>): FlowNode[] {
  const keys = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
  const sum = (end: 'from' | 'to', key: string) =>
    links.filter((link) => link[end] === key).reduce((total, { value }) => total + value, 0);
  return keys.map((key) => ({
    key,
    label: labelOf(key, names),
    column: COLUMNS[kindOf(key)] ?? 0,
    value: Math.max(sum('from', key), sum('to', key)),
    x: 0,
    y: 0,
    height: 0,
  }));
}

/** Gives every node its place; answers the height of the picture. */
function place(nodes: FlowNode[]): number {
  const columns = [...new Set(nodes.map(({ column }) => column))].sort();
  const members = (column: number) =>
    nodes
      .filter((node) => node.column === column)
      .sort((a, b) => Number(kindOf(a.key) === 'outside') - Number(kindOf(b.key) === 'outside') || b.value - a.value);
  const most = Math.max(...columns.map((column) => members(column).length));
  const inner = Math.max(280, most * 50);
  const scale = Math.min(...columns.map((column) => largestScale(members(column), inner)));
  columns.forEach((column, index) => {
    const those = members(column);
    const used = those.reduce((total, { value }) => total + slot(value * scale), 0) - GAP;
    let y = TOP + Math.max(0, (inner - used) / 2);
    for (const node of those) {
      node.x = columns.length === 1 ? 0 : (index * (WIDTH - 190 - NODE_WIDTH)) / (columns.length - 1);
      node.height = Math.max(MINIMUM, node.value * scale);
      node.y = y + (slot(node.height) - GAP - node.height) / 2;
      y += slot(node.height);
    }
  });
  return inner + 2 * TOP;
}

/** The room that a node takes: its own height, or that of its two lines of text, and the gap to the next. */
function slot(height: number): number {
  return Math.max(height, TEXT) + GAP;
}

/** How many pixels a minor unit may be, so that a column fits: small nodes take the room of their text. */
function largestScale(nodes: FlowNode[], inner: number): number {
  let scale = inner / nodes.reduce((total, { value }) => total + value, 0);
  for (let round = 0; round < 20; round += 1) {
    const used = nodes.reduce((total, { value }) => total + slot(value * scale), 0) - GAP;
    if (used <= inner) break;
    scale *= 0.9;
  }
  return scale;
}

function bandsOf(links: Link[], nodes: FlowNode[]): FlowBand[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const used = { from: new Map<string, number>(), to: new Map<string, number>() };
  const order = (link: Link) => [byKey.get(link.from)?.y ?? 0, byKey.get(link.to)?.y ?? 0] as const;
  const sorted = [...links].sort((a, b) => order(a)[1] - order(b)[1] || order(a)[0] - order(b)[0]);
  return sorted.flatMap((link) => {
    const [from, to] = [byKey.get(link.from), byKey.get(link.to)];
    if (!from || !to) return [];
    const thickness = Math.max(1, (link.value / from.value) * from.height);
    const take = (end: 'from' | 'to', node: FlowNode) => {
      const start = used[end].get(node.key) ?? 0;
      used[end].set(node.key, start + thickness);
      return node.y + start + thickness / 2;
    };
    const [y0, y1] = [take('from', from), take('to', to)];
    const [x0, x1] = [from.x + NODE_WIDTH, to.x];
    const middle = (x0 + x1) / 2;
    const path = `M${x0} ${y0.toFixed(1)}C${middle} ${y0.toFixed(1)} ${middle} ${y1.toFixed(1)} ${x1} ${y1.toFixed(1)}`;
    const types = [...link.types].join(', ').replaceAll('_', ' ');
    return [
      {
        key: `${link.from} ${link.to}`,
        label: `${from.label} to ${to.label}: ${types}`,
        value: link.value,
        path,
        thickness,
      },
    ];
  });
}

export const FLOW_NODE_WIDTH = NODE_WIDTH;
