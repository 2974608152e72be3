import { InputError } from '@backstage/errors';
import {
  ConnectionOptionError,
  createTransport,
  Transport,
  TransportOptions,
} from '@rustfs-portal/plugin-rustfs-client';

/**
 * The way to one upstream.
 *
 * @param upstream - what it is, for words: `tenant atlas/storage/media of rustfs.tenants`
 * @throws InputError when what is configured, or set in the environment, is not the address of a proxy
 */
export function openTransport(
  upstream: string,
  options: TransportOptions,
): Transport {
  try {
    return createTransport(options);
  } catch (error) {
    if (error instanceof ConnectionOptionError) {
      throw new InputError(`No way to ${upstream}: ${error.message}`);
    }
    throw error;
  }
}
