import {
  parseTenantRef,
  PortalLinks,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  plan,
  PlanResult,
  RepositoryFile,
  RepositorySnapshot,
  SealedPlanResult,
  SealedSecret,
  StorageChange,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { Inventory } from '../inventory';
import { RequestContexts } from './RequestContexts';
import { RequestKinds } from './RequestKinds';
import { LocatedTarget } from './RequestTargets';
import { SecretPlace, SecretSealer, toPlaceholder } from './SecretSealer';

/** The port of the operator's S3 Service. */
const S3_PORT = 9000;

/** RustFS takes any region; this is what it calls its own. */
const REGION = 'us-east-1';

/** Plans requests: from what was asked, by its kind, to the files of a pull request. */
export class RequestPlanner {
  readonly #contexts: Pick<RequestContexts, 'forms' | 'modes'>;
  readonly #inventory: Pick<Inventory, 'getTenant'>;
  readonly #kinds: RequestKinds;
  readonly #links: PortalLinks | undefined;
  readonly #sealer: SecretSealer;

  constructor(options: {
    contexts: Pick<RequestContexts, 'forms' | 'modes'>;
    inventory: Pick<Inventory, 'getTenant'>;
    kinds: RequestKinds;
    /** For links in pull requests. */
    links?: PortalLinks;
    sealer: SecretSealer;
  }) {
    this.#contexts = options.contexts;
    this.#inventory = options.inventory;
    this.#kinds = options.kinds;
    this.#links = options.links;
    this.#sealer = options.sealer;
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
      words: kind.words(request),
      edits: kind.edits,
      declare: declared => kind.declarations(request, declared, this.#contexts),
      sealed,
    };
  }

  /**
   * Plans a request, with its Secrets encrypted: as they were before, or anew where they have to be. One caller per request
   * at a time.
   */
  async render(
    request: StorageRequest,
    located: LocatedTarget,
    snapshot: RepositorySnapshot,
  ): Promise<SealedPlanResult> {
    if (!this.#hasSecrets(request)) {
      return requireSealed(
        plan(this.toChange(request), snapshot, located.target),
      );
    }
    const files = await this.#readRules(located, snapshot);
    const secrets = { writer: this.#sealer.writer, files };
    const first = plan(
      this.toChange(request, await this.#sealer.sealed(request.id)),
      snapshot,
      located.target,
      secrets,
    );
    if (first.outcome !== 'secrets') {
      return first;
    }
    const sealed = await this.#sealer.seal(request.id, first.needs, {
      files: { ...snapshot.files, ...files },
      place: await this.#placeOf(request.subject.tenant),
    });
    return requireSealed(
      plan(this.toChange(request, sealed), snapshot, located.target, secrets),
    );
  }

  /** Plans a request as {@link RequestPlanner.render} would, with placeholders for Secrets: nothing is made. */
  async preview(
    request: StorageRequest,
    located: LocatedTarget,
    snapshot: RepositorySnapshot,
  ): Promise<SealedPlanResult> {
    if (!this.#hasSecrets(request)) {
      return requireSealed(
        plan(this.toChange(request), snapshot, located.target),
      );
    }
    const secrets = {
      writer: this.#sealer.writer,
      files: await this.#readRules(located, snapshot),
    };
    const first = plan(
      this.toChange(request),
      snapshot,
      located.target,
      secrets,
    );
    return first.outcome === 'secrets'
      ? requireSealed(
          plan(
            this.toChange(request, first.needs.map(toPlaceholder)),
            snapshot,
            located.target,
            secrets,
          ),
        )
      : first;
  }

  #hasSecrets({ input, kind }: StorageRequest): boolean {
    return this.#kinds
      .get(kind)
      .subjects(input)
      .some(({ type }) => type === 'access');
  }

  /** What says above the folder how Secrets are encrypted; below it, the snapshot has it. */
  async #readRules(
    { delivery, forge, repository }: LocatedTarget,
    { revision }: RepositorySnapshot,
  ): Promise<Record<string, RepositoryFile>> {
    const folder = delivery.folder.replace(/^(\.?\/)+|\/+$/g, '');
    return forge.readFiles({
      repository,
      ref: revision,
      paths: this.#sealer.writer.reads(folder ? `${folder}/x` : 'x'),
    });
  }

  async #placeOf(tenant: string): Promise<SecretPlace> {
    const view = await this.#inventory.getTenant(tenant);
    const { name, namespace } = parseTenantRef(tenant);
    return {
      endpoint:
        view?.endpoint ?? `http://${name}-io.${namespace}.svc:${S3_PORT}`,
      region: REGION,
    };
  }
}

function requireSealed(result: PlanResult): SealedPlanResult {
  if (result.outcome === 'secrets') {
    throw new Error('A plan asks again for Secrets that were encrypted for it');
  }
  return result;
}
