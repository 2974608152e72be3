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
 * What a webhook says has happened. It is a reason to look and nothing that is believed: what has become of a pull request is
 * asked of the forge.
 *
 * @public
 */
export interface ForgeNews {
  /** Addresses of the repository, for people and for Git. */
  repository: string[];
  /**
   * `pull` a pull request was closed, merged, opened again or reviewed; `pushed` it has that commit now; `branch` a branch was
   * pushed to; `commit` something is said of a commit.
   */
  about:
    | { type: 'pull'; number: number }
    | { type: 'pushed'; number: number; commit: string }
    | { type: 'branch'; branch: string }
    | { type: 'commit'; commit: string };
}

/**
 * The webhooks of a kind of forge.
 *
 * @public
 */
export interface ForgeHooks {
  /** Topic of the events service that they are published as. Whoever publishes them has verified who sent them. */
  topic: string;
  /**
   * What the body of one says; nothing when it is about something else, or no such body at all. It is pure, and throws nothing.
   */
  read(body: unknown): ForgeNews[];
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
  /** Undefined: forges of the kind are only looked at from time to time. */
  hooks?: ForgeHooks;
}
