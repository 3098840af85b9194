import { Form, Link, useNavigate, useSubmit } from '@remix-run/react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import type { Board } from '../../server/contexts/prospect/schemas.ts';
import {
  OPEN_STAGES,
  type OpenStage,
  type Prospect,
  type ProspectStatus,
} from '../../server/contexts/prospect/schemas.ts';
import { humanize } from '../labels.ts';
import { Icon } from './icon.tsx';
import { Count, Money } from './money.tsx';
import { CalendarDate } from './time.tsx';

const MOVED = 'application/x-prospect';
type Stage = Board['stages'][number];
type Props = { board: Board; formKey: string; mayMove: boolean };
type Move = (card: Prospect, to: ProspectStatus) => void;

/**
 * The stages side by side. A card goes on and back by its own two buttons, which are plain forms; where there is JavaScript
 * it can be dragged too. Losing and winning ask for more, so they lead to the prospect.
 */
export function PipelineBoard({ board, formKey, mayMove }: Props) {
  const submit = useSubmit();
  const navigate = useNavigate();
  const moved = useRef<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the board of after the move has another key
  useEffect(() => {
    if (moved.current) document.getElementById(`prospect-${moved.current}`)?.focus();
    moved.current = null;
  }, [formKey]);
  const move: Move = (card, to) => {
    if (to === card.status) return;
    if (to === 'won') return navigate(`/prospects/${card.id}/convert`);
    if (to === 'lost') return navigate(`/prospects/${card.id}?lose=1`);
    moved.current = card.id;
    submit(fieldsOf(card, to, formKey), { method: 'post', preventScrollReset: true });
  };
  return (
    <div className="board">
      {board.stages.map((stage) => (
        <BoardStage key={stage.status} {...{ stage, formKey, mayMove, move }} all={board.stages} />
      ))}
    </div>
  );
}

function fieldsOf(card: Prospect, to: string, formKey: string): Record<string, string> {
  const idempotency_key = `${formKey}-${card.id}-${to}`;
  return { id: card.id, status: to, version: String(card.version), idempotency_key };
}

type StageProps = Omit<Props, 'board'> & { stage: Stage; all: readonly Stage[]; move: Move };

function BoardStage({ stage, all, formKey, mayMove, move }: StageProps) {
  const [isOver, setIsOver] = useState(false);
  const { status, count, totals, cards } = stage;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const id = event.dataTransfer.getData(MOVED);
    const card = all.flatMap((each) => each.cards).find((each) => each.id === id);
    if (card) move(card, status);
  };
  return (
    <section
      className={isOver ? 'stage stage-over' : 'stage'}
      aria-labelledby={`stage-${status}`}
      onDragOver={(event) => {
        if (!mayMove || !event.dataTransfer.types.includes(MOVED)) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <header className="stage-head">
        <h2 id={`stage-${status}`}>{humanize(status)}</h2>
        <span className="stage-count">
          <Count value={count} />
        </span>
        {totals.map(({ currency, value }) => (
          <span key={currency} className="stage-total">
            <Money amount={value} currency={currency} />
          </span>
        ))}
      </header>
      {cards.length > 0 ? (
        <ul className="stage-cards">
          {cards.map((card) => (
            <BoardCard key={card.id} {...{ card, formKey, mayMove, move }} />
          ))}
        </ul>
      ) : (
        <p className="stage-none">{EMPTY[status] ?? 'Nothing here'}</p>
      )}
      {count > cards.length ? (
        <Link className="stage-more" to={`/prospects?status=${status}`}>{`All ${count}`}</Link>
      ) : null}
    </section>
  );
}

const EMPTY: Partial<Record<ProspectStatus, string>> = {
  won: 'Nobody won in the last 90 days',
  lost: 'Nobody lost in the last 90 days',
};

type CardProps = Omit<Props, 'board'> & { card: Prospect; move: Move };

function BoardCard({ card, formKey, mayMove, move }: CardProps) {
  const place = (OPEN_STAGES as readonly string[]).indexOf(card.status);
  const isOpen = place >= 0;
  const [back, on] = isOpen ? [OPEN_STAGES[place - 1], OPEN_STAGES[place + 1]] : [undefined, undefined];
  return (
    <li
      className="prospect-card"
      draggable={mayMove && isOpen}
      onDragStart={(event) => {
        event.dataTransfer.setData(MOVED, card.id);
        event.dataTransfer.effectAllowed = 'move';
      }}
    >
      <Link id={`prospect-${card.id}`} className="prospect-name" to={`/prospects/${card.id}`} draggable={false}>
        {card.name}
      </Link>
      {card.contact_name ? <span className="prospect-line">{card.contact_name}</span> : null}
      <span className="prospect-line">
        {card.value.amount > 0 ? <Money {...card.value} /> : 'No value yet'}
        {isOpen ? ` · ${card.probability} %` : ''}
      </span>
      <span className="prospect-line">
        {card.expected_close && isOpen ? (
          <>
            Closes <CalendarDate value={card.expected_close} />
          </>
        ) : null}
        {card.lost_reason ? humanize(card.lost_reason) : null}
      </span>
      <span className="prospect-foot">
        <span className="prospect-owner">{card.owner?.name ?? 'No owner'}</span>
        {mayMove && isOpen ? (
          <>
            {back ? <MoveButton {...{ card, formKey, move }} to={back} icon="left" /> : null}
            {on ? (
              <MoveButton {...{ card, formKey, move }} to={on} icon="right" />
            ) : (
              <Link
                className="button button-small"
                to={`/prospects/${card.id}/convert`}
                aria-label={`Convert ${card.name}`}
              >
                Win
              </Link>
            )}
          </>
        ) : null}
      </span>
    </li>
  );
}

type ButtonProps = Pick<CardProps, 'card' | 'formKey' | 'move'> & { to: OpenStage; icon: 'left' | 'right' };

function MoveButton({ card, formKey, move, to, icon }: ButtonProps) {
  const label = `Move ${card.name} to ${humanize(to)}`;
  return (
    <Form
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        move(card, to);
      }}
    >
      {Object.entries(fieldsOf(card, to, formKey)).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit" className="button button-small" aria-label={label} title={label}>
        <Icon name={icon} size={12} />
      </button>
    </Form>
  );
}
