import { type FlowDiagram as Diagram, FLOW_NODE_WIDTH, type FlowNode } from '../flow-diagram.ts';
import { formatMoney } from '../money.ts';
import { TableScroll } from './table.tsx';
import { useTenant } from './use-tenant.ts';

type Props = { diagram: Diagram; currency: string };

/** The flow of funds as bands whose breadth is the money; the tables on the same page have every figure. */
export function FlowDiagram({ diagram, currency }: Props) {
  const { locale } = useTenant();
  const money = (amount: number) => formatMoney(amount, currency, locale);
  return (
    <TableScroll label={`Flow of funds in ${currency}, drawn`}>
      <svg
        className="flow"
        viewBox={`0 0 ${diagram.width} ${diagram.height}`}
        role="img"
        aria-label={`Money from customers to merchants, MerchantOrgs, the platform and others in ${currency}. The tables below have each figure.`}
      >
        {diagram.bands.map(({ key, label, value, path, thickness }) => (
          <path key={key} className="flow-band" d={path} strokeWidth={thickness}>
            <title suppressHydrationWarning>{`${label}, ${money(value)}`}</title>
          </path>
        ))}
        {diagram.nodes.map((node) => (
          <Node key={node.key} node={node} amount={money(node.value)} />
        ))}
      </svg>
    </TableScroll>
  );
}

function Node({ node, amount }: { node: FlowNode; amount: string }) {
  const middle = node.y + node.height / 2;
  return (
    <g>
      <rect className="flow-node" x={node.x} y={node.y} width={FLOW_NODE_WIDTH} height={node.height} rx="2" />
      <text className="flow-label" x={node.x + FLOW_NODE_WIDTH + 7} y={middle - 1}>
        {shortened(node.label)}
      </text>
      <text className="flow-amount" x={node.x + FLOW_NODE_WIDTH + 7} y={middle + 13} suppressHydrationWarning>
        {amount}
      </text>
    </g>
  );
}

function shortened(label: string): string {
  return label.length > 24 ? `${label.slice(0, 23).trimEnd()}…` : label;
}
