import { ForgeError } from '@rustfs-portal/plugin-rustfs-gitops-node';

/** Calls in vain, one after the other, after which a forge is left alone for the rest of the round. */
const PATIENCE = 4;
/** A call that fails sooner costs no time. */
const SLOW_MS = 1_000;

/**
 * The forges that leave calls without an answer in one round over all requests. To wait for each request on a forge that
 * hangs takes more time than a round has, and requests elsewhere would not be looked at.
 */
export class SilentForges {
  readonly #now: () => Date;
  readonly #missed = new Map<string, { times: number; message: string }>();

  constructor(options: { now: () => Date }) {
    this.#now = options.now;
  }

  isSilent(forgeUrl: string): boolean {
    return (this.#missed.get(forgeUrl)?.times ?? 0) >= PATIENCE;
  }

  /**
   * Asks a forge something, unless it is silent.
   *
   * @throws ForgeError in the words of the last call that it left without an answer, when it is silent
   */
  async ask<T>(forgeUrl: string, call: () => Promise<T>): Promise<T> {
    if (this.isSilent(forgeUrl)) {
      const { message } = this.#missed.get(forgeUrl)!;
      throw new ForgeError('unreachable', message);
    }
    const started = this.start();
    try {
      const answer = await call();
      this.#missed.delete(forgeUrl);
      return answer;
    } catch (error) {
      if (error instanceof ForgeError && error.reason === 'unreachable') {
        this.note(forgeUrl, { started, message: error.message });
      }
      throw error;
    }
  }

  /** The time at which a call begins. */
  start(): number {
    return this.#now().getTime();
  }

  /** Takes note of a call in vain. */
  note(forgeUrl: string, call: { started: number; message: string }): void {
    if (this.start() - call.started >= SLOW_MS) {
      const times = (this.#missed.get(forgeUrl)?.times ?? 0) + 1;
      this.#missed.set(forgeUrl, { times, message: call.message });
    }
  }
}
