import { posix } from 'node:path';
import { ServiceUnavailableError } from '@backstage/errors';
import {
  AccessRecord,
  parseTenantRef,
  Problem,
  SourceObstacle,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  AppliedState,
  DeclarationTarget,
  ForgeError,
  Installation,
  recognizeRepository,
  RepositoryFindings,
  RepositorySnapshot,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  PlaceLink,
  PlaceReading,
  RequestKind,
  SourcedPlace,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import { createInputError } from '../errors';
import { ForgeDirectory, ForgeRepository } from '../forges';
import {
  appliedCommitsOf,
  fluxObjectsOf,
  placeNewFolder,
  setupKustomizationOf,
} from '../gitops';
import { Inventory, TenantObservation } from '../inventory';
import { ConsumerStage, RequestDelivery } from '../ledger';
import { describeObstacle } from './describeObstacle';

/** Id of the layout of places where blueprints are put. */
const BLUEPRINTS = 'blueprint';

/** Commits whose findings are kept. */
const MAX_RECOGNIZED = 8;

/** Where the storage of a tenant is declared and how to propose a change there. */
export interface LocatedTarget extends ForgeRepository {
  delivery: RequestDelivery;
  target: DeclarationTarget;
  /** The folder that has to be read to plan a change there; empty is the whole repository. */
  reads: string;
  /** Of the workload whose Secret is declared there, when that is not that of the tenant. */
  cluster?: string;
  /** Where the next stage is declared, whose Secrets hold the same key and are encrypted together with those of this one. */
  next?: LocatedTarget;
}

/** Finds the repository of a tenant: from the labels of the live Tenant to the Kustomization, from there to Git. */
export class RequestTargets {
  readonly #inventory: Pick<Inventory, 'observeTenant' | 'observePlace'>;
  readonly #forges: ForgeDirectory;
  /** By repository and commit. */
  readonly #recognized = new Map<string, RepositoryFindings>();

  constructor(options: {
    inventory: Pick<Inventory, 'observeTenant' | 'observePlace'>;
    forges: ForgeDirectory;
  }) {
    this.#inventory = options.inventory;
    this.#forges = options.forges;
  }

  /**
   * Where a tenant is declared, with what Flux does to the files and what is in the cluster now, so that it can be proved
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
    const { facts, link, place } = await this.#observe(tenant);
    const located = this.#openAs(
      tenant,
      known ?? toDelivery(link, facts),
      link,
    );
    const [snapshots, surroundings] = await Promise.all([
      readApplied(located, place),
      located.target.layout === 'setup-folder'
        ? this.#readSurroundings(located, place, facts)
        : undefined,
    ]);
    const applied: AppliedState = {
      live: {
        buckets: facts.items
          .filter(({ listed, type }) => listed && type === 'bucket')
          .map(({ name }) => name),
        records: facts.setup?.records,
      },
      snapshots,
    };
    return {
      ...located,
      target: { ...located.target, ...surroundings?.target, applied },
    };
  }

  /**
   * A place that was located before, with what Flux does to the files now. Without the proof: what was proposed stays so
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
    const { facts, link, place } = await this.#observe(tenant);
    const located = this.#openAs(tenant, delivery, link);
    if (located.target.layout !== 'setup-folder') {
      return located;
    }
    const { target } = await this.#readSurroundings(located, place, facts);
    return { ...located, target: { ...located.target, ...target } };
  }

  /** Where what installed a tenant is declared, with what a blueprint has to know of it. */
  async #locateInstallation(
    tenant: string,
    known?: RequestDelivery,
  ): Promise<LocatedTarget> {
    const facts = await this.#observeFacts(tenant);
    const place = facts.installedAt;
    if (!place?.link) {
      throw createInputError([
        {
          field: 'tenant',
          message: `Where Git declares what installed ${tenant} cannot be found: have a Flux Kustomization apply its workload, or the HelmRelease that installs it, from a branch of a Git repository`,
        },
      ]);
    }
    const { link } = place;
    const located = this.#openAs(
      tenant,
      known ?? {
        ...toDelivery(link),
        layout: BLUEPRINTS,
        setupNamespace: facts.setup?.namespace,
      },
      link,
    );
    const { installations, target, hasSops } = await this.#readSurroundings(
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
            engine: placeNewFolder(place, {
              name: setupKustomizationOf(tenant),
              hasSops,
            }),
          },
        },
      },
    };
  }

  /**
   * What else of a repository decides about a setup folder: who applies folders around it, what makes buckets and users
   * already, and what is rendered from templates. The list of an operator's Tenant stands for itself.
   */
  async #readSurroundings(
    { delivery, forge, forgeUrl, reads, repository }: LocatedTarget,
    { others = [] }: SourcedPlace,
    facts: TenantFacts,
  ): Promise<Surroundings> {
    const options = { repository, ref: delivery.baseBranch, folder: '' };
    // What is planned on the whole repository needs all of it.
    const whole =
      reads === ''
        ? await forge.readFolder(options)
        : await readWhole(forge, options);
    const applied = await Promise.all(
      others.map(async ({ build, folder, object }) => ({
        by: `${object.kind} ${object.namespace}/${object.name}`,
        folder,
        build,
        snapshot:
          whole ??
          (isAbove(folder, delivery.folder)
            ? await readWhole(forge, { ...options, folder })
            : undefined),
      })),
    );
    if (!whole) {
      return {
        target: {
          others: applied,
          unseen: `The repository ${repository} holds more than the portal reads, so only ${delivery.folder} was looked at: whether a chart or a script makes the same, or a template is rendered into that folder, is not known`,
        },
        installations: [],
        hasSops: false,
      };
    }
    const { hidden, installations, madeElsewhere, rendered } = this.#recognize(
      `${forgeUrl}/${repository}`,
      whole,
    );
    const folder = this.#folderOfInstallation(facts, {
      branch: delivery.baseBranch,
      forgeUrl,
      repository,
    });
    return {
      installations,
      hasSops: Object.keys(whole.files).some(
        path => posix.basename(path) === '.sops.yaml',
      ),
      target: {
        hidden,
        madeElsewhere,
        rendered,
        others: applied,
        installed:
          folder === undefined
            ? undefined
            : {
                folder,
                holdsServer: installations.some(
                  installation =>
                    isAbove(folder, installation.folder) &&
                    isOf(installation.by, facts),
                ),
              },
      },
    };
  }

  /** Where what installed a tenant is declared, if that is in the repository that is given. */
  #folderOfInstallation(
    { installedAt }: TenantFacts,
    { branch, forgeUrl, repository }: InRepository,
  ): string | undefined {
    const link = installedAt?.link;
    const found = link && this.#forges.find(link.repository);
    return found?.forgeUrl === forgeUrl &&
      found.repository === repository &&
      link?.branch === branch
      ? link.folder
      : undefined;
  }

  /** Reads all files of a repository, which takes a while: once for each commit. */
  #recognize(
    repository: string,
    { files, revision, templates = [] }: RepositorySnapshot,
  ): RepositoryFindings {
    const key = `${repository}@${revision}`;
    const known = this.#recognized.get(key);
    if (known) {
      return known;
    }
    const found = recognizeRepository(
      Object.fromEntries([
        ...Object.entries(files).map(([path, { content }]) => [path, content]),
        ...templates.map(path => [path, '']),
      ]),
    );
    this.#recognized.set(key, found);
    const [oldest] = this.#recognized.keys();
    if (this.#recognized.size > MAX_RECOGNIZED) {
      this.#recognized.delete(oldest);
    }
    return found;
  }

  /**
   * Where the Secret of a workload is declared: the repository, branch and folder of the Kustomization that applies it.
   *
   * @param known - where it was proposed before, which stays its place
   * @throws as `locate`
   */
  async locateConsumer(
    tenant: string,
    consumer: ConsumerStage,
    known?: RequestDelivery,
  ): Promise<LocatedTarget> {
    const { access, cluster, kustomization, namespace } = consumer;
    const name = `Kustomization ${kustomization.namespace}/${kustomization.name} of ${cluster}`;
    const seen = await this.#inventory.observePlace(cluster, kustomization);
    const link = seen.place?.link;
    if (!link) {
      const [problem] = seen.problems;
      if (!seen.obstacle && problem) {
        throw new ServiceUnavailableError(
          `${name} cannot be read now: ${problem.message}`,
        );
      }
      throw createInputError([
        {
          field: 'consumer',
          message: `Secrets for namespace ${namespace} cannot be declared through ${name}: ${
            seen.obstacle
              ? describeObstacle(seen.obstacle)
              : 'nothing can be read of it'
          }`,
        },
      ]);
    }
    const { target, ...located } = this.#openAs(
      tenant,
      known ?? toDelivery(link),
      link,
    );
    return {
      ...located,
      cluster,
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
        layout: delivery.layout ?? 'operator-tenant',
        folder: delivery.folder,
        baseBranch: delivery.baseBranch,
        setup: delivery.setupNamespace
          ? { namespace: delivery.setupNamespace }
          : undefined,
      },
    };
  }

  /** The tenant and what applies it, as the cluster has them now: what is proved must not be old. */
  async #observe(tenant: string) {
    const facts = await this.#observeFacts(
      tenant,
      ({ layout, obstacle, place }) =>
        (layout && place?.link) !== undefined || obstacle !== undefined,
    );
    const { layout, obstacle, place } = facts;
    if (layout && place?.link) {
      return { facts, place, link: place.link };
    }
    throw refuse(obstacle ?? { code: 'not-tracked' });
  }

  /**
   * The facts of a tenant, as the cluster has them now.
   *
   * @param says - whether they say what is looked for; else what could not be read may be why
   */
  async #observeFacts(
    tenant: string,
    says: (facts: TenantFacts) => boolean = ({ installedAt }) =>
      installedAt?.link !== undefined,
  ): Promise<TenantFacts> {
    const { facts, problems } = await this.#inventory.observeTenant(tenant);
    if (facts && says(facts)) {
      return facts;
    }
    const unread = problems.find(({ part }) => part !== tenant);
    if (unread) {
      throw new ServiceUnavailableError(
        `Where ${tenant} is declared cannot be read now: ${unread.message}`,
      );
    }
    if (!facts) {
      throw createInputError([
        {
          field: 'tenant',
          message: `There is no tenant ${tenant}; choose one that the form offers`,
        },
      ]);
    }
    return facts;
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

function refuse(obstacle: SourceObstacle) {
  return createInputError([
    { field: 'tenant', message: describeObstacle(obstacle) },
  ]);
}

function toDelivery(
  { branch, folder, repository }: PlaceLink,
  { layout, setup }: Pick<TenantFacts, 'layout' | 'setup'> = {},
): RequestDelivery {
  return {
    repository,
    folder,
    baseBranch: branch,
    ...(layout === 'setup-folder' && {
      layout,
      setupNamespace: setup?.namespace,
    }),
  };
}

function isForBlueprints({ layout }: RequestDelivery): boolean {
  return layout === BLUEPRINTS;
}

/** What applies the place of a request, as it is now. */
export function deliveryPlaceOf(
  { facts, ...seen }: TenantObservation,
  delivery: RequestDelivery,
): PlaceReading & Pick<TenantObservation, 'ref'> {
  return isForBlueprints(delivery)
    ? { ...seen, place: facts?.installedAt }
    : { ...seen, place: facts?.place, obstacle: facts?.obstacle };
}

/** Whether something in a repository is what installs a tenant: `HelmRelease storage/rustfs`; its namespace may be set elsewhere. */
function isOf(by: string, { installedBy, workload }: TenantFacts): boolean {
  return [installedBy, workload].some(
    found =>
      found &&
      (by === `${found.kind} ${found.namespace}/${found.name}` ||
        by === `${found.kind} ${found.name}`),
  );
}

interface InRepository {
  branch: string;
  forgeUrl: string;
  repository: string;
}

/** Whether a folder is another, or lies above it. */
function isAbove(above: string, folder: string): boolean {
  const { normalize } = posix;
  const [upper, lower] = [above, folder].map(path =>
    normalize(`/${path}`).replace(/\/*$/, '/'),
  );
  return lower.startsWith(upper);
}

interface Surroundings {
  target: Pick<
    DeclarationTarget,
    'hidden' | 'installed' | 'madeElsewhere' | 'others' | 'rendered' | 'unseen'
  >;
  /** What installs servers. */
  installations: Installation[];
  /** It says for whom Secrets are encrypted. */
  hasSops: boolean;
}

/** Of a repository that is larger than the portal reads nothing is known but the folder of the tenant. */
async function readWhole(
  forge: LocatedTarget['forge'],
  options: Parameters<LocatedTarget['forge']['readFolder']>[0],
): Promise<RepositorySnapshot | undefined> {
  try {
    return await forge.readFolder(options);
  } catch (error) {
    if (error instanceof ForgeError && error.reason === 'unsupported') {
      return undefined;
    }
    throw error;
  }
}

/**
 * The folder of a tenant at the revisions that may be the one in the cluster. A commit that is not in the repository any
 * more is left out: somebody has pushed over it.
 */
async function readApplied(
  { forge, repository, delivery }: LocatedTarget,
  place: SourcedPlace,
): Promise<RepositorySnapshot[]> {
  const flux = fluxObjectsOf(place);
  const snapshots = await Promise.all(
    (flux ? appliedCommitsOf(flux) : []).map(async commit => {
      try {
        return await forge.readFolder({
          repository,
          ref: commit,
          folder: delivery.folder,
        });
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
