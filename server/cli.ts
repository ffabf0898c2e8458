/** `oauth-apps`: the program as a process. */
import { runWords } from './commands/program.ts';
import { errorMessage } from './process/error-message.ts';

// Node itself would print the whole error, with the values that it quotes.
process.on('uncaughtException', (error) => {
  console.error(errorMessage(error));
  process.exit(1);
});
process.exitCode = await runWords(process.argv.slice(2));
