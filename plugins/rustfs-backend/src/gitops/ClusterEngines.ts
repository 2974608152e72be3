import { ClusterObjectRef } from '@rustfs-portal/plugin-rustfs-common';
import {
  EngineCluster,
  EngineView,
  GitOpsEngine,
  Installation,
  Located,
  TrackedObject,
} from '@rustfs-portal/plugin-rustfs-node';
import { describePlainRelease } from './plainRelease';

/** What of the engines a reading of a cluster asks for. */
export type EngineLook = Pick<ClusterEngines, 'locate' | 'whyNotApplied'>;

/**
 * The engines of one cluster in one reading of it. One is read when something asks for it, once; those that were needed the
 * last time are read at once.
 */
export class ClusterEngines {
  readonly #cluster: EngineCluster;
  readonly #engines: readonly GitOpsEngine[];
  readonly #views = new Map<GitOpsEngine, Promise<EngineView>>();
  readonly #needed = new Set<string>();

  constructor(options: {
    cluster: EngineCluster;
    engines: readonly GitOpsEngine[];
  }) {
    this.#cluster = options.cluster;
    this.#engines = options.engines;
  }

  /** Begins to read engines by their ids. */
  start(ids: Iterable<string>): void {
    const wanted = new Set(ids);
    this.#engines
      .filter(({ id }) => wanted.has(id))
      .forEach(engine => {
        // Who asks for it hears of what is wrong.
        this.#viewOf(engine).catch(() => undefined);
      });
  }

  /** Waits for those that were begun, so that what they cannot read is known. */
  async settle(): Promise<void> {
    await Promise.all(this.#views.values());
  }

  /** Ids of the engines that have something here. */
  needed(): ReadonlySet<string> {
    return this.#needed;
  }

  /** Where Git declares an object, by what its engine has written on it. */
  async locate(object: TrackedObject): Promise<Located> {
    const engine = this.#findEngine(object);
    if (engine) {
      return (await this.#viewOf(engine)).locate(object);
    }
    const release = describePlainRelease(object);
    return {
      obstacle: release
        ? {
            code: 'engine-unsupported',
            appliedBy: {
              kind: release.kind,
              namespace: release.namespace,
              name: release.name,
            },
          }
        : { code: 'not-tracked' },
    };
  }

  /** Where something that applies has its files from. */
  async locateFrom(appliedBy: ClusterObjectRef): Promise<Located> {
    const engine = this.#engines.find(({ kinds }) =>
      kinds.includes(appliedBy.kind),
    );
    return engine
      ? (await this.#viewOf(engine)).locateFrom(appliedBy)
      : { obstacle: { code: 'engine-unsupported', appliedBy } };
  }

  /** Why something that applies a new folder has not done so, as far as the engines say that are read anyway. */
  async whyNotApplied(name: string): Promise<string | undefined> {
    for (const view of this.#views.values()) {
      const words = (await view).whyNotApplied(name);
      if (words) {
        return words;
      }
    }
    return undefined;
  }

  /** What installed workloads; one for each. */
  async describeInstallations(
    objects: TrackedObject[],
  ): Promise<Installation[]> {
    const found = new Map<TrackedObject, Installation>();
    for (const engine of this.#engines) {
      const own = objects.filter(object => this.#findEngine(object) === engine);
      const view = own.length ? await this.#viewOf(engine) : undefined;
      const installations = await view?.describeInstallations?.(own);
      own.forEach((object, index) =>
        found.set(
          object,
          installations?.[index] ?? { installedAt: view?.locate(object).place },
        ),
      );
    }
    return objects.map(object => {
      const { installedAt, installedBy } = found.get(object) ?? {};
      return {
        installedAt,
        installedBy: installedBy ?? describePlainRelease(object),
      };
    });
  }

  #findEngine(object: TrackedObject): GitOpsEngine | undefined {
    const engine = this.#engines.find(one => one.findAppliedBy(object));
    if (engine) {
      this.#needed.add(engine.id);
    }
    return engine;
  }

  #viewOf(engine: GitOpsEngine): Promise<EngineView> {
    const view = this.#views.get(engine) ?? engine.read(this.#cluster);
    this.#views.set(engine, view);
    return view;
  }
}
