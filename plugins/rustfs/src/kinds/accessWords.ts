import {
  ACCESS_MODES,
  AccessView,
  EntityStorage,
  RequestSubject,
} from '@rustfs-portal/plugin-rustfs-common';
import { EndLink, Translate } from './KindView';

/** A mode in words; a rule of the platform team has the name that they gave it. */
export function modeTitle(t: Translate, mode: string): string {
  const known = ACCESS_MODES.find(id => id === mode);
  return known ? t(`accessMode.${known}`) : mode;
}

/** Opens the access that a request is about. */
export function accessEnd(subject: RequestSubject, label: string): EndLink {
  return {
    label,
    page: 'access',
    parameter: 'access',
    id: `${subject.tenant}:${subject.name}`,
  };
}

/** The access of that name, where an answer has it. */
export function findAccess(
  { accesses }: EntityStorage,
  { tenant, name }: RequestSubject,
): AccessView | undefined {
  return accesses.find(
    access => access.tenant === tenant && access.name === name,
  );
}
