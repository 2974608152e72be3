import { posix } from 'node:path';
import { SopsWriter } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { SecretWriterKind } from '@rustfs-portal/plugin-rustfs-node';

const writer = new SopsWriter();

/** SOPS with age: shown by a `.sops.yaml` where the engine decrypts, which also makes the Secrets. */
export const sopsKind: SecretWriterKind = {
  id: writer.id,
  manifestKind: writer.manifestKind,
  reads: path => writer.reads(path),
  isShownBy: ({ files, link }) =>
    writer.fits(link) === true &&
    Object.keys(files).some(path => posix.basename(path) === '.sops.yaml'),
  open: async () => writer,
};
