#!/usr/bin/env node
// A client's key without this repository: copy this one file to the machine where the client
// stands, and run it with any Node from 20 on. node new-key.mjs window-7.jwk writes the private key
// (JWK, Ed25519), mode 0600, and prints its public half The same as `mianzheng keys new`. The
// request by which the key is registered is made with `mianzheng keys prove`, or by the program
// that holds the key (docs/operations/start.md, "Adding a department, a window, an authority").
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const [file, ...more] = process.argv.slice(2);
if (file === undefined || file.startsWith('-') || more.length > 0) {
  process.stderr.write('Usage: node new-key.mjs FILE\n');
  process.exit(2);
}
const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
try {
  writeFileSync(file, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flag: 'wx' });
} catch (error) {
  process.stderr.write(
    error.code === 'EEXIST'
      ? `${file} exists; it is left as it is\n`
      : `${file} cannot be written (${error.code})\n`,
  );
  process.exit(1);
}
const { kty, crv, x } = jwk;
process.stdout.write(`${JSON.stringify({ kty, crv, x })}\n`);
