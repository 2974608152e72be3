import { Config } from '@backstage/config';
import {
  ForgeCredentials,
  ForgeFactory,
} from '@rustfs-portal/plugin-rustfs-gitops-node';

/**
 * What Backstage's own `integrations:` say about a forge.
 *
 * @public
 */
export interface ForgeIntegration {
  apiBaseUrl?: string;
  /**
   * What a repository is called with.
   *
   * @throws ForgeError when there is nothing, in words for the platform team
   */
  credentials(repository: string): Promise<ForgeCredentials>;
}

/**
 * A kind of forge as the backend knows it.
 *
 * @public
 */
export interface ForgeKind {
  factory: ForgeFactory;
  /**
   * What `integrations:` has for the forge at an address; undefined: nothing that could be called with. It counts where
   * `rustfs.forges` has no token.
   *
   * @param config - the whole configuration
   */
  findIntegration?(
    config: Config,
    baseUrl: string,
  ): ForgeIntegration | undefined;
}
