import { AccessDeclared } from '@rustfs-portal/plugin-rustfs-common';
import {
  isSecretRefusal,
  SealedSecret,
  SecretNeed,
  SecretPlan,
  SecretSlot,
  SecretWriter,
} from '../../../secrets';
import { RenderedObject } from '../../kustomize/RenderedObject';
import { joinPath } from '../../paths';
import { Refused } from '../../Refused';
import { LayoutInput } from '../Layout';
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
  /** Of one that is there already: its file, and what lies in it. */
  file?: Pick<RenderedObject, 'path' | 'kind'>;
}

/** A Secret as it was encrypted for its place. */
export type PlacedSecret = SealedSecret & {
  slot: SecretSlot;
  /** Of the object that is written for it. */
  kind: string;
};

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
 * @throws Refused when it cannot be, or would be of no use
 */
function toNeed(
  input: LayoutInput,
  access: AccessDeclared,
  { holds, id, folder, base, file, slot }: WantedSecret,
): SecretNeed {
  const { change, target, writerFiles, snapshot } = input;
  const refuse = (message: string) =>
    new Refused('secret', message, {
      field: target.consumer ? 'consumer' : 'tenant',
    });
  const writer = file ? writerOf(input, file) : input.writer;
  if (!writer) {
    throw refuse(
      file
        ? `${file.path} holds a ${file.kind}, and nothing writes one here: the platform team says in rustfs.clusters or rustfs.consumers what does`
        : 'No way to encrypt Secrets is configured for this repository',
    );
  }
  const fits = writer.fits(target);
  if (fits !== true) {
    throw refuse(`${fits.because}: ${fits.instead}`);
  }
  const files = { ...snapshot.files, ...writerFiles };
  const paths = file
    ? [file.path]
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
  const plan = usable.answer as SecretPlan;
  plan.notes?.forEach(note => input.addNote(note));
  return { slot: usable.slot, writer, plan, holds, access };
}

/** Whoever wrote what is there writes it again: what else the place has come to use does not matter to it. */
function writerOf(
  { otherWriters, writer }: LayoutInput,
  { kind }: Pick<RenderedObject, 'kind'>,
): SecretWriter | undefined {
  return [writer, ...otherWriters].find(one => one?.manifestKind === kind);
}

/** What was encrypted for all of the needs; undefined when one has another place, writer or other readers by now. */
function findSealed(
  needs: SecretNeed[],
  sealed: SealedSecret[] = [],
): PlacedSecret[] | undefined {
  const found = needs.map(({ slot, plan, writer }) => {
    const one = sealed.find(({ id }) => id === slot.id);
    return one &&
      one.path === slot.path &&
      one.writer === writer.id &&
      one.recipients.join() === plan.recipients.join()
      ? { ...one, slot, kind: writer.manifestKind }
      : undefined;
  });
  return found.every(one => one !== undefined) ? found : undefined;
}
