import {
  AccessDeclared,
  accessEntryName,
  AccessRecord,
  buildDenyingPolicy,
  DENYING_POLICY_NAME,
  readAccessRecordData,
  stringifyPolicy,
  stringifyTenantRef,
  toAccessRecordData,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { SecretNeed } from '../../secrets';
import { EntryMap, insertIntoList, removeFromList, setText } from '../../yaml';
import { findTenant, FoundTenant, placeOf } from '../findTenant';
import { ListName, LISTS } from '../kustomize/lists';
import {
  nameOf,
  namespaceOf,
  RenderedObject,
} from '../kustomize/RenderedObject';
import { joinPath } from '../paths';
import { Refused } from '../Refused';
import { Workspace } from '../Workspace';
import { folderOfRecords, FoundRecord, recordFileOf } from './findRecords';
import { LayoutInput } from './Layout';
import { writeConfigMap } from './manifests';
import {
  consumerSlot,
  findSealed,
  PlacedSecret,
  toNeed,
  WantedSecret,
} from './secretNeeds';

/** The operator's schema takes no more users, and no more policies. */
const MAX_ENTRIES = 256;

/** The key of a policy's ConfigMap. */
const POLICY_KEY = 'policy.json';

const userSchema = z.looseObject({
  name: z.string(),
  credsSecret: z.looseObject({ name: z.string() }).nullish(),
  policies: z.array(z.string()).nullish(),
});

const policySchema = z.looseObject({
  name: z.string(),
  document: z
    .looseObject({
      configMapKeyRef: z
        .looseObject({ name: z.string(), key: z.string() })
        .nullish()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

const policyMapSchema = z.looseObject({
  data: z.record(z.string(), z.string()),
});

/** An access record with the object that holds it. */
export interface FoundAccess {
  access: AccessDeclared;
  record: FoundRecord;
}

/** The accesses of a tenant, as its records say. */
export function readAccesses(records: FoundRecord[]): FoundAccess[] {
  return records.flatMap(record => {
    const access =
      record.type === 'access' ? readAccessRecordData(record.data) : undefined;
    return access ? [{ access: toDeclared(access), record }] : [];
  });
}

function toDeclared({
  access: name,
  policy: _,
  ...record
}: Omit<AccessRecord, 'request'>): AccessDeclared {
  return { type: 'access', name, ...record };
}

/** The names that an access has beyond the portal. */
function namesOf(access: string, tenant: string) {
  return {
    /** Of its user and its policy in the Tenant. */
    entry: accessEntryName(access),
    secret: `${tenant}-access-${access}`,
    policyMap: `${tenant}-access-${access}-policy`,
    record: `access.${tenant}.${access}`,
  };
}

/** Plans accesses in a repository that declares storage for the RustFS operator. */
export class AccessPlanner {
  readonly needs: SecretNeed[] = [];
  readonly #input: LayoutInput;
  readonly #workspace: Workspace;
  readonly #tenant: FoundTenant;
  readonly #records: FoundRecord[];

  constructor(
    input: LayoutInput,
    place: {
      workspace: Workspace;
      tenant: FoundTenant;
      records: FoundRecord[];
    },
  ) {
    this.#input = input;
    this.#workspace = place.workspace;
    this.#tenant = place.tenant;
    this.#records = place.records;
  }

  /** @throws Refused */
  plan(access: AccessDeclared): void {
    const { target } = this.#input;
    // Something else may set these lists where it leaves the buckets alone.
    findTenant(this.#workspace.rendered, target, ['policies', 'users']);
    const before = readAccesses(this.#records).find(
      found => found.access.name === access.name,
    );
    if (access.state === 'revoked') {
      this.#revoke(access, before);
    } else {
      this.#create(access, before);
    }
  }

  #create(access: AccessDeclared, before: FoundAccess | undefined): void {
    const { change, target } = this.#input;
    if (before) {
      if (
        before.record.object.annotations?.get('rustfs-portal/request') ===
        change.requestId
      ) {
        // This very request is in Git already.
        return;
      }
      throw new Refused(
        'declared-otherwise',
        `There is an access ${access.name} for ${stringifyTenantRef(
          target.tenant,
        )} in Git already; choose another name`,
        { field: 'access' },
      );
    }
    const names = namesOf(access.name, target.tenant.name);
    const { namespace } = target.tenant;
    const sealed = this.#seal(access, [
      {
        holds: 'server',
        id: `server.${access.name}`,
        folder: this.#folder('secrets'),
        base: names.secret,
        slot: {
          name: names.secret,
          namespace,
          keys: ['accesskey', 'secretkey'],
        },
      },
      ...this.#consumerSlots(access),
    ]);
    if (!sealed) {
      return;
    }
    this.#addToList('policies', {
      name: names.entry,
      document: {
        configMapKeyRef: { name: names.policyMap, key: POLICY_KEY },
      },
    });
    this.#addToList('users', {
      name: names.entry,
      credsSecret: { name: names.secret },
      policies: [names.entry],
    });
    this.#createPolicy(names.policyMap, stringifyPolicy(access.policy!));
    for (const { content, path, slot } of sealed) {
      this.#workspace.create(path, content, {
        what: `Secret of this access`,
        field: 'access',
        kind: 'Secret',
        name: slot.name,
        namespace: slot.namespace,
      });
    }
    const folder = folderOfRecords(this.#records, 'access', {
      otherwise: this.#folder('accesses', target.tenant.name),
    });
    this.#workspace.create(
      joinPath(folder, recordFileOf(access.name)),
      writeConfigMap({
        name: names.record,
        tenant: target.tenant,
        requestId: change.requestId,
        record: 'access',
        data: toAccessRecordData({
          ...access,
          access: access.name,
          policy: names.entry,
        }),
      }),
      {
        what: 'record of this access',
        field: 'access',
        kind: 'ConfigMap',
        namespace,
      },
    );
  }

  #revoke(access: AccessDeclared, before: FoundAccess | undefined): void {
    const { change, target } = this.#input;
    const ref = stringifyTenantRef(target.tenant);
    if (!before) {
      throw new Refused(
        'declared-otherwise',
        `There is no access ${access.name} for ${ref} in Git any more, so there is nothing to end`,
        { field: 'access' },
      );
    }
    if (before.access.state === 'revoked') {
      return;
    }
    const names = namesOf(access.name, target.tenant.name);
    const { namespace } = target.tenant;
    const userIndex = this.#indexOf('users', names.entry);
    const secretFile = this.#fileOf('Secret', names.secret, namespace);
    if (userIndex < 0 || !secretFile) {
      throw new Refused(
        'unsupported',
        `The user of access ${access.name} cannot be ended: ${placeOf(
          this.#tenant.object,
        )} has ${
          userIndex < 0
            ? `no entry ${names.entry} in spec.users`
            : `a user whose Secret ${names.secret} is in no file that is applied`
        }. Put it back as the portal wrote it, or take the user off the server by hand`,
        { field: 'access', places: [placeOf(this.#tenant.object)] },
      );
    }
    const sealed = this.#seal(access, [
      {
        holds: 'discarded',
        id: `server.${access.name}`,
        path: secretFile,
        slot: {
          name: names.secret,
          namespace,
          keys: ['accesskey', 'secretkey'],
        },
      },
    ]);
    if (!sealed) {
      return;
    }
    this.#workspace.replace(
      secretFile,
      sealed[0].content,
      'Secret of this access',
    );
    this.#ensureDenyingPolicy();
    this.#setPolicy(userIndex, DENYING_POLICY_NAME);
    const policyIndex = this.#indexOf('policies', names.entry);
    if (policyIndex >= 0) {
      this.#removeFromList('policies', policyIndex);
      const map = this.#fileOf('ConfigMap', names.policyMap, namespace);
      if (map) {
        this.#workspace.remove(map, 'policy of this access');
      }
    }
    const { consumer } = before.access;
    // Of another cluster there may be one here that is called the same.
    const consumerFile =
      consumer.cluster !== target.tenant.cluster
        ? undefined
        : this.#fileOf('Secret', consumer.secret, consumer.namespace);
    if (consumerFile) {
      this.#workspace.remove(consumerFile, 'Secret of the workload');
    }
    const { object } = before.record;
    for (const [key, value] of Object.entries({
      state: 'revoked',
      revokedAt: access.revokedAt ?? change.createdAt,
    })) {
      this.#workspace.edit(
        object.path,
        { line: object.line, wayOut: 'give the record' },
        text =>
          setText({
            text,
            document: object.document,
            path: [...object.at, 'data', key],
            value,
          }),
      );
    }
  }

  /** @throws Refused when the name stands for another policy, with which an ended access would go on */
  #ensureDenyingPolicy(): void {
    const { tenant } = this.#input.target;
    const { object: declared } = this.#tenant;
    const map = `${tenant.name}-${DENYING_POLICY_NAME}`;
    const document = stringifyPolicy(buildDenyingPolicy());
    const entry = this.#items('policies').find(
      item => keyOf(item) === DENYING_POLICY_NAME,
    );
    if (!entry) {
      this.#addToList('policies', {
        name: DENYING_POLICY_NAME,
        document: { configMapKeyRef: { name: map, key: POLICY_KEY } },
      });
      this.#createPolicy(map, document);
      return;
    }
    const { data: policy } = policySchema.safeParse(entry);
    const { key, name } = policy?.document?.configMapKeyRef ?? {};
    const source = this.#objectOf('ConfigMap', map, tenant.namespace);
    const { data: content } = policyMapSchema.safeParse(source?.manifest);
    if (
      name !== map ||
      key !== POLICY_KEY ||
      content?.data[POLICY_KEY] !== document
    ) {
      throw new Refused(
        'declared-otherwise',
        `${placeOf(
          declared,
        )} has a policy ${DENYING_POLICY_NAME} that is not the one that the portal wrote, so it is not sure that it denies everything. Put back ConfigMap ${map} and its entry in spec.policies, or take both away`,
        { field: 'access', places: [placeOf(declared)] },
      );
    }
  }

  /** The Secret of the workload, where it is declared beside the records. */
  #consumerSlots(access: AccessDeclared): WantedSecret[] {
    const { target } = this.#input;
    const { consumer } = access;
    if (target.consumers === 'elsewhere') {
      return [];
    }
    return [
      consumerSlot(access, this.#folder('consumers', consumer.namespace)),
    ];
  }

  /**
   * The encrypted Secrets, when all of them are there and for the right readers. One that is not asks for all of them
   * anew: they hold the same key.
   */
  #seal(
    access: AccessDeclared,
    wanted: WantedSecret[],
  ): PlacedSecret[] | undefined {
    const needs = wanted.map(secret => toNeed(this.#input, access, secret));
    const found = findSealed(needs, this.#input.change.sealed);
    if (!found) {
      this.needs.push(...needs);
    }
    return found;
  }

  #createPolicy(name: string, document: string): void {
    const { change, target } = this.#input;
    this.#workspace.create(
      joinPath(this.#folder('policies', target.tenant.name), `${name}.yaml`),
      writeConfigMap({
        name,
        tenant: target.tenant,
        requestId: change.requestId,
        data: { [POLICY_KEY]: document },
      }),
      {
        what: 'policy of this access',
        field: 'access',
        kind: 'ConfigMap',
        name,
        namespace: target.tenant.namespace,
      },
    );
  }

  /** A folder beside the manifest's kustomization. */
  #folder(...parts: string[]): string {
    const { object } = this.#tenant;
    return joinPath(
      object.through.at(-1)?.folder ?? this.#workspace.rendered.folder,
      ...parts,
    );
  }

  #items(list: Exclude<ListName, 'buckets'>): unknown[] {
    const spec = this.#tenant.object.manifest.spec as
      | Record<string, unknown>
      | undefined;
    const items = spec?.[list];
    return Array.isArray(items) ? items : [];
  }

  #indexOf(list: Exclude<ListName, 'buckets'>, name: string): number {
    return this.#items(list).findIndex(item => keyOf(item) === name);
  }

  #addToList(list: Exclude<ListName, 'buckets'>, entry: Entry): void {
    const { object } = this.#tenant;
    const count = this.#items(list).length;
    if (count >= MAX_ENTRIES) {
      throw new Refused(
        'limit',
        `${placeOf(
          object,
        )} declares ${count} ${list}, the operator takes at most ${MAX_ENTRIES}; end an access that is not needed any more`,
        { field: 'tenant', places: [placeOf(object)] },
      );
    }
    if (this.#indexOf(list, entry.name) >= 0) {
      throw new Refused(
        'declared-otherwise',
        `${placeOf(object)} has an entry ${
          entry.name
        } in spec.${list} already, which no access record is about; choose another name`,
        { field: 'access', places: [placeOf(object)] },
      );
    }
    this.#editTenant(text =>
      insertIntoList({
        text,
        document: object.document,
        path: [...object.at, ...LISTS[list]],
        entry,
        keyOf,
      }),
    );
  }

  #removeFromList(list: Exclude<ListName, 'buckets'>, index: number): void {
    const { object } = this.#tenant;
    const name = keyOf(this.#items(list)[index]);
    this.#editTenant(text =>
      removeFromList({
        text,
        document: object.document,
        path: [...object.at, ...LISTS[list]],
        where: item => keyOf(item) === name,
      }),
    );
  }

  /** Gives a user one policy in place of all that he has. */
  #setPolicy(index: number, policy: string): void {
    const { object } = this.#tenant;
    const { data: user } = userSchema.safeParse(this.#items('users')[index]);
    const path = [...object.at, ...LISTS.users, index, 'policies'];
    for (const extra of user?.policies?.slice(1) ?? []) {
      this.#editTenant(text =>
        removeFromList({
          text,
          document: object.document,
          path,
          where: item => item === extra,
        }),
      );
    }
    this.#editTenant(text =>
      setText({
        text,
        document: object.document,
        path: [...path, 0],
        value: policy,
      }),
    );
  }

  #editTenant(splice: (text: string) => string): void {
    const { object } = this.#tenant;
    this.#workspace.edit(
      object.path,
      { line: object.line, wayOut: 'give the Tenant' },
      splice,
    );
  }

  /** The file that holds an object as it is applied. */
  #fileOf(kind: string, name: string, namespace: string): string | undefined {
    return this.#objectOf(kind, name, namespace)?.path;
  }

  #objectOf(
    kind: string,
    name: string,
    namespace: string,
  ): RenderedObject | undefined {
    const { target } = this.#input;
    return this.#workspace.rendered.objects.find(
      object =>
        object.kind === kind &&
        nameOf(object) === name &&
        (namespaceOf(object) ?? target.tenant.namespace) === namespace,
    );
  }
}

type Entry = EntryMap & { name: string };

function keyOf(item: unknown): string | undefined {
  return policySchema.safeParse(item).data?.name;
}
