import { posix } from 'node:path';
import {
  AccessRecord,
  parseTenantRef,
  Problem,
  SourceObstacle,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ForgeError,
  Layouts,
  RepositorySnapshot,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  DEFAULT_BRANCH,
  PlaceLink,
  RequestKind,
  SourcedPlace,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import { createInputError } from '../errors';
import { ForgeDirectory } from '../forges';
import { GitOpsEngines, setupApplierNameOf } from '../gitops';
import { Inventory } from '../inventory';
import { ConsumerStage, FIRST_LAYOUT, RequestDelivery } from '../ledger';
import { CommitFolders } from './CommitFolders';
import { describeObstacle } from './describeObstacle';
import {
  BLUEPRINTS,
  isForBlueprints,
  LocatedTarget,
  toDelivery,
} from './LocatedTarget';
import { isOf, Surroundings } from './Surroundings';
import { refuse, SeenTenant, TenantLooks } from './TenantLooks';

/** Finds the repository of a tenant: from the marks on the live objects to what applies them, from there to Git. */
export class RequestTargets {
  readonly #engines: GitOpsEngines;
  readonly #folders = new CommitFolders();
  readonly #forges: ForgeDirectory;
  readonly #layouts: Layouts;
  readonly #looks: TenantLooks;
  readonly #surroundings: Surroundings;

  constructor(options: {
    inventory: Pick<Inventory, 'observeTenant' | 'observePlace'>;
    forges: ForgeDirectory;
    /** By default those of the portal. */
    layouts?: Layouts;
    /** By default those of the portal. */
    engines?: GitOpsEngines;
  }) {
    this.#engines = options.engines ?? new GitOpsEngines();
    this.#forges = options.forges;
    this.#layouts = options.layouts ?? new Layouts();
    this.#looks = new TenantLooks(options.inventory);
    this.#surroundings = new Surroundings({
      folders: this.#folders,
      forges: options.forges,
    });
  }

  /**
   * Where a tenant is declared, with what the engine does to the files and what is in the cluster now, so that it can be proved
   * that they are understood.
   *
   * @param options - `known`: where a request was proposed before, which stays its place; `place`: that of its kind
   * @throws InputError when nothing can be declared for the tenant
   * @throws ServiceUnavailableError when its cluster does not say now
   * @throws ForgeError when the files cannot be read now
   */
  async locate(
    tenant: string,
    options: {
      known?: RequestDelivery;
      place?: RequestKind['place'];
    } = {},
  ): Promise<LocatedTarget> {
    const { known } = options;
    if (options.place === 'installation') {
      return this.#locateInstallation(tenant, known);
    }
    const seen = await this.#looks.atStorage(tenant);
    const { facts, link, place } = seen;
    const opened = this.#openAs(
      tenant,
      known ?? (await this.#deliveryTo(link, facts)),
      link,
    );
    const [located, snapshots] = await Promise.all([
      this.#lookAround(opened, seen),
      this.#readApplied(opened, place),
    ]);
    return {
      ...located,
      target: {
        ...located.target,
        applied: {
          live: {
            buckets: facts.items
              .filter(({ listed, type }) => listed && type === 'bucket')
              .map(({ name }) => name),
            records: facts.setup?.records,
          },
          snapshots,
        },
      },
    };
  }

  /**
   * A place that was located before, with what the engine does to the files now. Without the proof: what was proposed stays so
   * while other changes are on their way to the cluster.
   *
   * @throws as `locate`
   */
  async reopen(
    tenant: string,
    delivery: RequestDelivery,
  ): Promise<LocatedTarget> {
    if (isForBlueprints(delivery)) {
      return this.#locateInstallation(tenant, delivery);
    }
    const seen = await this.#looks.atStorage(tenant);
    return this.#lookAround(this.#openAs(tenant, delivery, seen.link), seen);
  }

  /**
   * Adds what the repository holds around the folder of a tenant. What stands alone needs none of it; that its manifest lies in
   * another folder shows when a change is planned.
   */
  async #lookAround(
    located: LocatedTarget,
    { facts, place }: SeenTenant,
  ): Promise<LocatedTarget> {
    if (this.#layouts.get(located.target.layout).standsAlone) {
      return {
        ...located,
        target: { ...located.target, entryFields: facts.entryFields },
        widen: look => this.#surroundings.widen(located, place, look),
      };
    }
    const { target } = await this.#surroundings.find(located, place, facts);
    return { ...located, target: { ...located.target, ...target } };
  }

  /** Where what installed a tenant is declared, with what a blueprint has to know of it. */
  async #locateInstallation(
    tenant: string,
    known?: RequestDelivery,
  ): Promise<LocatedTarget> {
    const { facts, link, place } = await this.#looks.atInstallation(tenant);
    const located = this.#openAs(
      tenant,
      known ?? {
        ...(await this.#deliveryTo(link)),
        layout: BLUEPRINTS,
        setupNamespace: facts.setup?.namespace,
      },
      link,
    );
    const { installations, target, hasSops } = await this.#surroundings.find(
      located,
      place,
      facts,
    );
    const installation = installations.find(({ by }) => isOf(by, facts));
    const { build, setup } = located.target;
    return {
      ...located,
      target: {
        ...located.target,
        ...target,
        blueprint: {
          parent: {
            by: `${link.object.kind} ${link.object.namespace}/${link.object.name}`,
            folder: link.folder,
            build,
          },
          software: installation?.software,
          presets: {
            folder:
              installation?.setupFolder ??
              posix.join(
                posix.dirname(link.folder || '.'),
                `${parseTenantRef(tenant).name}-setup`,
              ),
            endpoint: facts.endpoints.inCluster,
          },
          given: {
            namespace: setup?.namespace,
            engine: this.#engines.placeNewFolder(place, {
              name: setupApplierNameOf(tenant),
              namespace: setup?.namespace,
              hasSops,
            }),
          },
        },
      },
    };
  }

  /**
   * Where the Secret of a workload is declared: the repository, branch and folder of what applies it.
   *
   * @param known - where it was proposed before, which stays its place
   * @throws as `locate`
   */
  async locateConsumer(
    tenant: string,
    consumer: ConsumerStage,
    known?: RequestDelivery,
  ): Promise<LocatedTarget> {
    const { access, cluster, namespace, writer } = consumer;
    const link = await this.#looks.atConsumer(consumer);
    const { target, ...located } = this.#openAs(
      tenant,
      known ?? (await this.#deliveryTo(link)),
      link,
    );
    return {
      ...located,
      cluster,
      writer,
      target: {
        ...target,
        layout: 'consumer-secret',
        consumer: {
          folder:
            consumer.folder ??
            [located.delivery.folder, 'consumers', namespace]
              .filter(Boolean)
              .join('/'),
          access: access && toDeclared(access),
        },
      },
    };
  }

  /** Where a change is proposed: the branch by its name, also where the engine follows whichever is the default. */
  async #deliveryTo(
    link: PlaceLink,
    facts?: TenantFacts,
  ): Promise<RequestDelivery> {
    const delivery = toDelivery(link, facts);
    if (link.branch !== DEFAULT_BRANCH) {
      return delivery;
    }
    const { repository } = delivery;
    const found = this.#forges.find(repository);
    if (!found) {
      throw refuse({ code: 'forge-unknown', repository });
    }
    const branch = await found.forge.readDefaultBranch?.(found.repository);
    if (branch === undefined) {
      throw refuse({
        code: 'reference-fixed',
        source: link.object,
        reference: { kind: 'other', name: DEFAULT_BRANCH },
      });
    }
    return { ...delivery, baseBranch: branch };
  }

  #openAs(
    tenant: string,
    delivery: RequestDelivery,
    { build }: PlaceLink,
  ): LocatedTarget {
    const located = this.open(tenant, delivery);
    return { ...located, target: { ...located.target, build } };
  }

  /** The forge and the place that was located before, to follow what was proposed there. */
  open(tenant: string, delivery: RequestDelivery): LocatedTarget {
    const { layout = FIRST_LAYOUT } = delivery;
    if (!this.#layouts.has(layout)) {
      throw createInputError([
        {
          field: 'tenant',
          message: `Storage on ${tenant} is declared in the layout ${layout}, which no module of the backend adds: the platform team adds it, or takes it off the tenant`,
        },
      ]);
    }
    const found = this.#forges.find(delivery.repository);
    if (!found) {
      const { repository } = delivery;
      throw refuse({ code: 'forge-unknown', repository });
    }
    return {
      ...found,
      delivery,
      reads: isForBlueprints(delivery) ? '' : delivery.folder,
      target: {
        tenant: parseTenantRef(tenant),
        layout,
        folder: delivery.folder,
        baseBranch: delivery.baseBranch,
        setup: delivery.setupNamespace
          ? { namespace: delivery.setupNamespace }
          : undefined,
      },
    };
  }

  /**
   * The folder of a tenant at the revisions that may be the one in the cluster. A commit that is not in the repository any
   * more is left out: somebody has pushed over it.
   */
  async #readApplied(
    located: LocatedTarget,
    place: SourcedPlace,
  ): Promise<RepositorySnapshot[]> {
    const { folder } = located.delivery;
    const snapshots = await Promise.all(
      this.#engines.appliedCommitsOf(place).map(async commit => {
        try {
          return await this.#folders.read(located, { commit, folder });
        } catch (error) {
          if (error instanceof ForgeError && error.reason === 'not-found') {
            return undefined;
          }
          throw error;
        }
      }),
    );
    return snapshots.filter(snapshot => snapshot !== undefined);
  }

  /**
   * Why no change can be proposed for a tenant, in words; undefined when it can.
   *
   * @param problems - what of its cluster cannot be read
   */
  whyNot(view: TenantView, problems: Problem[]): string | undefined {
    const obstacle = this.obstacleOf(view);
    if (obstacle) {
      return describeObstacle(obstacle);
    }
    if (view.source) {
      return undefined;
    }
    const { cluster } = parseTenantRef(view.ref);
    return problems.some(({ part }) => part === cluster)
      ? 'Where it is declared cannot be told, as not all of its cluster can be read at present'
      : describeObstacle({ code: 'not-tracked' });
  }

  /** What stands in the way of proposing a change for a tenant; undefined as well while its cluster does not say. */
  obstacleOf({ source, obstacle }: TenantView): SourceObstacle | undefined {
    if (source && !this.#forges.find(source.repository)) {
      return { code: 'forge-unknown', repository: source.repository };
    }
    return obstacle;
  }
}

function toDeclared({ access, policy: _, ...record }: AccessRecord) {
  return { type: 'access' as const, name: access, ...record };
}
