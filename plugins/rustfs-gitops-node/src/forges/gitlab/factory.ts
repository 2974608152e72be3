import { ForgeFactory } from '../ForgeFactory';
import { GitLabForge } from './GitLabForge';

/**
 * GitLab: gitlab.com, and a server of one's own, 16 or newer.
 *
 * @public
 */
export const gitlabForge: ForgeFactory = {
  id: 'gitlab',
  title: 'GitLab',
  defaultBaseUrl: 'https://gitlab.com',
  toCredentials: token => ({ authorization: `Bearer ${token}`, secret: token }),
  // A project lies in a group, that in another one, and so on. What follows a dash is a page of a project.
  toRepository: path =>
    path.length >= 2 && !path.includes('-') ? path.join('/') : undefined,
  create: connection => GitLabForge.create(connection),
};
