import type { Integrity } from '../../server/contexts/ledger/schemas.ts';
import type { Chain } from '../../server/contexts/seal/schemas.ts';
import { Badge } from './badge.tsx';
import { Card, Fact, Facts } from './card.tsx';
import { Notice } from './notice.tsx';
import { TableScroll } from './table.tsx';
import { Instant } from './time.tsx';

/** From here on somebody should know that a transaction elsewhere holds the seal back. */
const LONG_SECONDS = 60;

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** How far the seal is, what holds it back, and its last blocks. */
export function SealCard({ integrity }: { integrity: Integrity }) {
  const { seal, horizon, chain } = integrity;
  return (
    <Card title="Seal">
      <div className="card-body stack">
        {horizon.lag_seconds >= LONG_SECONDS ? (
          <Notice tone="warn">
            A transaction elsewhere on the server has been writing for {inWords(horizon.lag_seconds)} or more. What was
            recorded since is sealed when it ends. Postings go on, and balances are exact.
          </Notice>
        ) : null}
        {seal.last_block === null ? (
          <p className="soft">No block is sealed yet. What is posted is sealed within a few minutes.</p>
        ) : (
          <div className="facts-beside">
            <Facts>
              <Fact name="Last block">{String(seal.last_block)}</Fact>
              <Fact name="Holds what was recorded until">
                {seal.sealed_until ? <Instant value={seal.sealed_until} exact /> : null}
              </Fact>
              <Fact name="Oldest entry that waits">{seal.lag_seconds ? inWords(seal.lag_seconds) : 'None'}</Fact>
              <Fact name="Held back by a transaction">
                {horizon.lag_seconds > 0 ? `for ${inWords(horizon.lag_seconds)}` : 'No'}
              </Fact>
            </Facts>
          </div>
        )}
      </div>
      {chain && chain.blocks.length > 0 ? <Blocks blocks={chain.blocks} /> : null}
    </Card>
  );
}

function Blocks({ blocks }: { blocks: Chain['blocks'] }) {
  return (
    <TableScroll label="The last blocks of the chain">
      <table>
        <thead>
          <tr>
            <th>Block</th>
            <th>Sealed</th>
            <th className="end medium-only">Journals</th>
            <th className="end medium-only">Audit events</th>
            <th className="wide-only">Follows</th>
            <th className="medium-only">Hash</th>
            <th>Anchor</th>
          </tr>
        </thead>
        <tbody>
          {blocks.map((block) => (
            <tr key={block.number}>
              <td>{block.number}</td>
              <td>
                <Instant value={block.sealed_at} />
              </td>
              <td className="end medium-only">{block.journals}</td>
              <td className="end medium-only">{block.events}</td>
              <td className="wide-only">
                <Hash value={block.previous_hash} />
              </td>
              <td className="medium-only">
                <Hash value={block.hash} />
              </td>
              <td>
                {block.anchored_at ? (
                  <Badge status="active" label="Anchored" />
                ) : (
                  <Badge status="failed" label="Missing" />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** The beginning of a hash; all of it on hovering. */
function Hash({ value }: { value: string }) {
  return (
    <code className="hash" title={value}>
      {value.slice(0, 10)}
    </code>
  );
}
