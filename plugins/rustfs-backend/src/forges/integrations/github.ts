import { Config } from '@backstage/config';
import { assertError } from '@backstage/errors';
import { ScmIntegrations } from '@backstage/integration';
import { explainNetworkError } from '@rustfs-portal/plugin-rustfs-common';
import {
  ForgeError,
  githubForge,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeIntegration } from '@rustfs-portal/plugin-rustfs-node';
import {
  InstallationTokens,
  isWithoutAccess,
  TIMEOUT_MS,
} from './InstallationTokens';

/**
 * What `integrations.github` has for a server: apps, or a token. Backstage's own provider finds the installation for the owner
 * of a repository, and keeps its token until shortly before it expires.
 */
export function findGithubIntegration(
  config: Config,
  baseUrl: string,
): ForgeIntegration | undefined {
  const integrations = ScmIntegrations.fromConfig(config);
  const found = integrations.github.byUrl(baseUrl)?.config;
  if (!found?.token && !found?.apps?.length) {
    return found && { apiBaseUrl: found.apiBaseUrl };
  }
  const tokens = new InstallationTokens(found);
  const { host } = new URL(baseUrl);
  return {
    apiBaseUrl: found.apiBaseUrl,
    credentials: async repository => {
      const token = await tokens.get(`${baseUrl}/${repository}`).then(
        credentials => credentials.token,
        error => {
          throw explain(error, { host, repository });
        },
      );
      if (!token) {
        const [owner] = repository.split('/');
        throw new ForgeError(
          'denied',
          `The GitHub App of the portal is not installed for ${owner} on ${host}; whoever owns ${owner} installs it there, with access to ${repository}, or integrations.github gets a token`,
        );
      }
      return githubForge.toCredentials(token);
    },
  };
}

/** In words of ours: an error of the SDK holds the call with its secrets. */
function explain(
  error: unknown,
  { host, repository }: { host: string; repository: string },
): ForgeError {
  assertError(error);
  if (isWithoutAccess(error)) {
    return new ForgeError(
      'denied',
      `The GitHub App of the portal is installed on ${host} without access to ${repository}; add the repository to the installation, and the portal goes on within two minutes`,
    );
  }
  if (error.message.includes('is suspended')) {
    return new ForgeError(
      'denied',
      `The GitHub App of the portal is suspended for the owner of ${repository} on ${host}; take the suspension back`,
    );
  }
  const { status } = error as { status?: unknown };
  if (status === 401) {
    return new ForgeError(
      'unauthenticated',
      `${host} does not know the GitHub App of integrations.github, or its private key is another one; correct appId and privateKey there`,
    );
  }
  return typeof status === 'number' && status < 500
    ? new ForgeError(
        'denied',
        `${host} gives no token for ${repository} to the GitHub App of integrations.github (${status}); check that the app is installed there`,
      )
    : new ForgeError(
        'unreachable',
        `${host} gives no token for ${repository}: ${
          typeof status === 'number'
            ? `it failed with ${status}`
            : explainNetworkError(error, TIMEOUT_MS)
        }; try again later`,
      );
}
