import { posix } from 'node:path';
import { SopsWriter } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { SecretWriterKind } from '@rustfs-portal/plugin-rustfs-node';

const writer = new SopsWriter();

/** Where layouts put Secrets, below the folder of a place. */
const SECRET_FOLDERS = /^(secrets|consumers(\/[^/]+)?)$/;

/** SOPS with age: shown by a `.sops.yaml` where the engine decrypts, which also makes the Secrets. */
export const sopsKind: SecretWriterKind = {
  id: writer.id,
  manifestKind: writer.manifestKind,
  reads: path => writer.reads(path),
  isShownBy: ({ files, link }) => {
    if (writer.fits(link) !== true) {
      return false;
    }
    const rules = Object.keys(files)
      .filter(path => posix.basename(path) === '.sops.yaml')
      .map(path => posix.dirname(path));
    return (
      rules.length > 0 &&
      [link.folder, ...foldersOfTenants(files)].some(place =>
        rules.some(folder => decidesIn(place, folder)),
      )
    );
  },
  open: async () => writer,
};

/** With an operator, Secrets lie beside the manifest, which may be in a part of the folder. */
function foldersOfTenants(files: Record<string, { content: string }>) {
  return Object.entries(files)
    .filter(([, { content }]) => /^kind:\s*["']?Tenant\b/m.test(content))
    .map(([path]) => posix.dirname(path));
}

/** Whether a rule in a folder decides about Secrets of the place: one above it does, and one of another thing below it does not. */
function decidesIn(place: string, folder: string): boolean {
  const relative = posix.relative(
    posix.join('/', place),
    posix.join('/', folder),
  );
  return /^(\.\.(\/|$))*$/.test(relative) || SECRET_FOLDERS.test(relative);
}
