import { InputError } from '@backstage/errors';
import { z } from 'zod';

const DEFAULT_PATH = '/rustfs';

const pagePath = z
  .string({ error: 'expected the path of the pages, for example /rustfs' })
  .regex(/^\/[^?#]*$/, {
    error: 'expected a path that begins with /, for example /rustfs',
  });

const portalSchema = z.strictObject({ path: pagePath.optional() }).optional();

/** What of `app.extensions` moves the pages. */
const extensionSchema = z.object({
  'page:rustfs': z.object({ config: z.object({ path: pagePath }) }),
});

/**
 * Addresses of the pages of the plugin, for what is written outside of the frontend: pull requests, notifications and
 * outputs of templates.
 *
 * @public
 */
export class PortalLinks {
  readonly #baseUrl: string | undefined;
  readonly #path: string;

  /**
   * From `rustfs.portal.path`; without it from where `app.extensions` puts `page:rustfs`, else `/rustfs`.
   *
   * @throws InputError when `rustfs.portal` is wrong, with the path and what is expected
   */
  static fromConfig(config: {
    getOptional(key: string): unknown;
    getOptionalString(key: string): string | undefined;
  }): PortalLinks {
    const portal = portalSchema.safeParse(config.getOptional('rustfs.portal'));
    if (!portal.success) {
      const [{ path, message }] = portal.error.issues;
      throw new InputError(
        `Configuration is wrong at ${['rustfs.portal', ...path].join(
          '.',
        )}: ${message}`,
      );
    }
    return new PortalLinks(
      config.getOptionalString('app.baseUrl'),
      portal.data?.path ??
        findMovedPage(config.getOptional('app.extensions')) ??
        DEFAULT_PATH,
    );
  }

  private constructor(baseUrl: string | undefined, path: string) {
    this.#baseUrl = baseUrl?.replace(/\/+$/, '');
    this.#path = path.replace(/\/+$/, '');
  }

  /** Path of the page of a request inside the portal, without that of `app.baseUrl`, as the frontend takes paths. */
  requestPath(id: string): string {
    return `${this.#path}/requests/${encodeURIComponent(id)}`;
  }

  /** Whole address of the page of a request; undefined when `app.baseUrl` is not known here. */
  requestUrl(id: string): string | undefined {
    return this.#baseUrl === undefined
      ? undefined
      : `${this.#baseUrl}${this.requestPath(id)}`;
  }
}

function findMovedPage(extensions: unknown): string | undefined {
  const entries = Array.isArray(extensions) ? extensions : [];
  // Of entries for one extension the last one holds.
  return entries
    .map(entry => extensionSchema.safeParse(entry).data)
    .findLast(entry => entry !== undefined)?.['page:rustfs'].config.path;
}
