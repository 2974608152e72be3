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
   * What a repository is called with; undefined: nothing. It throws a ForgeError, in words for the platform team, where there is
   * nothing for the repository that it is asked for.
   */
  credentials?: (repository: string) => Promise<ForgeCredentials>;
}

/**
 * A kind of forge as the backend knows it.
 *
 * @public
 */
export interface ForgeKind {
  factory: ForgeFactory;
  /** What it stands under in `integrations:`, for messages. Default: the id of the factory. */
  integrationType?: string;
  /**
   * What `integrations:` has for the forge at an address. What `rustfs.forges` has itself goes before it.
   *
   * @param config - the whole configuration
   */
  findIntegration?(
    config: Config,
    baseUrl: string,
  ): ForgeIntegration | undefined;
}
