import { FieldPath, meet } from './fieldPath';

/** The lists of a Tenant that requests edit. */
export const LISTS = {
  buckets: ['spec', 'buckets'],
  policies: ['spec', 'policies'],
  users: ['spec', 'users'],
} satisfies Record<string, FieldPath>;

/** A list of a Tenant that requests edit. */
export type ListName = keyof typeof LISTS;

/** The lists that a path leads to, into, or above. */
export function listsAt(path: FieldPath): ListName[] {
  return (Object.keys(LISTS) as ListName[]).filter(name =>
    meet(path, LISTS[name]),
  );
}

/** `spec.buckets and spec.users`. */
export function writeLists(names: ListName[]): string {
  return names.map(name => `spec.${name}`).join(' and ');
}
