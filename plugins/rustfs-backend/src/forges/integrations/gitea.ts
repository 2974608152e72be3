import { Config } from '@backstage/config';
import {
  getGiteaRequestOptions,
  ScmIntegrations,
} from '@backstage/integration';
import { ForgeIntegration } from '@rustfs-portal/plugin-rustfs-node';

/** What `integrations.gitea` has for a server: a user with password or token, or a token alone. */
export function findGiteaIntegration(
  config: Config,
  baseUrl: string,
): ForgeIntegration | undefined {
  const found = ScmIntegrations.fromConfig(config).gitea.byUrl(baseUrl)?.config;
  const authorization =
    found && getGiteaRequestOptions(found).headers?.Authorization;
  return found?.password && authorization
    ? {
        credentials: async () => ({ authorization, secret: found.password! }),
      }
    : undefined;
}
