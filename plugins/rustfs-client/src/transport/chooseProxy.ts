import { BlockList, isIP } from 'node:net';
import { ConnectionOptionError } from './ConnectionOptionError';

type Environment = Record<string, string | undefined>;

const DEFAULT_PORTS: Record<string, string> = {
  'http:': '80',
  'https:': '443',
};

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * The proxy for an address: the configured one, or that of `HTTP_PROXY` or `HTTPS_PROXY` where `NO_PROXY` does not name
 * the address. The variables are read as Go does, so that one setting means the same to the portal, to kubectl and to
 * Flux; libraries for Node know no ranges (`10.0.0.0/8`), by which clusters name their services.
 *
 * @param configured - false: none, whatever the environment says
 * @throws ConnectionOptionError when what is set is not the address of a proxy
 */
export function chooseProxy(
  target: string,
  configured: string | false | undefined,
  environment: Environment,
): URL | undefined {
  if (configured !== undefined) {
    return configured === false
      ? undefined
      : parseProxy(configured, 'the configured proxy');
  }
  const url = new URL(target);
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const value = read(environment, name);
  return value && !isExcluded(url, read(environment, 'no_proxy'))
    ? parseProxy(value, name.toUpperCase())
    : undefined;
}

function read(environment: Environment, name: string): string {
  return (environment[name] || environment[name.toUpperCase()] || '').trim();
}

function parseProxy(value: string, where: string): URL {
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^(https?|socks5):$/.test(url.protocol) || !url.hostname) {
    // The value may hold a password.
    throw new ConnectionOptionError(
      `${where} is not the address of a proxy: expected one such as http://proxy.acme.org:3128`,
    );
  }
  return url;
}

function isExcluded(url: URL, exclusions: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || DEFAULT_PORTS[url.protocol];
  if (host === 'localhost' || contains(loopback, host)) {
    return true;
  }
  return exclusions
    .split(/[,\s]+/)
    .filter(Boolean)
    .some(entry => matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') {
    return true;
  }
  const [address, prefix] = entry.split('/');
  if (prefix !== undefined) {
    return isInRange(host, address, Number(prefix));
  }
  // An IPv6 address with a port stands in brackets.
  const [, bracketed, plain, entryPort] =
    isIP(entry) === 6
      ? [entry, entry, undefined, undefined]
      : /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain;
  if (!name || (entryPort && entryPort !== port)) {
    return false;
  }
  const domain = name.replace(/^\*?\./, '');
  const isItself = host === domain && domain === name;
  return isItself || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function isInRange(host: string, address: string, prefix: number): boolean {
  const range = new BlockList();
  try {
    range.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  } catch {
    return false;
  }
  return contains(range, host);
}

function contains(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
