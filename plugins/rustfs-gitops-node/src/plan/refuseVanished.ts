import { Declaration } from '@rustfs-portal/plugin-rustfs-common';
import { StorageChange } from '../types';
import { Refused } from './Refused';

/** Something that was there when it was asked about may be gone from Git by now. */
export function refuseVanished(
  { edits, words }: StorageChange,
  declarations: Declaration[],
): void {
  if (edits === 'existing' && declarations.length === 0) {
    throw new Refused(
      'declared-otherwise',
      `Git does not declare it any more, so there is nothing to change (${words.title})`,
    );
  }
}
