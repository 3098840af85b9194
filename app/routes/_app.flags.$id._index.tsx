import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { redirect } from '@remix-run/server-runtime';
import {
  featureFlagArchive,
  featureFlagGet,
  featureFlagHistoryRead,
  featureFlagOverrides,
  featureFlagRestore,
  featureFlagRevert,
  featureFlagUpdate,
} from '../../server/contexts/feature-flag/operations.ts';
import type { FeatureFlag } from '../../server/contexts/feature-flag/schemas.ts';
import { Card } from '../components/card.tsx';
import { ChoiceForm } from '../components/choice-form.tsx';
import { FlagFacts, FlagHistory, FlagOverrides, FlagRules, FlagTrial } from '../components/flag-parts.tsx';
import { FlagState } from '../components/flag-state.tsx';
import { Icon } from '../components/icon.tsx';
import { DoneNotice } from '../components/notice.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { merchantChoices } from '../flag-data.ts';
import { tryFlag } from '../flag-trial.ts';
import { formGuards, newFormKey, readFields, refused } from '../forms.ts';
import { idParam } from '../id-param.ts';
import { PAGE_SIZE } from '../list-query.ts';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle<{ flag: FeatureFlag }>(({ flag }) => flag.name);

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const id = idParam(params);
  const search = new URL(request.url).searchParams;
  const cursor = search.get('cursor');
  const [flag, history, overrides] = await Promise.all([
    context.run(featureFlagGet, { id }),
    context.run(featureFlagHistoryRead, { id }),
    context.run(featureFlagOverrides, { id, limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) }),
  ]);
  return {
    flag,
    history: history.data,
    overrides,
    merchants: isOfMerchants(flag) ? await merchantChoices(context) : [],
    trial: await tryFlag(context, flag, search),
    formKey: newFormKey(),
    may: { update: context.can('feature_flag:update'), archive: context.can('feature_flag:archive') },
  };
}

const isOfMerchants = ({ rules }: FeatureFlag) =>
  rules.some(({ conditions }) => conditions.some(({ attribute }) => attribute === 'merchant_id'));

export async function action({ context, params, request }: ActionFunctionArgs) {
  const id = idParam(params);
  const form = await request.formData();
  const { intent = '' } = readFields(form, ['intent']);
  const guards = formGuards(form);
  const answers = {
    on: () => context.submit(featureFlagUpdate, { id, is_enabled: true }, guards),
    off: () => context.submit(featureFlagUpdate, { id, is_enabled: false }, guards),
    archive: () => context.submit(featureFlagArchive, { id }, guards),
    restore: () => context.submit(featureFlagRestore, { id }, guards),
  };
  const eventId = /^revert-([0-9a-f-]{36})$/.exec(intent)?.[1];
  if (!eventId && !Object.hasOwn(answers, intent)) throw new Response(null, { status: 400 });
  const answer = eventId
    ? await context.submit(featureFlagRevert, { id, event_id: eventId }, guards)
    : await answers[intent as keyof typeof answers]();
  if ('problem' in answer) return refused(answer.problem, { intent });
  throw redirect(`/flags/${id}?saved=1`);
}

export default function FlagPage() {
  const { flag, merchants, history, overrides, trial, formKey, may } = useLoaderData<typeof loader>();
  const state = useActionData<typeof action>();
  const form = { formKey, state, labels: {}, version: flag.version };
  const [turn, words] = flag.is_enabled ? (['off', 'Switch it off'] as const) : (['on', 'Switch it on'] as const);
  return (
    <>
      <DoneNotice created="The flag is created." saved="The flag is changed." />
      <PageHeader
        title={flag.name}
        beside={<FlagState flag={flag} />}
        lead={flag.description}
        crumbs={[{ href: '/flags', label: 'Flags' }]}
      >
        {may.update && !flag.archived_at ? (
          <Link className="button" to={`/flags/${flag.id}/edit`}>
            <Icon name="pencil" size={14} />
            Edit
          </Link>
        ) : null}
      </PageHeader>
      <div className="columns">
        <div className="stack">
          <FlagRules {...{ flag, merchants }} />
          <FlagOverrides flagId={flag.id} page={overrides} />
          {flag.archived_at ? null : <FlagTrial trial={trial} />}
          <FlagHistory changes={history} {...(may.update && !flag.archived_at ? { revert: form } : {})} />
        </div>
        <aside className="stack">
          <FlagFacts flag={flag} />
          {may.update && !flag.archived_at ? (
            <Card title="Switch" padded>
              <ChoiceForm intent={turn} title={words} button={words} {...form}>
                <p>
                  {flag.is_enabled
                    ? `Everybody gets ${flag.off_variant} at once, merchants with a variant of their own too.`
                    : 'Shares, rules and merchants’ own variants count again at once.'}
                </p>
              </ChoiceForm>
            </Card>
          ) : null}
          {may.archive && !flag.is_built_in ? <Archive flag={flag} form={form} /> : null}
        </aside>
      </div>
    </>
  );
}

type FormProps = Pick<Parameters<typeof ChoiceForm>[0], 'formKey' | 'state' | 'labels' | 'version'>;

function Archive({ flag, form }: { flag: FeatureFlag; form: FormProps }) {
  return (
    <Card title={flag.archived_at ? 'Archived' : 'Archive'} padded>
      {flag.archived_at ? (
        <ChoiceForm intent="restore" title="Take it into use again" button="Restore the flag" {...form} />
      ) : (
        <ChoiceForm intent="archive" title="Take it out of use" button="Archive the flag" {...form}>
          <p>Programs that still ask for {flag.key} are told that there is no such flag, and use their own default.</p>
        </ChoiceForm>
      )}
    </Card>
  );
}
