import { AccessDeclared } from '@rustfs-portal/plugin-rustfs-common';
import {
  isSecretRefusal,
  SealedSecret,
  SecretNeed,
  SecretPlan,
  SecretSlot,
} from '../../../secrets';
import { DeclarationTarget } from '../../../types';
import { joinPath } from '../../paths';
import { Refused } from '../../Refused';
import { Inexpressible, LayoutInput } from '../Layout';
import { LABELS } from './manifests';

/** A Secret that is wanted: at a path, or under a name in a folder. */
export interface WantedSecret extends Pick<SecretNeed, 'holds'> {
  id: string;
  slot: Pick<SecretSlot, 'name' | 'namespace' | 'keys'> & {
    /** Beside those of everything that the portal writes. */
    labels?: Record<string, string>;
  };
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

/** Why encrypted Secrets would not be decrypted on their way to the cluster; undefined where they are, or nobody knows. */
export function whyCiphertext({
  build,
  consumer,
  folder,
}: DeclarationTarget): Inexpressible | undefined {
  return build && !build.decrypts
    ? {
        code: 'secret',
        // Of a place for Secrets of workloads, the tenant is not to blame.
        field: consumer ? 'consumer' : 'tenant',
        because: `The Kustomization that applies ${folder} does not decrypt`,
        instead:
          'give it spec.decryption with provider sops and the Secret of the age key, or the cluster would be sent ciphertext',
      }
    : undefined;
}

/**
 * The encrypted Secrets, when all of them are there and for the right readers. One that is not asks for all of them anew:
 * they hold the same key.
 */
export function sealSecrets(
  input: LayoutInput,
  access: AccessDeclared,
  wanted: WantedSecret[],
): { sealed: PlacedSecret[] } | { needs: SecretNeed[] } {
  const needs = wanted.map(secret => toNeed(input, access, secret));
  const sealed = findSealed(needs, input.change.sealed);
  return sealed ? { sealed } : { needs };
}

/**
 * Where a Secret will be, and for whom it is encrypted there.
 *
 * @throws Refused when it cannot be, or would not be decrypted
 */
function toNeed(
  { change, target, writer, writerFiles, snapshot }: LayoutInput,
  access: AccessDeclared,
  { holds, id, folder, base, path, slot }: WantedSecret,
): SecretNeed {
  const refuse = (message: string) =>
    new Refused('secret', message, {
      field: target.consumer ? 'consumer' : 'tenant',
    });
  if (!writer) {
    throw refuse('No way to encrypt Secrets is configured for this repository');
  }
  const ciphertext = whyCiphertext(target);
  if (ciphertext) {
    throw refuse(`${ciphertext.because}: ${ciphertext.instead}`);
  }
  const files = { ...snapshot.files, ...writerFiles };
  const paths = path
    ? [path]
    : writer
        .fileNames(base!)
        // Taken for a kustomization whatever is in it.
        .filter(name => !/^kustomization\.ya?ml$/i.test(name))
        .map(name => joinPath(folder!, name));
  const labels = { ...LABELS, ...slot.labels };
  const answers = paths.map(candidate => {
    const full: SecretSlot = { ...slot, id, path: candidate, labels };
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
function findSealed(
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
