import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../support/ports.js';

/**
 * What the printer does with a document: keeps it, then follows the orders of the test, one a line;
 * `STATE: …` and `ATTR: …` are ippeveprinter's own words.
 */
const command = `#!/bin/sh
cp "$1" "$PRINTED/part" && mv "$PRINTED/part" "$PRINTED/$(printf %03d "$(ls "$PRINTED" | wc -l)")"
[ -p "$ORDERS" ] || exit 0
while true; do
  while read -r order; do
    case $order in
      done) exit 0 ;;
      fail) exit 1 ;;
      *) echo "$order" >&2 ;;
    esac
  done <"$ORDERS"
done
`;

/**
 * Debian's ippeveprinter (cups-ipp-utils), the IPP Everywhere printer of CUPS. It does not start
 * without a D-Bus, though it registers nowhere: it gets one of its own, and needs no Avahi.
 */
export class EvePrinter {
  log = '';

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly bus: ChildProcess,
    private readonly address: string,
    private child: ChildProcess,
  ) {}

  static async start(): Promise<EvePrinter> {
    const folder = mkdtempSync(join(tmpdir(), 'mianzheng-printer-'));
    for (const name of ['spool', 'printed']) execFileSync('mkdir', [join(folder, name)]);
    writeFileSync(join(folder, 'print'), command, { mode: 0o755 });
    const bus = spawn(
      'dbus-daemon',
      ['--session', '--nofork', '--print-address=1', `--address=unix:dir=${folder}`],
      { stdio: ['ignore', 'pipe', 'ignore'], env: environment() },
    );
    const [address] = (await once(createInterface(bus.stdout), 'line')) as [string];
    const port = await freePort();
    const printer = new EvePrinter(port, folder, bus, address, bus);
    await printer.switchOn();
    return printer;
  }

  get uri(): string {
    return `ipp://127.0.0.1:${this.port}/ipp/print`;
  }

  /** A printer that was off has forgotten its jobs. */
  async switchOn(): Promise<void> {
    const { folder, port, address } = this;
    this.child = spawn(
      'ippeveprinter',
      // Spooled documents are kept by the command, so that those that were not printed are not.
      `-r off -n localhost -p ${port} -f application/pdf -v -d ${folder}/spool -c ${folder}/print KP`.split(
        ' ',
      ),
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          ...environment(),
          DBUS_SYSTEM_BUS_ADDRESS: address,
          HOME: folder,
          PRINTED: join(folder, 'printed'),
          ORDERS: join(folder, 'orders'),
        },
      },
    );
    this.child.stderr?.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    for (;;) {
      if (this.child.exitCode !== null) throw new Error(`ippeveprinter did not start: ${this.log}`);
      if (await this.page('/').then(Boolean, () => false)) return;
    }
  }

  async switchOff(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  /** From now on documents wait for orders. */
  takesOrders(): void {
    execFileSync('mkfifo', [join(this.folder, 'orders')]);
  }

  /** Resolves when the printer has read them. */
  order(...lines: readonly string[]): Promise<void> {
    return writeFile(join(this.folder, 'orders'), lines.map((line) => `${line}\n`).join(''));
  }

  /** From now on documents are printed at once. */
  takesNoOrders(): void {
    rmSync(join(this.folder, 'orders'), { force: true });
  }

  /** Sheets in the main tray; the form knows 250, 125, 50, 25, 5 and 0. */
  async sheets(count: 0 | 5 | 250): Promise<void> {
    await this.page(
      `/media?size1=iso_a4_210x297mm&type1=stationery&level1=${count}&size3=iso_dl_110x220mm&type3=envelope&level3=-2`,
    );
  }

  /** Percent of black toner. */
  async toner(percent: number): Promise<void> {
    await this.page(`/supplies?supply0=25&supply1=${percent}`);
  }

  /** Documents that came out, in their order. */
  printed(): readonly Buffer[] {
    const folder = join(this.folder, 'printed');
    return readdirSync(folder)
      .filter((name) => name !== 'part')
      .sort()
      .map((name) => readFileSync(join(folder, name)));
  }

  async stop(): Promise<void> {
    await this.switchOff();
    const ended = once(this.bus, 'exit');
    this.bus.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async page(path: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      headers: { connection: 'close' },
    });
    if (!response.ok) throw new Error(`the printer's form answered ${response.status}`);
    return response.text();
  }
}

/** Debian has it where only an administrator's PATH leads. */
const environment = () => ({ PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` });
