import type { Choice } from './filters.tsx';

/** `groupId` tells groups of one name apart. */
export type GroupedChoice = Choice & { group?: string | null; groupId?: string | null };

/** The choices of a select. Those of a group stand under its name, after the others. */
export function Options({ choices }: { choices: readonly GroupedChoice[] }) {
  const options = (members: readonly Choice[]) =>
    members.map(({ value, label }) => (
      <option key={value} value={value}>
        {label}
      </option>
    ));
  const [alone, grouped] = [choices.filter(({ group }) => !group), choices.filter(({ group }) => group)];
  return (
    <>
      {options(alone)}
      {[...Map.groupBy(grouped, ({ group, groupId }) => groupId ?? group)].map(([id, members]) => (
        <optgroup key={id} label={members[0]?.group ?? ''}>
          {options(members)}
        </optgroup>
      ))}
    </>
  );
}
