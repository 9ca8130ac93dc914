/** Peer (a): what node:http can do at most. Answers 202 and does nothing with the request. */
import { createServer } from "node:http";

const answer = Buffer.from(
  '{"success":true,"task_id":"00000000-0000-0000-0000-000000000000","status":"pending"}',
);

createServer((request, response) => {
  request.resume();
  response.writeHead(202, { "content-type": "application/json", "content-length": answer.length });
  response.end(answer);
}).listen(Number(process.argv[2]), "127.0.0.1", 4096);
