import { BlockList, isIP, isIPv6 } from "node:net";

/** What is wrong with a value, in words that follow "must", or null when nothing is. */
type Flaw = string | null;

/** A host alone: a name, an IPv4 address, or an IPv6 address with or without brackets. */
export function flawOfHost(text: string): Flaw {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return "be a host alone; a whole URL goes to --target";
  if (isIPv6(stripBrackets(text)))
    return text.includes("%") ? "not name a zone (RFC 6874 is not supported)" : null;
  if (/^[^:]+:\d+$/.test(text) || /^\[.*\]:\d+$/.test(text)) return "be a host alone, without a port";
  const url = URL.canParse(`http://${text}/`) ? new URL(`http://${text}/`) : null;
  // The parser is lenient about what it reads as a host; what it would read as anything else is refused here.
  if (url === null || /[\s/\\?#@:[\]]/.test(text)) return "be a host name or an IP address";
  return null;
}

/** The base URL of a target. */
export function flawOfTargetUrl(text: string): Flaw {
  // WHATWG parsing forgives backslashes, missing slashes, tabs and newlines; a base that is not what it seems is refused.
  if (!/^https?:\/\/[^/]/i.test(text)) return "begin with http:// or https:// and a host";
  if (/[\s\\]/.test(text) || !URL.canParse(text)) return "be a URL such as http://192.168.1.100:8000";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    return "not carry a user name or password (they would show in logs; have clients send Authorization, which is forwarded)";
  }
  if (/[?#]/.test(text)) return "not have a query or fragment (those of each request are forwarded)";
  if (url.port === "0") return "not have port 0";
  return null;
}

/** `http://host:port`, with brackets where IPv6 needs them. */
export function urlOf(host: string, port: number): URL {
  const name = stripBrackets(host);
  return new URL(`http://${isIPv6(name) ? `[${name}]` : name}:${port}`);
}

export function stripBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether listening there is out of reach for other machines. A name counts when it is reserved for loopback (RFC 6761 6.3). */
export function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return host === "localhost" || host.endsWith(".localhost");
  return LOOPBACK.check(host, version === 6 ? "ipv6" : "ipv4");
}
