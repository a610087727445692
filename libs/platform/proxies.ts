import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * The trusted proxies before a process: only their statements about addresses are believed. A proxy
 * that adds none counts addresses itself, as a city's outermost does.
 */
export class Proxies {
  readonly #known = new BlockList();

  /**
   * @param spelled addresses and networks (`10.0.0.7`, `10.0.0.0/8`, `fd00::/8`) with commas
   *   between them. @returns null where one is neither
   */
  static read(spelled: string): Proxies | null {
    const proxies = new Proxies();
    for (const each of spelled.split(',').map((text) => text.trim()))
      if (each !== '' && !proxies.#add(each)) return null;
    return proxies;
  }

  #add(spelled: string): boolean {
    const [, address = '', , bits] = /^([0-9a-fA-F.:]+)(\/(\d{1,3}))?$/.exec(spelled) ?? [];
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    if (version === 0 || Number(bits ?? most) > most) return false;
    this.#known.addSubnet(address, Number(bits ?? most), version === 4 ? 'ipv4' : 'ipv6');
    return true;
  }

  /**
   * The address that a request comes from; for IPv6 its /64, which is one subscriber's. Null where
   * a proxy counts it.
   */
  addressOf({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string | null {
    const peer = plain(socket.remoteAddress ?? '');
    if (!this.#has(peer)) return counted(peer);
    const said = headers['x-forwarded-for'];
    // Each proxy appends the address that it sees: entries before the last untrusted one can be
    // forged.
    const last = (Array.isArray(said) ? said.join(',') : (said ?? ''))
      .split(',')
      .map((text) => plain(text.trim()))
      .reverse()
      .find((address) => !this.#has(address));
    return last === undefined || isIP(last) === 0 ? null : counted(last);
  }

  #has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#known.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** A socket that listens on both families writes IPv4 as `::ffff:192.0.2.1`. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');

function counted(address: string): string {
  if (isIP(address) !== 6) return address;
  const [before = '', after] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = before.split(':').filter((group) => group !== '');
  const ends = after?.split(':').filter((group) => group !== '') ?? [];
  const zeros = after === undefined ? 0 : 8 - groups.length - ends.length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...ends]
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}
