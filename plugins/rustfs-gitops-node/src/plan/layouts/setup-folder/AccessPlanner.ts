import { ServiceUnavailableError } from '@backstage/errors';
import {
  AccessDeclared,
  accessEntryName,
  LABEL_ACCESS,
  LABEL_RECORD,
  LABEL_TENANT,
  toAccessRecordData,
} from '@rustfs-portal/plugin-rustfs-common';
import { SecretNeed } from '../../../secrets';
import { joinPath } from '../../paths';
import { Refused } from '../../Refused';
import { homeNamespaceOf } from '../../renderTarget';
import { Workspace } from '../../Workspace';
import { LayoutInput } from '../Layout';
import {
  createAccessRecord,
  createSecrets,
  endAccessRecord,
  isThereAlready,
  readAccesses,
  removeConsumerSecretBeside,
  requireBefore,
  serverSecretOf,
} from '../shared/accessRecords';
import { FoundRecord } from '../shared/records';
import { consumerSlot, sealSecrets, WantedSecret } from '../shared/secretNeeds';
import { setupFolderOf } from './examineFolder';

/** Plans accesses in a setup folder. */
export class AccessPlanner {
  readonly needs: SecretNeed[] = [];
  readonly #input: LayoutInput;
  readonly #workspace: Workspace;
  readonly #records: FoundRecord[];

  constructor(
    input: LayoutInput,
    place: { workspace: Workspace; records: FoundRecord[] },
  ) {
    this.#input = input;
    this.#workspace = place.workspace;
    this.#records = place.records;
  }

  /** @throws Refused */
  plan(access: AccessDeclared): void {
    if (access.state === 'revoked') {
      this.#revoke(access);
    } else {
      this.#create(access);
    }
  }

  #create(access: AccessDeclared): void {
    const { target } = this.#input;
    if (isThereAlready(this.#input, access.name, this.#find(access))) {
      return;
    }
    const folder = setupFolderOf(target);
    const { cluster, namespace } = access.consumer;
    if (
      cluster === target.tenant.cluster &&
      namespace === homeNamespaceOf(target)
    ) {
      throw new Refused(
        'invalid',
        `Namespace ${namespace} is that of the setup program, with the keys of all accesses in it: no workload belongs there. Choose the namespace of the workload`,
        { field: 'consumer.namespace' },
      );
    }
    const answer = sealSecrets(this.#input, access, [
      {
        ...this.#keySlot(access),
        holds: 'server',
        folder: joinPath(folder, 'secrets'),
        base: serverSecretOf(access.name, target.tenant.name),
      },
      ...(target.consumers === 'elsewhere'
        ? []
        : [consumerSlot(access, joinPath(folder, 'consumers', namespace))]),
    ]);
    if ('needs' in answer) {
      this.needs.push(...answer.needs);
      return;
    }
    createSecrets(this.#workspace, answer.sealed);
    createAccessRecord(
      this.#input,
      {
        workspace: this.#workspace,
        records: this.#records,
        otherwise: joinPath(folder, 'accesses'),
      },
      toAccessRecordData({
        ...access,
        access: access.name,
        policy: accessEntryName(access.name),
        document: access.policy,
      }),
    );
  }

  /** Nothing is taken away from the server: its user gets a key that nobody has, and is disabled by the program. */
  #revoke(access: AccessDeclared): void {
    const { access: before, record } = requireBefore(
      this.#input,
      access.name,
      this.#find(access),
    );
    if (before.state === 'revoked') {
      return;
    }
    const { target } = this.#input;
    const name = serverSecretOf(access.name, target.tenant.name);
    const file = this.#workspace.findSecret(name, homeNamespaceOf(target));
    if (!file) {
      const { path } = record.object;
      throw new Refused(
        'unsupported',
        `The user of access ${access.name} cannot be ended: his Secret ${name} is in no file that is applied with its record ${path}. Put it back as the portal wrote it, or take the user off the server by hand`,
        { field: 'access', places: [path] },
      );
    }
    const answer = this.#sealDiscarded(access, file);
    if (answer && 'needs' in answer) {
      this.needs.push(...answer.needs);
      return;
    }
    if (answer) {
      const [{ content }] = answer.sealed;
      this.#workspace.replace(file.path, content, 'Secret of this access');
    }
    removeConsumerSecretBeside(this.#input, this.#workspace, before);
    endAccessRecord(this.#input, this.#workspace, record, access);
  }

  /** @returns undefined when nothing can be encrypted now, for which no end waits: the program disables the user by the record alone */
  #sealDiscarded(
    access: AccessDeclared,
    file: WantedSecret['file'],
  ): ReturnType<typeof sealSecrets> | undefined {
    try {
      return sealSecrets(this.#input, access, [
        { ...this.#keySlot(access), holds: 'discarded', file },
      ]);
    } catch (error) {
      const waits = error instanceof Refused && error.refusal.waits;
      if (!waits && !(error instanceof ServiceUnavailableError)) {
        throw error;
      }
      this.#input.addNote(
        `The Secret of the user stays as it is, since nothing can be encrypted in its place now (${error.message}). The access ends all the same: the setup program disables the user and denies him everything.`,
      );
      return undefined;
    }
  }

  #find({ name }: AccessDeclared) {
    return readAccesses(this.#records).find(
      ({ access }) => access.name === name,
    );
  }

  /** The Secret with the key of the user, which the program finds by its labels. */
  #keySlot({ name }: AccessDeclared): Pick<WantedSecret, 'id' | 'slot'> {
    const { target } = this.#input;
    return {
      id: `server.${name}`,
      slot: {
        name: serverSecretOf(name, target.tenant.name),
        namespace: homeNamespaceOf(target),
        keys: ['accesskey', 'secretkey'],
        labels: {
          [LABEL_RECORD]: 'key',
          [LABEL_TENANT]: target.tenant.name,
          [LABEL_ACCESS]: name,
        },
      },
    };
  }
}
