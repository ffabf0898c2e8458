import type { RequestHandler } from 'express';
import { withinTime } from '../store/deadline.ts';

/** A client hears of a database that does not answer within five seconds, whatever its request needs of it. */
const storeMilliseconds = 4_000;

/** Gives each request so much time with the store: the time that its body takes to arrive does not count. */
export const limitTime: RequestHandler = (_req, _res, next) => withinTime(storeMilliseconds, next);
