import { createHash, randomUUID } from 'node:crypto';
import { ForgeNews } from '@rustfs-portal/plugin-rustfs-node';
import { Knex } from 'knex';

/** As many as a company's repositories can tell between two rounds; what is more, a round finds without them. */
const MAX_KEPT = 2_000;
/** Rows of one statement; databases limit the number of values. */
const ROWS_PER_STATEMENT = 100;
/** What could not be looked at in this time takes no room from others any more: a round finds it at its own pace. */
const KEPT_FOR_MS = 10 * 60_000;

/** What a webhook has said of a repository. */
export interface KeptNews {
  /** Forge and repository, as {@link repositoryKey} writes them. */
  repository: string;
  about: ForgeNews['about'];
}

/** News with what tells them from the same news that come again. */
export interface MarkedNews extends KeptNews {
  id: string;
  mark: string;
}

interface HookRow {
  id: string;
  repository: string;
  about: string;
  mark: string;
  told_at: string;
}

interface LookRow {
  id: string;
  looked_at: string | null;
  hooked_at: string | null;
}

/** When the open requests of a repository were last looked at, and a webhook last told of it. */
export interface Look {
  lookedAt?: string;
  hookedAt?: string;
}

/** A repository on a forge, as one text. Forges tell it in another case than the address that an engine reads it from. */
export function repositoryKey(where: {
  forgeUrl: string;
  repository: string;
}): string {
  return `${where.forgeUrl} ${where.repository}`.toLowerCase();
}

/**
 * What webhooks have said, kept until somebody has looked: whichever replica they came to, and whether it lives on or not. The
 * same news are kept once, and for some minutes.
 */
export class DatabaseHookStore {
  readonly #client: Knex;
  readonly #now: () => number;

  constructor(client: Knex, options: { now?: () => number } = {}) {
    this.#client = client;
    this.#now = options.now ?? Date.now;
  }

  /** @returns false when there is no room for more, which a round finds without them */
  async add(news: KeptNews): Promise<boolean> {
    const about = JSON.stringify(news.about);
    const row: HookRow = {
      id: hash(`${news.repository} ${about}`),
      repository: news.repository,
      about,
      // What is looked at now may have happened again meanwhile.
      mark: randomUUID(),
      told_at: new Date(this.#now()).toISOString(),
    };
    const known = await this.#client<HookRow>('hooks')
      .where({ id: row.id })
      .update({ mark: row.mark, told_at: row.told_at });
    if (known > 0) {
      return true;
    }
    const [{ count }] = await this.#client('hooks').count({ count: '*' });
    if (Number(count) >= MAX_KEPT) {
      return false;
    }
    await this.#client<HookRow>('hooks').insert(row).onConflict('id').merge();
    return true;
  }

  async list(): Promise<MarkedNews[]> {
    const [oldest, newest] = [-KEPT_FOR_MS, KEPT_FOR_MS].map(ms =>
      new Date(this.#now() + ms).toISOString(),
    );
    await this.#client<HookRow>('hooks')
      .where('told_at', '<', oldest)
      // By a clock that is wrong: it would stay for as long as that is ahead.
      .orWhere('told_at', '>', newest)
      .delete();
    const rows = await this.#client<HookRow>('hooks').limit(MAX_KEPT);
    return rows.map(({ about, id, mark, repository }) => ({
      id,
      repository,
      mark,
      // Only this class writes it.
      about: JSON.parse(about) as ForgeNews['about'],
    }));
  }

  /** Forgets news that were looked at, but for what has come again since they were listed. */
  async forget(news: MarkedNews[]): Promise<void> {
    for (let start = 0; start < news.length; start += ROWS_PER_STATEMENT) {
      await this.#client<HookRow>('hooks')
        .whereIn(
          'mark',
          news.slice(start, start + ROWS_PER_STATEMENT).map(({ mark }) => mark),
        )
        .delete();
    }
  }

  /** When each repository was last looked at; those of which nothing is known are left out. */
  async readLooks(repositories: string[]): Promise<Map<string, Look>> {
    const looks = new Map<string, Look>();
    const byId = new Map(repositories.map(key => [hash(key), key]));
    const ids = [...byId.keys()];
    for (let start = 0; start < ids.length; start += ROWS_PER_STATEMENT) {
      const rows = await this.#client<LookRow>('looks').whereIn(
        'id',
        ids.slice(start, start + ROWS_PER_STATEMENT),
      );
      for (const { hooked_at: hookedAt, id, looked_at: lookedAt } of rows) {
        looks.set(byId.get(id)!, {
          lookedAt: lookedAt ?? undefined,
          hookedAt: hookedAt ?? undefined,
        });
      }
    }
    return looks;
  }

  /** Writes down that a repository was looked at. */
  async writeLook(repository: string, look: Look): Promise<void> {
    await this.#client<LookRow>('looks')
      .insert({
        id: hash(repository),
        looked_at: look.lookedAt ?? null,
        hooked_at: look.hookedAt ?? null,
      })
      .onConflict('id')
      .merge();
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
