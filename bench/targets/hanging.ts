/** A target that takes every request and never answers: with it, only intake and storing are measured. */
import { createServer } from "node:http";

const server = createServer({ requestTimeout: 0 }, (request) => request.resume());
server.listen(Number(process.argv[2]), "127.0.0.1");
