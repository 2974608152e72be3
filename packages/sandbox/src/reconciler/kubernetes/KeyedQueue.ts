/**
 * Runs the work of each key one run at a time; keys that are added while they run are run once more.
 */
export class KeyedQueue {
  private readonly running = new Map<string, { again: boolean }>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private stopped = false;

  constructor(
    private readonly work: (key: string) => Promise<void>,
    private readonly onError: (key: string, error: unknown) => void,
  ) {}

  add(key: string): void {
    if (this.stopped) {
      return;
    }
    const current = this.running.get(key);
    if (current) {
      current.again = true;
      return;
    }
    void this.run(key);
  }

  /** Adds a key later, unless an earlier time is set for it already. */
  addAfter(key: string, delayMs: number): void {
    if (this.stopped || this.timers.has(key)) {
      return;
    }
    this.timers.set(
      key,
      setTimeout(() => {
        this.timers.delete(key);
        this.add(key);
      }, delayMs),
    );
  }

  /** Forgets a time set with {@link KeyedQueue.addAfter}. */
  cancel(key: string): void {
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    [...this.timers.keys()].forEach(key => this.cancel(key));
    while (this.running.size) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  private async run(key: string): Promise<void> {
    const state = { again: true };
    this.running.set(key, state);
    while (state.again && !this.stopped) {
      state.again = false;
      try {
        await this.work(key);
      } catch (error) {
        this.onError(key, error);
      }
    }
    this.running.delete(key);
  }
}
