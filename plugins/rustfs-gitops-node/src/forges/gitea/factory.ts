import { ForgeFactory, toOwnerAndName } from '../ForgeFactory';
import { GiteaForge } from './GiteaForge';

/**
 * Gitea, 1.26 or newer.
 *
 * @public
 */
export const giteaForge: ForgeFactory = {
  id: 'gitea',
  title: 'Gitea',
  toCredentials: token => ({ authorization: `token ${token}`, secret: token }),
  toRepository: toOwnerAndName,
  create: connection => GiteaForge.create(connection),
};

/**
 * Forgejo, 16 or newer.
 *
 * @public
 */
export const forgejoForge: ForgeFactory = {
  ...giteaForge,
  id: 'forgejo',
  title: 'Forgejo',
  create: connection => GiteaForge.createForgejo(connection),
};
