// Loaded into every service before anything else (`node -r`): ends it when the process that started it is gone, however
// that ended. The pipe to standard input closes with that process, even when it was killed.
if (process.env.PORTAL_STARTED) {
  // Not for the programs that the service starts in its turn: they have another standard input.
  delete process.env.PORTAL_STARTED;
  const end = () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10_000).unref();
  };
  process.stdin.on('end', end).on('error', end).resume();
  process.stdin.unref?.();
}
