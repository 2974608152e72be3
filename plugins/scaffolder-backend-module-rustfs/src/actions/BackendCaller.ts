import { AuthService } from '@backstage/backend-plugin-api';
import { ActionContext } from '@backstage/plugin-scaffolder-node';
import { CallOptions } from '@rustfs-portal/plugin-rustfs-common';
import { translateError } from './translateError';

/** The backend opens a pull request meanwhile, which takes several calls of a forge that may be slow. */
const CALL_TIMEOUT_MS = 120_000;

/**
 * Calls the RustFS backend as the person who started a task, with a bound, and says what went wrong in words for them.
 */
export class BackendCaller {
  readonly #auth: AuthService;
  readonly #timeoutMs: number;

  constructor(options: { auth: AuthService; timeoutMs?: number }) {
    this.#auth = options.auth;
    this.#timeoutMs = options.timeoutMs ?? CALL_TIMEOUT_MS;
  }

  async call<T>(
    ctx: Pick<ActionContext<any>, 'getInitiatorCredentials' | 'signal'>,
    send: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await ctx.getInitiatorCredentials(),
      targetPluginId: 'rustfs',
    });
    const signal = AbortSignal.any([
      ...(ctx.signal ? [ctx.signal] : []),
      AbortSignal.timeout(this.#timeoutMs),
    ]);
    try {
      return await send({ token, signal });
    } catch (error) {
      // A task that is cancelled ends as the scaffolder wants it.
      throw ctx.signal?.aborted
        ? error
        : translateError(error, this.#timeoutMs);
    }
  }
}
