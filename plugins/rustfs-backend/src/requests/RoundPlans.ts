import { RequestState } from '@rustfs-portal/plugin-rustfs-common';
import { RequestsConfig } from '../config';
import { ForgeRepository } from '../forges';
import {
  DatabaseHookStore,
  Look,
  MarkedNews,
  RequestRecord,
  repositoryKey,
} from '../ledger';

/** Where nothing has moved for some time, nobody minds a look that is late by a tenth of it. */
const IDLE_PER_LOOK = 10;
/** With webhooks, what nobody tells of has not happened: as soon as things are quiet, looking is only for certainty. */
const QUIET_MS = 60_000;
/** What happens next to those happens on clusters. */
const BY_CLUSTERS: ReadonlySet<RequestState> = new Set([
  'merged',
  'applied',
  'failed',
]);

/** Which requests a round looks at. */
export interface RoundPlan {
  records: RequestRecord[];
  /** Ids of those that a webhook told of, so that they are read whatever is known of them. */
  told: ReadonlySet<string>;
  /** Ids of those that may be in conflict, since their base branch was pushed to: whether they are is to be known. */
  shaken: ReadonlySet<string>;
  /** Writes down that they were looked at, as far as they were. What could not be looked at is news still. */
  finish(seen: RoundResult): Promise<void>;
}

/** What a round came to, by ids of requests. */
export interface RoundResult {
  /** They have another state now. */
  moved: ReadonlySet<string>;
  /** Somebody has done something with their pull requests, moved or not: webhooks tell of that where they tell of everything. */
  touched: ReadonlySet<string>;
  /** Their pull requests could not be read, or the round had no time for them. */
  unread: ReadonlySet<string>;
  /** Those of them that it had no time for. */
  unreached: ReadonlySet<string>;
}

/** What a webhook said, and of which requests. */
interface Effect {
  news: MarkedNews;
  ids: string[];
}

interface Group {
  records: RequestRecord[];
  look: Look;
  /** Ids of those that a webhook told of. */
  told: Set<string>;
  /** Ids of those that may be in conflict, since their base branch was pushed to. */
  shaken: Set<string>;
}

/**
 * Plans rounds: a repository in which something moves, or that a webhook told of, is looked at in each, and another one the
 * seldomer, the longer nothing has moved there; but it is looked at.
 */
export class RoundPlans {
  readonly #config: Pick<
    RequestsConfig,
    'followInterval' | 'followIdleInterval' | 'stalledAfter'
  >;
  readonly #hooks: DatabaseHookStore;
  readonly #now: () => Date;
  readonly #find: (repositoryUrl: string) => ForgeRepository | undefined;

  constructor(options: {
    config: Pick<
      RequestsConfig,
      'followInterval' | 'followIdleInterval' | 'stalledAfter'
    >;
    /** The forge of a repository, as `ForgeDirectory` finds it. */
    find: (repositoryUrl: string) => ForgeRepository | undefined;
    hooks: DatabaseHookStore;
    now?: () => Date;
  }) {
    this.#config = options.config;
    this.#find = options.find;
    this.#hooks = options.hooks;
    this.#now = options.now ?? (() => new Date());
  }

  /** A round over all of them, as far as it is their turn. */
  async all(records: RequestRecord[]): Promise<RoundPlan> {
    const { effects, groups, homeless } = await this.#group(records);
    const now = this.#now().getTime();
    const due = new Set(
      [...groups].filter(([, group]) => this.#isDue(group, now)).map(first),
    );
    return {
      records: [
        ...homeless,
        ...[...groups].flatMap(([key, group]) =>
          due.has(key) ? group.records : concerned(group),
        ),
      ],
      ...this.#toPlan({ due, effects, groups, now }),
    };
  }

  /** A round over those alone that webhooks told of since the last one. */
  async told(records: RequestRecord[]): Promise<RoundPlan> {
    const { effects, groups } = await this.#group(records);
    return {
      records: [...groups.values()].flatMap(concerned),
      ...this.#toPlan({
        due: new Set(),
        effects,
        groups,
        now: this.#now().getTime(),
      }),
    };
  }

  async #group(records: RequestRecord[]): Promise<{
    groups: Map<string, Group>;
    /** Not proposed yet, or on a forge that the portal does not know any more: they wait for nobody's pace. */
    homeless: RequestRecord[];
    effects: Effect[];
  }> {
    const news = await this.#hooks.list();
    const groups = new Map<string, Group>();
    const homeless: RequestRecord[] = [];
    for (const record of records) {
      const { delivery, request } = record;
      const found = delivery && this.#find(delivery.repository);
      if (!found || request.state === 'submitting') {
        homeless.push(record);
        continue;
      }
      const key = repositoryKey(found);
      const group = groups.get(key) ?? {
        records: [],
        look: {},
        told: new Set(),
        shaken: new Set(),
      };
      groups.set(key, group);
      group.records.push(record);
    }
    const looks = await this.#hooks.readLooks([...groups.keys()]);
    for (const [key, group] of groups) {
      group.look = looks.get(key) ?? {};
    }
    const effects = news.map((one): Effect => {
      const ids: string[] = [];
      const group = groups.get(one.repository);
      for (const record of group?.records ?? []) {
        const effect = effectOn(record, one.about);
        if (effect) {
          group![effect].add(record.request.id);
          ids.push(record.request.id);
        }
      }
      return { news: one, ids };
    });
    return { effects, groups, homeless };
  }

  #toPlan(options: {
    due: ReadonlySet<string>;
    effects: Effect[];
    groups: Map<string, Group>;
    now: number;
  }): Pick<RoundPlan, 'told' | 'shaken' | 'finish'> {
    const { due, effects, groups, now } = options;
    const at = new Date(now).toISOString();
    const all = [...groups.values()];
    return {
      told: new Set(all.flatMap(({ told }) => [...told])),
      shaken: new Set(all.flatMap(({ shaken }) => [...shaken])),
      finish: async ({ moved, touched, unread, unreached }) => {
        const marks = new Set(effects.map(({ news }) => news.mark));
        // A webhook may come while a round sees for itself what it is about.
        const later = new Set(
          moved.size + touched.size > 0
            ? (await this.#hooks.list())
                .filter(({ mark }) => !marks.has(mark))
                .map(({ repository }) => repository)
            : [],
        );
        for (const [key, group] of groups) {
          const { look, told, shaken } = group;
          const isTold = told.size + shaken.size > 0;
          const isMissed =
            !later.has(key) &&
            group.records.some(
              ({ request: { id, state } }) =>
                state === 'proposed' &&
                !told.has(id) &&
                (touched.has(id) || (moved.has(id) && !shaken.has(id))),
            );
          const isLooked =
            due.has(key) &&
            group.records.every(({ request }) => !unreached.has(request.id));
          const isSlow = this.#intervalOf(group, now) !== undefined;
          const next: Look = {
            lookedAt: isLooked && isSlow ? at : look.lookedAt,
            ...(!isMissed && { hookedAt: isTold ? at : look.hookedAt }),
          };
          if (
            next.lookedAt !== look.lookedAt ||
            next.hookedAt !== look.hookedAt
          ) {
            await this.#hooks.writeLook(key, next);
          }
        }
        // Last: what a replica that dies has not come to, the next one finds again.
        await this.#hooks.forget(
          effects
            .filter(({ ids }) => !ids.some(id => unread.has(id)))
            .map(({ news }) => news),
        );
      },
    };
  }

  #isDue(group: Group, now: number): boolean {
    const interval = this.#intervalOf(group, now);
    const { lookedAt } = group.look;
    if (interval === undefined || lookedAt === undefined) {
      return true;
    }
    const age = now - Date.parse(lookedAt);
    // A round that comes a little early would make the next one late by a whole round. A time to come is that of a wrong clock.
    return age < 0 || age >= interval - this.#config.followInterval / 2;
  }

  /** The time between two looks; undefined where there is one in each round. */
  #intervalOf({ look, records }: Group, now: number): number | undefined {
    const { followIdleInterval, followInterval } = this.#config;
    const idle =
      now - Math.max(...records.map(one => this.#lastMove(one, now)));
    // Where clusters have the word, nobody tells of it.
    const isHooked =
      look.hookedAt !== undefined &&
      records.every(({ request }) => !BY_CLUSTERS.has(request.state));
    const interval = Math.min(
      isHooked && idle > QUIET_MS ? followIdleInterval : idle / IDLE_PER_LOOK,
      followIdleInterval,
    );
    return interval > followInterval ? interval : undefined;
  }

  #lastMove(
    { movedAt, request, viewedAt = movedAt }: RequestRecord,
    now: number,
  ): number {
    const moved = Date.parse(movedAt);
    const isAtWork = request.state === 'merged' || request.state === 'applied';
    // Clusters send no webhooks, and somebody waits for them.
    return isAtWork && now - moved < this.#config.stalledAfter
      ? now
      : Math.max(
          moved,
          Date.parse(request.updatedAt),
          // Who looks at it waits for something.
          Date.parse(viewedAt),
        );
  }
}

function first<T>([one]: [T, unknown]): T {
  return one;
}

function concerned({ records, shaken, told }: Group): RequestRecord[] {
  return records.filter(
    ({ request: { id } }) => told.has(id) || shaken.has(id),
  );
}

/** What news mean for a request; undefined: nothing, or what the portal has done itself. */
function effectOn(
  { delivery, head, request }: RequestRecord,
  about: MarkedNews['about'],
): 'told' | 'shaken' | undefined {
  const number = request.pullRequest?.number;
  switch (about.type) {
    case 'pull':
      return about.number === number ? 'told' : undefined;
    case 'pushed':
      return about.number === number && about.commit !== head
        ? 'told'
        : undefined;
    case 'commit':
      return about.commit === head && request.state === 'proposed'
        ? 'told'
        : undefined;
    default:
      return about.branch === delivery?.baseBranch &&
        request.state === 'proposed'
        ? 'shaken'
        : undefined;
  }
}
