import { X509Certificate } from 'node:crypto';
import { ConnectionOptionError } from './ConnectionOptionError';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Sees that a text holds certificates, as TLS itself silently trusts nobody where it does not understand one.
 *
 * @param pem - one or more certificates
 * @returns the certificates and nothing else that stands between them
 * @throws ConnectionOptionError when there is none, or one that cannot be read
 * @public
 */
export function readCertificates(pem: string): string {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) {
    throw new ConnectionOptionError(
      'expected a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----',
    );
  }
  blocks.forEach((block, index) => {
    try {
      // Only made to see that it can be.
      return new X509Certificate(block);
    } catch {
      throw new ConnectionOptionError(
        `expected certificates in PEM, number ${index + 1} of ${
          blocks.length
        } cannot be read`,
      );
    }
  });
  return `${blocks.join('\n')}\n`;
}
