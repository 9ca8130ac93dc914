/** A target for large bodies: POST counts what arrives, GET /?bytes=n streams n bytes back. */
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";

const piece = Buffer.alloc(65_536, "headgate");

createServer({ requestTimeout: 0 }, (request, response) => {
  const bytes = Number(new URL(request.url ?? "/", "http://target").searchParams.get("bytes"));
  if (request.method === "GET") return stream(response, bytes);
  response.setHeader("content-type", "application/json");
  let received = 0;
  request.on("data", (chunk: Buffer) => (received += chunk.length));
  request.on("end", () => response.end(JSON.stringify({ received })));
}).listen(Number(process.argv[2]), "127.0.0.1");

function stream(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes });
  let left = bytes;
  const fill = (): void => {
    while (left > 0) {
      const chunk = left < piece.length ? piece.subarray(0, left) : piece;
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once("drain", fill);
    }
    response.end();
  };
  fill();
}
