import { Config } from '@backstage/config';
import {
  DefaultGitlabCredentialsProvider,
  ScmIntegrations,
} from '@backstage/integration';
import {
  ForgeError,
  gitlabForge,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeIntegration } from '@rustfs-portal/plugin-rustfs-node';

/** What `integrations.gitlab` has for a server: the address of its API, and a token. */
export function findGitlabIntegration(
  config: Config,
  baseUrl: string,
): ForgeIntegration | undefined {
  const integrations = ScmIntegrations.fromConfig(config);
  const found = integrations.gitlab.byUrl(baseUrl)?.config;
  if (!found?.token) {
    return found && { apiBaseUrl: found.apiBaseUrl };
  }
  const provider =
    DefaultGitlabCredentialsProvider.fromIntegrations(integrations);
  return {
    apiBaseUrl: found.apiBaseUrl,
    credentials: async repository => {
      const { token } = await provider.getCredentials({
        url: `${baseUrl}/${repository}`,
      });
      if (!token) {
        throw new ForgeError(
          'unauthenticated',
          `integrations.gitlab has no token for ${repository} on ${found.host}; put one there`,
        );
      }
      return gitlabForge.toCredentials(token);
    },
  };
}
