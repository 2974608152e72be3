import { InputError } from '@backstage/errors';
import { Layout } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { StorageLayout } from '@rustfs-portal/plugin-rustfs-node';

const FUNCTIONS = ['read', 'express', 'limits', 'examine', 'plan'] as const;

/**
 * The half of a layout that is in Git, for the change engine.
 *
 * @throws InputError when it is no `Layout`, or its halves do not belong together
 */
export function requireLayout({ git, id, provisioner }: StorageLayout): Layout {
  if (git.id !== id) {
    throw new InputError(
      `Layout ${id} has ${git.id} as the id of what it is in Git: expected one id for both halves`,
    );
  }
  // A module need not be written in TypeScript.
  if (FUNCTIONS.some(name => typeof git[name] !== 'function')) {
    throw new InputError(
      `Layout ${id} cannot be planned: expected a Layout of @rustfs-portal/plugin-rustfs-gitops-node, with ${FUNCTIONS.join(
        ', ',
      )}`,
    );
  }
  if (typeof provisioner?.read !== 'function') {
    throw new InputError(
      `Layout ${id} has no provisioner: expected one that can read what a cluster has`,
    );
  }
  return git;
}
