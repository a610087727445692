import { randomInt, randomUUID } from 'node:crypto';
import { creditCodeCheck } from '#libs/kernel';
import type { Person } from './people.js';
import { Client } from './stage.js';

/**
 * Who plays, and what they know of each other: client ids, certificates, enrolled phones. Keys stay
 * in the clients' processes.
 */
export class City {
  readonly administrator: Client;
  readonly police: Client;
  readonly labour: Client;
  readonly windowOne: Client;
  readonly windowTwo: Client;
  readonly department: Client;
  readonly auditor: Client;
  /** Phones by the number of the person in `people`. */
  readonly phones = new Map<number, Client>();
  /** Client ids by role. */
  readonly ids = new Map<Client, string>();
  /** Certificates by `person/type`. */
  readonly certificates = new Map<string, string>();
  /** Tells this run's windows and authorities from those of other runs. */
  readonly run = randomUUID().slice(0, 8);
  readonly policeCode = inventCreditCode();
  readonly labourCode = inventCreditCode();

  constructor(
    readonly baseUrl: string,
    readonly keyFile: string,
    readonly people: readonly Person[],
  ) {
    this.administrator = Client.start('administrator', 'administrator', baseUrl);
    this.police = Client.start('authority', 'issuing authority 公安', baseUrl);
    this.labour = Client.start('authority', 'issuing authority 人社', baseUrl);
    this.windowOne = Client.start('terminal', 'window 1', baseUrl);
    this.windowTwo = Client.start('terminal', 'window 2', baseUrl);
    this.department = Client.start('terminal', "医保's system", baseUrl);
    this.auditor = Client.start('auditor', 'auditor', baseUrl);
  }

  person(n: number): Person {
    const person = this.people[n];
    if (person === undefined) throw new RangeError(`there is no person ${n}`);
    return person;
  }

  startPhone(n: number): Client {
    const phone = Client.start('phone', `phone of holder ${n}`, this.baseUrl);
    this.phones.set(n, phone);
    return phone;
  }

  phone(n: number): Client {
    const phone = this.phones.get(n);
    if (phone === undefined) throw new RangeError(`holder ${n} has no phone`);
    return phone;
  }

  certificate(n: number, type: string): string {
    const certificate = this.certificates.get(`${n}/${type}`);
    if (certificate === undefined) throw new RangeError(`holder ${n} has no ${type}`);
    return certificate;
  }

  /** Clients of this run are shut out again, and their processes end. */
  async leave(): Promise<void> {
    for (const client of this.ids.values()) await this.administrator.ask('disable', { client });
    for (const client of [
      this.administrator,
      this.police,
      this.labour,
      this.windowOne,
      this.windowTwo,
      this.department,
      this.auditor,
      ...this.phones.values(),
    ])
      client.stop();
  }
}

/**
 * A made-up credit code with a right check: organisation codes of the demo begin with letters that
 * no registrar gives out in a row.
 */
function inventCreditCode(): string {
  const first17 = `11990000DEMA${randomInt(10_000, 100_000)}`;
  return first17 + (creditCodeCheck(first17) ?? '');
}
