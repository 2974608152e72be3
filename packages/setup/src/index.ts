import { main } from './main';

void main({
  args: process.argv.slice(2),
  environment: process.env,
  print: line => process.stdout.write(`${line}\n`),
}).then(exitCode => {
  // Idle connections are kept open for a while, and nothing more is to be done.
  process.exit(exitCode);
});
