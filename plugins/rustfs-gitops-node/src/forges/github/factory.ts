import { ForgeFactory, toOwnerAndName } from '../ForgeFactory';
import { GitHubForge } from './GitHubForge';

/**
 * GitHub: github.com, Enterprise Cloud with data residency, and Enterprise Server 3.17 or newer.
 *
 * @public
 */
export const githubForge: ForgeFactory = {
  id: 'github',
  title: 'GitHub',
  defaultBaseUrl: 'https://github.com',
  toCredentials: token => ({ authorization: `Bearer ${token}`, secret: token }),
  toRepository: toOwnerAndName,
  create: connection => GitHubForge.create(connection),
};
