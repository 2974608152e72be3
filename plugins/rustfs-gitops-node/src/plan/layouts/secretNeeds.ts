import { AccessDeclared } from '@rustfs-portal/plugin-rustfs-common';
import {
  isSecretRefusal,
  SealedSecret,
  SecretNeed,
  SecretPlan,
  SecretSlot,
} from '../../secrets';
import { joinPath } from '../paths';
import { Refused } from '../Refused';
import { LayoutInput } from './Layout';
import { LABELS } from './manifests';

/** A Secret that is wanted: at a path, or under a name in a folder. */
export interface WantedSecret extends Pick<SecretNeed, 'holds'> {
  id: string;
  slot: Pick<SecretSlot, 'name' | 'namespace' | 'keys'>;
  folder?: string;
  base?: string;
  path?: string;
}

/** A Secret as it was encrypted for its place. */
export type PlacedSecret = SealedSecret & { slot: SecretSlot };

/** The Secret of the workload of an access. */
export function consumerSlot(
  { name, consumer, consumerKeys = [] }: AccessDeclared,
  folder: string,
): WantedSecret {
  return {
    holds: 'consumer',
    id: `consumer.${name}`,
    folder,
    base: consumer.secret,
    slot: {
      name: consumer.secret,
      namespace: consumer.namespace,
      keys: consumerKeys,
    },
  };
}

/**
 * Where a Secret will be, and for whom it is encrypted there.
 *
 * @throws Refused when it cannot be, or would not be decrypted
 */
export function toNeed(
  { change, target, writer, writerFiles, snapshot }: LayoutInput,
  access: AccessDeclared,
  { holds, id, folder, base, path, slot }: WantedSecret,
): SecretNeed {
  const refuse = (message: string) =>
    new Refused('secret', message, {
      field: target.layout === 'consumer-secret' ? 'consumer' : 'tenant',
    });
  if (!writer) {
    throw refuse('No way to encrypt Secrets is configured for this repository');
  }
  if (target.build && !target.build.decrypts) {
    throw refuse(
      `The Kustomization that applies ${target.folder} does not decrypt: give it spec.decryption with provider sops and the Secret of the age key, or the cluster would be sent ciphertext`,
    );
  }
  const files = { ...snapshot.files, ...writerFiles };
  const paths = path
    ? [path]
    : writer.fileNames(base!).map(name => joinPath(folder!, name));
  const answers = paths.map(candidate => {
    const full: SecretSlot = { ...slot, id, path: candidate, labels: LABELS };
    return { slot: full, answer: writer.check(full, files) };
  });
  const usable = answers.find(({ answer }) => !isSecretRefusal(answer));
  if (!usable) {
    const [{ answer }] = answers;
    throw refuse(isSecretRefusal(answer) ? answer.message : change.requestId);
  }
  return {
    slot: usable.slot,
    plan: usable.answer as SecretPlan,
    holds,
    access,
  };
}

/** What was encrypted for all of the needs; undefined when one has another place or other readers by now. */
export function findSealed(
  needs: SecretNeed[],
  sealed: SealedSecret[] = [],
): PlacedSecret[] | undefined {
  const found = needs.map(({ slot, plan }) => {
    const one = sealed.find(({ id }) => id === slot.id);
    return one &&
      one.path === slot.path &&
      one.recipients.join() === plan.recipients.join()
      ? { ...one, slot }
      : undefined;
  });
  return found.every(one => one !== undefined) ? found : undefined;
}
