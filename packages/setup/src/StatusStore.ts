import {
  readSetupStatusData,
  SettledItem,
  SetupMade,
  SetupRun,
  SetupStatus,
  setupStatusName,
  toSetupStatusData,
} from '@rustfs-portal/plugin-rustfs-common';
import { KubernetesApi } from './KubernetesApi';
import { EXIT, SetupError } from './SetupError';

const NOTHING: SetupMade = { buckets: [], users: [], policies: [] };

/** Other runs write seldom; more losses in a row than this have another cause. */
const ATTEMPTS = 5;
/** A thousand records have to fit into one ConfigMap. */
const LONGEST_MESSAGE = 300;

/** What a run has to write. */
export interface StatusChange {
  items?: Record<string, SettledItem>;
  removed?: string[];
  made?: SetupMade;
  run?: SetupRun;
}

/**
 * The ConfigMap in which the program says what it did. Git declares it without data, so an engine that applies it leaves the
 * data alone; only what has changed is patched, and only onto the version that was read: of two runs at a time none takes
 * back what the other has written.
 */
export class StatusStore {
  readonly #api: KubernetesApi;
  readonly #name: string;
  #resourceVersion: string;
  #status: SetupStatus;

  /** @throws SetupError when the ConfigMap is not there */
  static async open(api: KubernetesApi, tenant: string): Promise<StatusStore> {
    const store = new StatusStore(api, setupStatusName(tenant));
    await store.#load();
    return store;
  }

  private constructor(api: KubernetesApi, name: string) {
    this.#api = api;
    this.#name = name;
    this.#resourceVersion = '';
    this.#status = { items: {} };
  }

  /** As it was read, or written, last. */
  get status(): SetupStatus {
    return this.#status;
  }

  /**
   * What the program has made.
   *
   * @throws SetupError when that cannot be read: taken for nothing, it would be written over
   */
  get made(): SetupMade | undefined {
    if (this.#status.isMadeUnreadable) {
      throw new SetupError(
        EXIT.unexpected,
        `Key made of ConfigMap ${
          this.#name
        } cannot be read, which says what the program may change, so nothing is changed: put back what stood there, or take the key away, after which what is on the server has to be taken over with adopt: "true"`,
      );
    }
    return this.#status.made;
  }

  /** Keeps names beside those that are kept. */
  async claim(names: SetupMade): Promise<SetupMade> {
    let kept: SetupMade = NOTHING;
    await this.#patch(() => {
      kept = this.made ?? NOTHING;
      return { made: union(kept, names) };
    });
    return kept;
  }

  async write(change: StatusChange): Promise<void> {
    const read = this.#status;
    await this.#patch(fresh =>
      fresh === read
        ? change
        : merge(change, { read, fresh, made: change.made && this.made }),
    );
  }

  async #patch(change: (status: SetupStatus) => StatusChange): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const { items = {}, removed = [], ...rest } = change(this.#status);
      const written = await this.#api.patchConfigMap(
        this.#name,
        this.#resourceVersion,
        {
          ...toSetupStatusData({ ...rest, items: shorten(items) }),
          ...Object.fromEntries(removed.map(key => [key, null])),
        },
      );
      if (written) {
        this.#resourceVersion = written.metadata.resourceVersion;
        this.#status = readSetupStatusData(written.data);
        return;
      }
      if (attempt === ATTEMPTS) {
        throw new SetupError(
          EXIT.unexpected,
          `ConfigMap ${
            this.#name
          } changes all the time: see who writes into it beside this program`,
        );
      }
      await this.#load();
    }
  }

  async #load(): Promise<void> {
    const object = await this.#api.getConfigMap(this.#name);
    if (!object) {
      throw new SetupError(
        EXIT.unexpected,
        `There is no ConfigMap ${
          this.#name
        } to write the status into: apply the whole setup folder`,
      );
    }
    this.#resourceVersion = object.metadata.resourceVersion;
    this.#status = readSetupStatusData(object.data);
  }
}

/** Where another run has written meanwhile about another version, nobody knows who was last on the server: look again. */
function merge(
  change: StatusChange,
  {
    read,
    fresh,
    made,
  }: { read: SetupStatus; fresh: SetupStatus; made: SetupMade | undefined },
): StatusChange {
  const isTheirs = (key: string) =>
    fresh.items[key]?.checkedAt !== read.items[key]?.checkedAt;
  const items = Object.entries(change.items ?? {}).map(
    ([key, item]): [string, SettledItem] => {
      const theirs = fresh.items[key];
      const isSame =
        !isTheirs(key) ||
        (theirs?.uid === item.uid &&
          theirs.resourceVersion === item.resourceVersion &&
          theirs.secretVersion === item.secretVersion);
      return [key, isSame ? item : { ...item, resourceVersion: '' }];
    },
  );
  return {
    ...change,
    items: Object.fromEntries(items),
    removed: change.removed?.filter(key => !isTheirs(key)),
    made: change.made && union(made ?? NOTHING, change.made),
  };
}

function union(one: SetupMade, other: SetupMade): SetupMade {
  const both = (kind: keyof SetupMade) =>
    [...new Set([...one[kind], ...other[kind]])].sort();
  return {
    buckets: both('buckets'),
    users: both('users'),
    policies: both('policies'),
  };
}

function shorten(items: Record<string, SettledItem>) {
  return Object.fromEntries(
    Object.entries(items).map(([key, item]) => [
      key,
      item.message.length > LONGEST_MESSAGE
        ? { ...item, message: `${item.message.slice(0, LONGEST_MESSAGE)}…` }
        : item,
    ]),
  );
}
