import { X509Certificate } from 'node:crypto';
import { SecretRefusal } from '../SecretWriter';

const DAY_MS = 86_400_000;

/** The controller's certificates are valid for ten years: one that ends in this time was made by somebody else, or forgotten. */
const SOON_MS = 30 * DAY_MS;

/** What is sealed lies in Git for as long as anybody keeps a copy of it. */
const MIN_KEY_BITS = 2048;

/** A certificate for which values can be sealed. */
export interface UsableCertificate {
  key: X509Certificate['publicKey'];
  /** Tells it from another one of the same controller. */
  fingerprint: string;
  /** The last day on which it can be used, if that is soon. */
  endsSoon?: string;
}

/**
 * The certificate of a sealed-secrets controller, as its `/v1/cert.pem` and `kubeseal --fetch-cert` give it; where there are
 * several, the first.
 *
 * @param from - where it is from, for words: `clusters/atlas/sealed-secrets.pem`
 */
export function readCertificate(
  pem: string,
  {
    from,
    isDiscarded,
    now,
  }: {
    from: string;
    now: Date;
    /** For what nobody need read: one that has expired will do. */
    isDiscarded?: boolean;
  },
): UsableCertificate | SecretRefusal {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return {
      code: 'certificate-unusable',
      message: `${capital(
        from,
      )} is no certificate: put the answer of kubeseal --fetch-cert there`,
    };
  }
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyType !== 'rsa') {
    return {
      code: 'certificate-unusable',
      message: `${capital(from)} has a key of type ${
        publicKey.asymmetricKeyType
      }, and sealed-secrets seals with RSA: put the answer of kubeseal --fetch-cert there`,
    };
  }
  const begins = new Date(certificate.validFrom);
  const ends = new Date(certificate.validTo);
  if (ends <= now && !isDiscarded) {
    return {
      code: 'certificate-expired',
      message: `${capital(from)} has expired on ${dayOf(
        ends,
      )}, so nothing is sealed for it any more: the platform team has the sealed-secrets controller make a new key, which it does every 30 days by itself, and puts the new certificate there, where a copy is kept`,
    };
  }
  const { modulusLength = 0 } = publicKey.asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_KEY_BITS) {
    return {
      code: 'certificate-unusable',
      message: `${capital(
        from,
      )} has an RSA key of ${modulusLength} bits, which is not safe, since what is sealed stays in Git: the controller's own have 4096. Have it make a new key, and put the answer of kubeseal --fetch-cert there`,
    };
  }
  if (begins.getTime() > now.getTime() + DAY_MS) {
    return {
      code: 'certificate-unusable',
      message: `${capital(from)} is valid from ${dayOf(
        begins,
      )} only: see that the clocks of the cluster and of the portal are right`,
    };
  }
  return {
    key: publicKey,
    fingerprint: certificate.fingerprint256,
    ...(!isDiscarded &&
      ends.getTime() - now.getTime() < SOON_MS && { endsSoon: dayOf(ends) }),
  };
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
