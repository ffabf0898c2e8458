import { startPostgres } from './helpers/postgres.ts';
import { writeFileSync } from 'node:fs';
const pg = await startPostgres({ flags: (process.env.PGFLAGS ?? '').split(' ').filter(Boolean) });
writeFileSync(process.env.OUT ?? '/tmp/pgw/url', pg.url);
process.on('SIGTERM', async () => { await pg[Symbol.asyncDispose](); process.exit(0); });
setInterval(() => {}, 1000);
