import { operations } from '../server/operations/registry.ts';

/** Whatever an event can be about. */
export function auditedResources(): string[] {
  return [...new Set(operations.map(({ resource }) => resource))].sort();
}
