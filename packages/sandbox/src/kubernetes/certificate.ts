import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { LOOPBACK } from '../loopback';

/** A certificate that stands for itself, with its key; both PEM. */
export interface Certificate {
  certificate: string;
  privateKey: string;
}

const TEN_YEARS_IN_DAYS = 3650;

/**
 * The certificate of a cluster: made once and kept with its data, so that a kubeconfig stays good over restarts.
 */
export function loadCertificate(dataDir: string): Certificate {
  const certificateFile = join(dataDir, 'tls.crt');
  const keyFile = join(dataDir, 'tls.key');
  if (!existsSync(certificateFile) || !existsSync(keyFile)) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    // Not passed as a literal: the library takes a key pair, its types do not say so.
    const options = {
      algorithm: 'sha256',
      keyPair: { privateKey, publicKey },
      days: TEN_YEARS_IN_DAYS,
      extensions: [
        { name: 'basicConstraints', cA: true },
        {
          name: 'subjectAltName',
          // 2 is a DNS name, 7 an IP address (RFC 5280).
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 2, value: 'kubernetes' },
            { type: 7, ip: LOOPBACK },
          ],
        },
      ],
    };
    const { cert, private: key } = generate(
      [{ name: 'commonName', value: 'kubernetes' }],
      options,
    );
    writeFileSync(keyFile, key, { mode: 0o600 });
    writeFileSync(certificateFile, cert);
  }
  return {
    certificate: readFileSync(certificateFile, 'utf8'),
    privateKey: readFileSync(keyFile, 'utf8'),
  };
}
