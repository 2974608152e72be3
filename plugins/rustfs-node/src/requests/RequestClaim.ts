import { RequestSubject } from '@rustfs-portal/plugin-rustfs-common';

/**
 * What a request holds of something while it is open:
 *
 * - `existence`: it makes it, or ends it. There is nobody beside it.
 * - `settings`: it changes what is there and stays. Nobody else changes it meanwhile, or ends it.
 * - `use`: it reaches what is there. It only has to stay.
 *
 * @public
 */
export type ClaimHold = 'existence' | 'settings' | 'use';

/**
 * What two open requests may hold of the same thing, in either order; every other pair keeps the later request out. So a
 * request of somebody else for access to a bucket does not hold up a change of the owner, and the end of a bucket waits
 * for both.
 *
 * @public
 */
export const CLAIMS_THAT_GO_TOGETHER: ReadonlyArray<
  readonly [ClaimHold, ClaimHold]
> = [
  ['use', 'use'],
  ['use', 'settings'],
];

/**
 * Something that an open request holds. Which claims of two requests go together, {@link CLAIMS_THAT_GO_TOGETHER} says.
 *
 * @public
 */
export interface RequestClaim {
  /**
   * A bucket and an access are those of the tenant of the request. A `secret` is the Secret of a workload, with the name
   * `cluster/namespace/name`: it is the same thing for requests about any tenant.
   */
  type: RequestSubject['type'] | 'secret';
  name: string;
  holds: ClaimHold;
  /** Field of the input that names it: a form says there that somebody else holds it. */
  field: string;
}

/**
 * Whether two open requests may hold this of the same thing.
 *
 * @public
 */
export function goTogether(one: ClaimHold, other: ClaimHold): boolean {
  return CLAIMS_THAT_GO_TOGETHER.some(
    ([a, b]) => (a === one && b === other) || (a === other && b === one),
  );
}
