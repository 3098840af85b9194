import { prospectConvert, prospectCreate, prospectMove } from '../../server/contexts/prospect/operations.ts';
import type { ProspectStatus } from '../../server/contexts/prospect/schemas.ts';
import { activityCreate } from '../../server/contexts/prospect-activity/operations.ts';
import { plusDays } from './days.ts';
import type { Run } from './workspaces.ts';

type Plan = {
  readonly name: string;
  readonly contact: string;
  readonly vertical: 'beauty_and_wellness' | 'healthcare' | 'fitness' | 'professional_services' | 'home_services';
  readonly source: string;
  /** Minor units a year. */
  readonly value: number;
  readonly currency: string;
  /** Days from today to the expected close. */
  readonly closes: number;
  readonly stage: Exclude<ProspectStatus, 'merged'>;
  readonly lostReason?: 'price' | 'timing' | 'competitor';
  readonly call: string;
  /** A task, and in how many days it is due. */
  readonly task?: readonly [subject: string, due: number];
};

const plans: readonly Plan[] = [
  {
    ...{ name: 'Bluebird Hair', contact: 'Odile Perrin', vertical: 'beauty_and_wellness', source: 'Referral' },
    ...{ value: 1_800_000, currency: 'USD', closes: 40, stage: 'proposal' },
    call: 'Has two chairs free and wants online booking before the summer.',
    task: ['Send the contract', 2],
  },
  {
    ...{ name: 'Old Mill Spa', contact: 'Kofi Mensah', vertical: 'beauty_and_wellness', source: 'Trade fair' },
    ...{ value: 4_200_000, currency: 'USD', closes: 70, stage: 'qualified' },
    call: 'Asked how deposits work for packages.',
    task: ['Show deposits by price tier', 5],
  },
  {
    ...{ name: 'Elbe Physio', contact: 'Henrike Lange', vertical: 'healthcare', source: 'Website' },
    ...{ value: 2_600_000, currency: 'EUR', closes: 55, stage: 'qualified' },
    call: 'Three practices, one of them in Lübeck.',
    task: ['Ask for the tax ids', -1],
  },
  {
    ...{ name: 'Kite Tutors', contact: 'Sunita Rao', vertical: 'professional_services', source: 'Website' },
    ...{ value: 900_000, currency: 'GBP', closes: 90, stage: 'lead' },
    call: 'Filled in the form at night; wants a call back.',
    task: ['Call back', 0],
  },
  {
    ...{ name: 'kite-tutors', contact: 'Sunita Rao', vertical: 'professional_services', source: 'Cold call' },
    ...{ value: 0, currency: 'GBP', closes: 90, stage: 'lead' },
    call: 'Nobody answered; perhaps the same business as another lead.',
  },
  {
    ...{ name: 'Corner Gym', contact: 'Dario Conti', vertical: 'fitness', source: 'Partner' },
    ...{ value: 1_200_000, currency: 'USD', closes: -20, stage: 'lost', lostReason: 'timing' },
    call: 'Likes it, but moves house first.',
  },
  {
    ...{ name: 'Lantern Cleaning', contact: 'Maeve Doyle', vertical: 'home_services', source: 'Advertisement' },
    ...{ value: 700_000, currency: 'USD', closes: -30, stage: 'lost', lostReason: 'price' },
    call: 'Compares with a cheaper tool without books.',
  },
  {
    ...{ name: 'Willow Acupuncture', contact: 'Jun Park', vertical: 'healthcare', source: 'Referral' },
    ...{ value: 1_500_000, currency: 'USD', closes: -5, stage: 'won' },
    call: 'Signed on the spot.',
  },
];

/** Whom the platform wants to win, lost, and won: in every stage, two of them the same business. */
export async function addPipeline(run: Run, today: string): Promise<void> {
  for (const plan of plans) {
    const { id } = await run(prospectCreate, {
      ...{ name: plan.name, contact_name: plan.contact, vertical: plan.vertical, source: plan.source },
      value: { amount: plan.value, currency: plan.currency },
      expected_close: plusDays(today, plan.closes),
    });
    await run(activityCreate, { prospect_id: id, kind: 'call', subject: 'First call', body: plan.call });
    if (plan.task) {
      const [subject, due] = plan.task;
      await run(activityCreate, { prospect_id: id, kind: 'task', subject, due_on: plusDays(today, due) });
    }
    await moveOn(run, id, plan);
  }
}

async function moveOn(run: Run, id: string, { stage, lostReason }: Plan): Promise<void> {
  if (stage === 'lead') return;
  await run(prospectMove, { id, status: 'qualified' });
  if (stage === 'qualified') return;
  await run(prospectMove, { id, status: 'proposal' });
  if (stage === 'lost') await run(prospectMove, { id, status: 'lost', lost_reason: lostReason ?? 'other' });
  if (stage !== 'won') return;
  await run(prospectConvert, { id, time_zone: 'America/New_York' });
}
