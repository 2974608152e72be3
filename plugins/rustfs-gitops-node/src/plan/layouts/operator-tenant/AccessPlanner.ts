import {
  AccessDeclared,
  accessEntryName,
  buildDenyingPolicy,
  DENYING_POLICY_NAME,
  stringifyPolicy,
  toAccessRecordData,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { SecretNeed } from '../../../secrets';
import {
  EntryMap,
  insertIntoList,
  removeFromList,
  setText,
} from '../../../yaml';
import { ListName, LISTS } from '../../kustomize/lists';
import { placeOf } from '../../kustomize/RenderedObject';
import { joinPath } from '../../paths';
import { Refused } from '../../Refused';
import { Workspace } from '../../Workspace';
import { LayoutInput } from '../Layout';
import {
  createAccessRecord,
  createSecrets,
  endAccessRecord,
  FoundAccess,
  isThereAlready,
  readAccesses,
  removeConsumerSecretBeside,
  requireBefore,
  serverSecretOf,
} from '../shared/accessRecords';
import { writeConfigMap } from '../shared/manifests';
import { FoundRecord } from '../shared/records';
import {
  consumerSlot,
  PlacedSecret,
  sealSecrets,
  WantedSecret,
} from '../shared/secretNeeds';
import { FoundTenant } from './findTenant';

/** The operator's schema takes no more users, and no more policies. */
export const MAX_ENTRIES = 256;

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

/** The names that an access has beyond the portal. */
function namesOf(access: string, tenant: string) {
  return {
    /** Of its user and its policy in the Tenant. */
    entry: accessEntryName(access),
    secret: serverSecretOf(access, tenant),
    policyMap: `${tenant}-access-${access}-policy`,
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
    const { target } = this.#input;
    if (isThereAlready(this.#input, access.name, before)) {
      return;
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
    createSecrets(this.#workspace, sealed);
    createAccessRecord(
      this.#input,
      {
        workspace: this.#workspace,
        records: this.#records,
        otherwise: this.#folder('accesses', target.tenant.name),
      },
      toAccessRecordData({
        ...access,
        access: access.name,
        policy: names.entry,
      }),
    );
  }

  #revoke(access: AccessDeclared, before: FoundAccess | undefined): void {
    const { target } = this.#input;
    const found = requireBefore(this.#input, access.name, before);
    if (found.access.state === 'revoked') {
      return;
    }
    const names = namesOf(access.name, target.tenant.name);
    const { namespace } = target.tenant;
    const userIndex = this.#indexOf('users', names.entry);
    const secretFile = this.#workspace.findSecret(names.secret, namespace);
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
        file: secretFile,
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
      secretFile.path,
      sealed[0].content,
      'Secret of this access',
    );
    this.#ensureDenyingPolicy();
    this.#setPolicy(userIndex, DENYING_POLICY_NAME);
    const policyIndex = this.#indexOf('policies', names.entry);
    if (policyIndex >= 0) {
      this.#removeFromList('policies', policyIndex);
      const map = this.#workspace.find(
        'ConfigMap',
        names.policyMap,
        namespace,
      )?.path;
      if (map) {
        this.#workspace.remove(map, 'policy of this access');
      }
    }
    removeConsumerSecretBeside(this.#input, this.#workspace, found.access);
    endAccessRecord(this.#input, this.#workspace, found.record, access);
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
    const source = this.#workspace.find('ConfigMap', map, tenant.namespace);
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

  #seal(
    access: AccessDeclared,
    wanted: WantedSecret[],
  ): PlacedSecret[] | undefined {
    const answer = sealSecrets(this.#input, access, wanted);
    if ('needs' in answer) {
      this.needs.push(...answer.needs);
      return undefined;
    }
    return answer.sealed;
  }

  #createPolicy(name: string, document: string): void {
    const { change, target } = this.#input;
    this.#workspace.create(
      joinPath(this.#folder('policies', target.tenant.name), `${name}.yaml`),
      writeConfigMap({
        name,
        target,
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
}

type Entry = EntryMap & { name: string };

function keyOf(item: unknown): string | undefined {
  return policySchema.safeParse(item).data?.name;
}
