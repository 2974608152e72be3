import { ConflictError } from '@backstage/errors';
import {
  ChangeWords,
  Declaration,
  parseTenantRef,
  PortalLinks,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  branchOf,
  isCertificateRefusal,
  isSecretRefusal,
  Layouts,
  plan,
  PlanResult,
  RepositoryFile,
  RepositorySnapshot,
  SealedPlanResult,
  SealedSecret,
  StorageChange,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { RequestKind } from '@rustfs-portal/plugin-rustfs-node';
import { createInputError } from '../errors';
import { endpointFor, Inventory } from '../inventory';
import { DatabaseSecretStore } from '../ledger';
import { PlaceWriters, secretsOfStage, SecretWriters } from '../secrets';
import { RequestContexts } from './RequestContexts';
import { RequestKinds } from './RequestKinds';
import { LocatedTarget } from './LocatedTarget';
import { RoundFiles } from './RoundFiles';
import { SecretPlace, SecretSealer, toPlaceholder } from './SecretSealer';

/** RustFS takes any region; this is what it calls its own. */
const REGION = 'us-east-1';

type PlannerContexts = Pick<
  RequestContexts,
  'forms' | 'modes' | 'resolve' | 'setup'
>;

/** Plans requests: from what was asked, by its kind, to the files of a pull request. */
export class RequestPlanner {
  readonly #contexts: PlannerContexts;
  readonly #inventory: Pick<Inventory, 'getTenant'>;
  readonly #kinds: RequestKinds;
  readonly #layouts: Layouts | undefined;
  readonly #links: PortalLinks | undefined;
  readonly #sealer: SecretSealer;
  readonly #secrets: DatabaseSecretStore;
  readonly #writers: SecretWriters;

  constructor(options: {
    contexts: PlannerContexts;
    inventory: Pick<Inventory, 'getTenant'>;
    kinds: RequestKinds;
    /** By default those of the portal. */
    layouts?: Layouts;
    /** For links in pull requests. */
    links?: PortalLinks;
    sealer: SecretSealer;
    secrets: DatabaseSecretStore;
    writers: SecretWriters;
  }) {
    this.#contexts = options.contexts;
    this.#inventory = options.inventory;
    this.#kinds = options.kinds;
    this.#layouts = options.layouts;
    this.#links = options.links;
    this.#sealer = options.sealer;
    this.#secrets = options.secrets;
    this.#writers = options.writers;
  }

  /** Where a request is declared. */
  placeOf({ kind }: StorageRequest): RequestKind['place'] {
    return this.#kinds.get(kind).place;
  }

  /** The change that a request stands for. */
  toChange(request: StorageRequest, sealed?: SealedSecret[]): StorageChange {
    const kind = this.#kinds.get(request.kind);
    return {
      requestId: request.id,
      createdAt: request.createdAt,
      entityRef: request.entityRef,
      owner: request.owner,
      requestedBy: request.requestedBy,
      portalUrl: this.#links?.requestUrl(request.id),
      words: wordsOfStage(request, kind.words(request)),
      stage: request.stage,
      edits: kind.edits,
      declare: declared =>
        kind
          .declarations(request, declared, this.#contexts)
          .map(declaration => this.#withDrift(request, declaration)),
      sealed,
    };
  }

  /** Says of a bucket what a guardrail says of its drift: a program that settles it elsewhere knows no guardrails. */
  #withDrift(
    { owner, subject }: StorageRequest,
    declaration: Declaration,
  ): Declaration {
    return declaration.type === 'bucket'
      ? {
          ...declaration,
          drift: this.#contexts.resolve(owner, subject.tenant).drift,
        }
      : declaration;
  }

  /**
   * Plans a request, with its Secrets encrypted: as they were last, or anew where they have to be. The Secrets of all
   * stages hold one key and are encrypted with the first of them. One caller per request at a time.
   */
  async render(
    request: StorageRequest,
    located: LocatedTarget,
    snapshot: RepositorySnapshot,
  ): Promise<SealedPlanResult> {
    if (!this.#hasSecrets(request)) {
      return this.#planWithoutSecrets(request, located, snapshot);
    }
    const [newest] = await this.#secrets.list(request.id);
    const sealed = newest?.secrets ?? [];
    const parts = [await this.#toPart(request, located, snapshot, sealed)];
    if (located.next) {
      const { delivery, forge, reads: folder, repository } = located.next;
      const { baseBranch: ref } = delivery;
      parts.push(
        await this.#toPart(
          { ...request, stage: request.stage + 1 },
          located.next,
          await forge.readFolder({ repository, ref, folder }),
        ),
      );
    }
    const tried = await Promise.all(
      parts.map(part => this.#tryPlan(part, sealed)),
    );
    const [first, next] = tried.map(({ result }) => result);
    if (first.outcome === 'unchanged' || first.outcome === 'refused') {
      return first;
    }
    if (next?.outcome === 'refused') {
      // Nobody is given a key that cannot be handed over.
      return { ...next, branch: branchOf(request.id, request.stage) };
    }
    if (first.outcome !== 'secrets' && next?.outcome !== 'secrets') {
      return first;
    }
    if (request.stage > 1) {
      return refuseNewKey(request);
    }
    const anew = await this.#sealer.seal(
      request.id,
      tried.map(({ part }) => {
        const planned = this.#plan(part, []);
        return {
          needs: planned.outcome === 'secrets' ? planned.needs : [],
          files: { ...part.snapshot.files, ...part.writers?.files },
        };
      }),
      await this.#placeOf(request.subject.tenant, located.next?.cluster),
    );
    return requireSealed(this.#plan(tried[0].part, anew));
  }

  async #toPart(
    request: StorageRequest,
    located: LocatedTarget,
    snapshot: RepositorySnapshot,
    merged: SealedSecret[] = [],
  ): Promise<Part> {
    // Only a key that is merged is bound to what it was encrypted with.
    const hasMergedKey = request.stage > 1 && merged.length > 0;
    const [known] = hasMergedKey
      ? secretsOfStage(request, merged).map(({ writer }) => writer)
      : [];
    const writers = await this.#findWriters(located, snapshot, known);
    return { request, located, snapshot, writers, hasMergedKey };
  }

  async #planWithoutSecrets(
    request: StorageRequest,
    located: LocatedTarget,
    snapshot: RepositorySnapshot,
  ): Promise<SealedPlanResult> {
    const part = { request, located, snapshot };
    return requireSealed((await this.#tryPlan(part, [])).result);
  }

  /** Plans on the files of the folder, and where others may lead further, on the whole repository at the same commit. */
  async #tryPlan(
    part: Part,
    sealed: SealedSecret[],
  ): Promise<{ part: Part; result: PlanResult }> {
    const result = this.#plan(part, sealed);
    const { located, snapshot } = part;
    const needsMore =
      result.outcome === 'refused' &&
      result.reasons.some(({ wider }) => wider) &&
      !snapshot.whole;
    const wider = needsMore
      ? await located.widen?.({ snapshot, target: located.target })
      : undefined;
    if (!wider) {
      return { part, result };
    }
    const { target } = wider;
    const widened = {
      ...part,
      snapshot: wider.snapshot,
      located: { ...located, target },
    };
    return { part: widened, result: this.#plan(widened, sealed) };
  }

  #plan(
    { hasMergedKey, located, request, snapshot, writers }: Part,
    sealed: SealedSecret[],
  ): PlanResult {
    return plan(
      {
        ...this.toChange(request, sealed),
        ...(hasMergedKey && { hasMergedKey }),
      },
      snapshot,
      located.target,
      { ...writers, layouts: this.#layouts },
    );
  }

  /** Plans a request as {@link RequestPlanner.render} would, with placeholders for Secrets: nothing is made. */
  async preview(
    request: StorageRequest,
    located: LocatedTarget,
    snapshot: RepositorySnapshot,
  ): Promise<SealedPlanResult> {
    if (!this.#hasSecrets(request)) {
      return this.#planWithoutSecrets(request, located, snapshot);
    }
    const { part, result: first } = await this.#tryPlan(
      await this.#toPart(request, located, snapshot),
      [],
    );
    return first.outcome === 'secrets'
      ? requireSealed(this.#plan(part, first.needs.map(toPlaceholder)))
      : first;
  }

  /**
   * Whether the Secrets in an open pull request are to be others: the base branch says by now that they are for other
   * readers than those that they were encrypted for, or that they cannot be encrypted; or the branch does not have those
   * that were encrypted last.
   *
   * @param options - `head`: the commit of the branch, if it is the portal's; `findNext`: the place of the next stage, whose
   *   readers are told nothing any more once the first is merged
   */
  async hasOtherSecrets(
    request: StorageRequest,
    located: LocatedTarget,
    {
      files,
      findNext = async () => located.next,
      head,
    }: {
      files: RoundFiles;
      findNext?: () => Promise<LocatedTarget | undefined>;
      head?: string;
    },
  ): Promise<boolean> {
    // After the first stage the server has the key, so that none can be made any more.
    if (request.stage > 1 || !this.#hasSecrets(request)) {
      return false;
    }
    const [newest] = await this.#secrets.list(request.id);
    if (!newest) {
      // It had ended, and was opened again on the forge: nothing is left for its second stage. An end hands nothing over.
      return request.stages > 1 && (await findNext()) !== undefined;
    }
    const sealed = secretsOfStage({ ...request, stage: 1 }, newest.secrets);
    if (await this.#hasOtherReaders(sealed, located, files)) {
      return true;
    }
    const later = newest.secrets.filter(secret => !sealed.includes(secret));
    const next = later.length ? await findNext() : undefined;
    if (next && (await this.#hasOtherReaders(later, next, files))) {
      return true;
    }
    if (head === undefined || head === newest.head) {
      return false;
    }
    const onBranch = await files.read(
      located,
      head,
      sealed.map(({ path }) => path),
    );
    if (!areIn(onBranch, sealed)) {
      return true;
    }
    await this.#secrets.foundOn(request.id, newest.generation, head);
    return false;
  }

  async #hasOtherReaders(
    sealed: SealedSecret[],
    located: LocatedTarget,
    files: RoundFiles,
  ): Promise<boolean> {
    for (const id of new Set(sealed.map(({ writer }) => writer))) {
      const writer = await this.#writers.open(id, clusterOf(located));
      const own = sealed.filter(secret => secret.writer === id);
      const paths = writer && own.flatMap(({ path }) => writer.reads(path));
      const rules = paths?.length
        ? await files.read(located, located.delivery.baseBranch, paths)
        : {};
      const isOutdated = own.some(({ id: name, path, recipients }) => {
        const slot = {
          id: name,
          path,
          name,
          namespace: name,
          labels: {},
          keys: [],
        };
        const answer = writer?.check(slot, rules);
        if (answer && isSecretRefusal(answer)) {
          // Without a certificate nothing better could be encrypted, and what is stays readable.
          return !isCertificateRefusal(answer);
        }
        return answer?.recipients.join() !== recipients.join();
      });
      if (isOutdated) {
        return true;
      }
    }
    return false;
  }

  /**
   * Keeps the key that was merged with the first stage, and no other: a workload is given what the server has. Several
   * were made where readers changed, and only the commit says which of them was merged.
   *
   * @param merged - where that was, and the commit
   * @throws ConflictError when what was merged is not what the portal wrote
   */
  async keepMerged(
    request: StorageRequest,
    { forge, repository }: Pick<LocatedTarget, 'forge' | 'repository'>,
    commit: string,
  ): Promise<void> {
    const number = request.earlier?.at(-1)?.number;
    const keys = await this.#secrets.list(request.id);
    if (!keys.length) {
      throw new ConflictError(
        `Pull request #${number} was merged after its request had ended, and the portal keeps an encrypted key no longer than that: it cannot give the workload the key that the server has`,
      );
    }
    const paths = keys.flatMap(key =>
      secretsOfStage({ ...request, stage: 1 }, key.secrets).map(
        ({ path }) => path,
      ),
    );
    const files = await forge.readFiles({
      repository,
      ref: commit,
      paths: [...new Set(paths)],
    });
    const merged = keys.find(key =>
      areIn(files, secretsOfStage({ ...request, stage: 1 }, key.secrets)),
    );
    if (!merged) {
      throw new ConflictError(
        `${[...new Set(paths)].join(
          ', ',
        )} of ${repository} is not as the portal wrote it at commit ${commit.slice(
          0,
          7,
        )}, with which pull request #${number} was merged: somebody has changed the Secret of the user, so the key that the portal would give the workload may not be the one that the server has`,
      );
    }
    await this.#secrets.keepOnly(request.id, merged.generation);
  }

  #hasSecrets({ input, kind }: StorageRequest): boolean {
    return this.#kinds
      .get(kind)
      .subjects(input)
      .some(({ type }) => type === 'access');
  }

  /** What writes Secrets there, with what says above the folder how; below it, the snapshot has it. */
  async #findWriters(
    located: LocatedTarget,
    { files, revision }: RepositorySnapshot,
    known: string | undefined,
  ): Promise<PlaceWriters> {
    const { forge, repository, target, writer } = located;
    return this.#writers.at({
      cluster: clusterOf(located),
      // Of a place for Secrets of workloads only a part is for them.
      link: target.consumer
        ? { ...target, folder: target.consumer.folder }
        : target,
      writer,
      known,
      files,
      readFiles: paths => forge.readFiles({ repository, ref: revision, paths }),
    });
  }

  /**
   * Where a workload reaches the tenant.
   *
   * @param cluster - of the workload; undefined: that of the tenant
   * @throws InputError where no address is known
   */
  async #placeOf(
    tenant: string,
    cluster: string = parseTenantRef(tenant).cluster,
  ): Promise<SecretPlace> {
    const view = await this.#inventory.getTenant(tenant);
    const endpoint = endpointFor(cluster, {
      endpoint: view?.endpoint,
      endpoints: view?.endpoints,
      tenant,
    });
    if (!endpoint) {
      throw createInputError([
        {
          field: 'consumer',
          message: `No address of tenant ${tenant} for workloads in cluster ${cluster} is known: the platform team adds it to endpoints of the tenant in rustfs.tenants`,
        },
      ]);
    }
    return { endpoint, region: REGION };
  }
}

/** A stage as it is planned, with what writes its Secrets. */
interface Part {
  request: StorageRequest;
  located: LocatedTarget;
  snapshot: RepositorySnapshot;
  /** Undefined where there are none. */
  writers?: PlaceWriters;
  /** What was encrypted holds a key that is merged. */
  hasMergedKey?: boolean;
}

/** That the Secrets of a place are applied to. */
function clusterOf({ cluster, target }: LocatedTarget): string {
  return cluster ?? target.tenant.cluster;
}

function areIn(
  files: Record<string, RepositoryFile>,
  sealed: SealedSecret[],
): boolean {
  return sealed.every(({ path, content }) => files[path]?.content === content);
}

/** What the pull request of one of several stages says. */
function wordsOfStage(
  { earlier, stage, stages }: StorageRequest,
  words: ChangeWords,
): ChangeWords {
  if (stages === 1) {
    return words;
  }
  if (stage === 1) {
    return {
      ...words,
      notes: [
        ...words.notes,
        'The Secret of the workload is declared in another place: the portal proposes that change there once this one is in effect.',
      ],
    };
  }
  const before = earlier?.at(-1);
  return {
    ...words,
    title: `${words.title}: Secret of the workload`,
    summary: `${words.summary} This pull request is about the Secret of the workload alone.`,
    notes: [
      `It is the last of ${stages} pull requests${
        before
          ? `: number ${before.number} is merged where the storage is declared, and in effect`
          : ''
      }.`,
      ...words.notes,
    ],
  };
}

/** Nobody can read the key again to encrypt it for somebody else. */
function refuseNewKey({ id, stage }: StorageRequest): SealedPlanResult {
  return {
    outcome: 'refused',
    branch: branchOf(id, stage),
    reasons: [
      {
        code: 'secret',
        field: 'consumer',
        message:
          'Where the Secret of the workload belongs, or who may read it there, is not as it was when the key was made. The key cannot be read back to encrypt it again: put that back as it was, or end this access and ask for a new one',
      },
    ],
  };
}

function requireSealed(result: PlanResult): SealedPlanResult {
  if (result.outcome === 'secrets') {
    throw new Error('A plan asks again for Secrets that were encrypted for it');
  }
  return result;
}
