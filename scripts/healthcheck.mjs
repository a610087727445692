// Ends with 0 when the service of this container is ready, and says what is not when it is not. For
// the HEALTHCHECK of images that have no curl.
const port = process.env.PORT ?? '8080';
const patienceMs = 4000;

try {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, {
    signal: AbortSignal.timeout(patienceMs),
  });
  process.stdout.write(`${await answer.text()}\n`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  process.stdout.write(`no answer on port ${port}: ${error.cause?.code ?? error.name}\n`);
  process.exitCode = 1;
}
