import { ForgeError } from '../../types';

/** Says what an answer means that the forge did not give. */
export function explainForeign(seen: {
  /** Of the kind of forge: `Gitea`. */
  title: string;
  host: string;
  /** `POST contents` */
  call: string;
  status: number;
}): ForgeError {
  const { title, host, call, status } = seen;
  return new ForgeError(
    'unexpected',
    `${host} answered ${status} to ${call}, and that is not an answer of ${title}'s API; let the calls of the portal pass the proxy or sign-in page before it, and check baseUrl in rustfs.forges. The rights of its user are not the cause`,
  );
}
