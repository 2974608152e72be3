import { AccessDeclared } from '@rustfs-portal/plugin-rustfs-common';
import {
  isCertificateRefusal,
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
 *
 * @throws Refused when one cannot be encrypted, or would be of no use
 */
export function sealSecrets(
  input: LayoutInput,
  access: AccessDeclared,
  wanted: WantedSecret[],
): { sealed: PlacedSecret[] } | { needs: SecretNeed[] } {
  const places = wanted.map(secret => toPlace(input, access, secret));
  const sealed = places.flatMap(({ placed }) => placed ?? []);
  if (sealed.length === places.length) {
    places.forEach(({ notes }) => notes.forEach(note => input.addNote(note)));
    return { sealed };
  }
  return {
    needs: places.map(({ need }) => {
      if ('refused' in need) {
        throw need.refused;
      }
      need.plan.notes?.forEach(note => input.addNote(note));
      return need;
    }),
  };
}

interface Place {
  /** To encrypt it anew, or why that cannot be. */
  need: SecretNeed | { refused: Refused };
  /** What was encrypted for it before and can be taken, with what whoever reviews it has to know. */
  placed?: PlacedSecret;
  notes: string[];
}

/**
 * Where a Secret will be, and for whom it is encrypted there.
 *
 * @throws Refused when it would be of no use
 */
function toPlace(
  input: LayoutInput,
  access: AccessDeclared,
  { holds, id, folder, base, file, slot }: WantedSecret,
): Place {
  const { change, target, writerFiles, snapshot } = input;
  const refuse = (message: string, waits = false) =>
    new Refused('secret', message, {
      field: target.consumer ? 'consumer' : 'tenant',
      ...(waits && { waits }),
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
    const full: SecretSlot = {
      ...slot,
      id,
      path: candidate,
      labels,
      ...(holds === 'discarded' && { isDiscarded: true }),
    };
    return { slot: full, answer: writer.check(full, files) };
  });
  const usable = answers.find(({ answer }) => !isSecretRefusal(answer));
  const [{ answer: first }] = answers;
  const plan = usable?.answer as SecretPlan | undefined;
  const isRefused = !usable && isSecretRefusal(first);
  const waits = isRefused && isCertificateRefusal(first);
  const need =
    usable && plan
      ? { slot: usable.slot, writer, plan, holds, access }
      : {
          refused: refuse(isRefused ? first.message : change.requestId, waits),
        };
  // Its reader is the same whichever of his certificates is the present one.
  const isStillRead =
    waits || (change.hasMergedKey && writer.opensOlder) || false;
  const candidates = usable && !isStillRead ? [usable] : answers;
  const found = candidates.flatMap(({ slot: candidate }) => {
    const one = findSealed(candidate, writer, change.sealed);
    return one ? [{ one, slot: candidate }] : [];
  })[0];
  const isSame =
    found && plan && found.one.recipients.join() === plan.recipients.join();
  return found && (isSame || isStillRead)
    ? {
        need,
        placed: { ...found.one, slot: found.slot, kind: writer.manifestKind },
        notes: isSame
          ? plan.notes ?? []
          : [
              `Sealed for ${
                writer.readers
              }, with a certificate that is not its present one: ${found.one.recipients.join(
                ', ',
              )}.`,
            ],
      }
    : { need, notes: [] };
}

/** Whoever wrote what is there writes it again: what else the place has come to use does not matter to it. */
function writerOf(
  { otherWriters, writer }: LayoutInput,
  { kind }: Pick<RenderedObject, 'kind'>,
): SecretWriter | undefined {
  return [writer, ...otherWriters].find(one => one?.manifestKind === kind);
}

/** What was encrypted for a slot; undefined when that has another place or writer by now. */
function findSealed(
  slot: SecretSlot,
  writer: SecretWriter,
  sealed: SealedSecret[] = [],
): SealedSecret | undefined {
  return sealed.find(
    one =>
      one.id === slot.id && one.path === slot.path && one.writer === writer.id,
  );
}
