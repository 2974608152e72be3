import { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import { assertError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import { ownersOf } from './entityStorage';
import { Inventory } from './Inventory';

/** Many people look at the list of tenants, and owners change rarely. */
const KEPT_MS = 30_000;

type Records = Pick<Inventory, 'listAccesses' | 'listBuckets'>;

/** The part of a record that says on whose page it is shown. */
interface Recorded {
  kind: 'bucket' | 'access';
  id: string;
  tenant: string;
  owner?: string;
  entity?: string;
}

/**
 * Finds records that nobody sees on the entity that they name, because they do not name its owner: somebody has to decide
 * whose the bucket or the access is, and only Git can say so.
 */
export class MisplacedRecords {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #inventory: Records;
  readonly #logger: LoggerService;
  #last?: { at: number; findings: Promise<Problem[]> };

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    inventory: Records;
    logger: LoggerService;
  }) {
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#inventory = options.inventory;
    this.#logger = options.logger;
  }

  /** Findings for the platform team, which name buckets and owners; as of the last half minute. */
  async find(): Promise<Problem[]> {
    if (!this.#last || Date.now() - this.#last.at > KEPT_MS) {
      this.#last = { at: Date.now(), findings: this.#find() };
    }
    return this.#last.findings;
  }

  async #find(): Promise<Problem[]> {
    const [buckets, accesses] = await Promise.all([
      this.#inventory.listBuckets(),
      this.#inventory.listAccesses(),
    ]);
    const recorded: Recorded[] = [
      ...buckets.items.map(item => ({ kind: 'bucket' as const, ...item })),
      ...accesses.items.map(item => ({ kind: 'access' as const, ...item })),
    ].filter(({ entity }) => entity);
    const entityRefs = [...new Set(recorded.map(({ entity }) => entity!))];
    if (entityRefs.length === 0) {
      return [];
    }
    try {
      const found = await this.#catalog.getEntitiesByRefs(
        {
          entityRefs,
          fields: [
            'kind',
            'metadata.name',
            'metadata.namespace',
            'relations',
            'spec.owner',
          ],
        },
        { credentials: await this.#auth.getOwnServiceCredentials() },
      );
      return findMisplaced(
        recorded,
        new Map(entityRefs.map((ref, index) => [ref, found.items[index]])),
      );
    } catch (error) {
      assertError(error);
      this.#logger.warn(
        `The owners of entities cannot be read from the catalog: ${error.message}`,
      );
      return [
        {
          code: 'catalog-unreadable',
          part: 'catalog',
          message:
            'The catalog cannot be read, so nobody knows whether records and entities have the same owners',
          hint: 'The log of the portal says why.',
        },
      ];
    }
  }
}

/** An entity that is not in the catalog shows nothing to anybody, and is nobody's yet. */
export function findMisplaced(
  records: Recorded[],
  entities: ReadonlyMap<string, Entity | undefined>,
): Problem[] {
  return records.flatMap(({ kind, id, tenant, owner, entity: ref }) => {
    const entity = ref === undefined ? undefined : entities.get(ref);
    if (!entity) {
      return [];
    }
    const owners = ownersOf(entity);
    return owner && owners.includes(owner)
      ? []
      : [
          {
            code: 'record-misplaced',
            part: tenant,
            message: `The record of ${kind} ${id} names ${ref} and ${
              owner ? `owner ${owner}` : 'no owner'
            }, and that entity is owned by ${
              owners.join(', ') || 'nobody'
            }: the ${kind} is not shown there`,
            hint: 'Decide whose it is, and change owner or entity in its record in Git.',
          },
        ];
  });
}
