import { BrowserContext, expect, Page } from '@playwright/test';
import { SecretHunter } from '@rustfs-portal/sandbox/testUtils';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Seen {
  where: string;
  text: string;
}

/** Keeps what a browser sees of the portal, to look for secrets in it at the end. */
export class Witness {
  readonly #context: BrowserContext;
  readonly #seen: Seen[] = [];
  readonly #pending: Array<Promise<void>> = [];

  constructor(context: BrowserContext) {
    this.#context = context;
    context.on('request', request => {
      this.#keep(
        `request ${request.method()} ${request.url()}`,
        request.url() + (request.postData() ?? ''),
      );
    });
    context.on('response', response => {
      if (new URL(response.url()).pathname.startsWith('/api/')) {
        this.#pending.push(
          response.text().then(
            text => this.#keep(`answer of ${response.url()}`, text),
            // Of one that the page did not wait for, nothing was seen.
            () => undefined,
          ),
        );
      }
    });
    context.on('console', message =>
      this.#keep('console of the browser', message.text()),
    );
    context.on('page', page => this.#listen(page));
    context.pages().forEach(page => this.#listen(page));
  }

  /**
   * Expects that none of the secrets was seen: in requests, answers, signals, pages and storage of the browser, in the log
   * and the database of the portal, and in any object of Git.
   *
   * @param mentioned - something harmless that must have been seen, or the search proves nothing
   */
  async expectNoSecret(secrets: string[], mentioned: string) {
    const hunter = new SecretHunter(secrets);
    for (const page of this.#context.pages()) {
      this.#keep('page', await page.content());
      this.#keep(
        'sessionStorage',
        await page.evaluate(() => JSON.stringify({ ...sessionStorage })),
      );
      // An answer that never ends, such as that of a log, is over with its page.
      await page.close();
    }
    this.#keep(
      'cookies, localStorage and IndexedDB',
      JSON.stringify(await this.#context.storageState({ indexedDB: true })),
    );
    await Promise.all(this.#pending);
    this.#keep(
      'log of the portal',
      await readFile(process.env.PORTAL_LOG!, 'latin1'),
    );
    expect(
      this.#seen.filter(
        ({ text, where }) =>
          where.startsWith('answer') && text.includes(mentioned),
      ).length,
      `answers with ${mentioned}`,
    ).toBeGreaterThan(3);
    expect(
      this.#seen
        .filter(({ text }) => hunter.isIn(text))
        .map(({ where }) => where),
    ).toEqual([]);
    for (const part of ['portal', 'forge']) {
      const { found, read } = await hunter.searchFolder(
        join(process.env.SANDBOX_STATE!, part),
      );
      expect(read, `files of the ${part}`).toBeGreaterThan(3);
      expect(found).toEqual([]);
    }
  }

  #listen(page: Page) {
    page.on('websocket', socket =>
      socket.on('framereceived', ({ payload }) =>
        this.#keep('signal', payload.toString()),
      ),
    );
  }

  #keep(where: string, text: string) {
    this.#seen.push({ where, text });
  }
}
