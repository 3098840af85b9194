import type { Quota } from '../../server/contexts/usage/schemas.ts';

const WIDTH = 100;

/** How much of a quota is used, against its hard limit or else its soft one. */
export function QuotaBar({ quota: { used, soft_limit: soft, hard_limit: hard, state } }: { quota: Quota }) {
  const end = hard ?? soft;
  if (end === null) return <span className="faint">No limit</span>;
  const share = Math.min(used / end, 1) * WIDTH;
  const percent = Math.floor((used / end) * 100);
  return (
    <svg
      className={`quota-bar quota-bar-${state}`}
      viewBox={`0 0 ${WIDTH} 8`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${percent} % of the ${hard === null ? 'soft' : 'hard'} limit`}
    >
      <rect className="quota-bar-room" width={WIDTH} height="8" />
      <rect className="quota-bar-used" width={share} height="8" />
      {hard !== null && soft !== null ? (
        <line className="quota-bar-soft" x1={(soft / hard) * WIDTH} x2={(soft / hard) * WIDTH} y1="0" y2="8" />
      ) : null}
    </svg>
  );
}
