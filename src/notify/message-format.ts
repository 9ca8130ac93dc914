import { createHmac } from "node:crypto";
import type { MessageFormat } from "../config/config.ts";
import type { Notice } from "./notice.ts";

/** Every title begins with it, so that a robot that asks for a keyword (DingTalk, Feishu) has one. */
const KEYWORD = "Headgate";

/** The bytes of a message. They are made once: every try sends the same. */
export function formatNotice(said: Notice, format: MessageFormat): string {
  const notice = { ...said, title: `${KEYWORD}: ${said.title}` };
  switch (format) {
    case "standard":
      return JSON.stringify({ type: notice.type, timestamp: notice.timestamp, data: notice.data });
    case "slack":
      return JSON.stringify({ text: slackText(notice) });
    case "dingtalk": {
      const text = markdown(notice, "\n\n");
      return JSON.stringify({ msgtype: "markdown", markdown: { title: notice.title, text } });
    }
    case "feishu":
      return JSON.stringify({ msg_type: "post", content: { post: { zh_cn: feishuPost(notice) } } });
    case "wecom":
      return JSON.stringify({
        msgtype: "markdown",
        markdown: { content: cut(markdown(notice, "\n"), WECOM_BYTES) },
      });
    default:
      return format satisfies never;
  }
}

/** Slack's three characters with a meaning; the rest is text. */
function slackText({ title, facts }: Notice): string {
  const escape = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return [`*${escape(title)}*`, ...facts.map(([name, text]) => `${escape(name)}: ${escape(text)}`)].join(
    "\n",
  );
}

function markdown({ title, facts }: Notice, between: string): string {
  const lines = facts.map(([name, text]) => `> ${plain(name)}: ${plain(text)}`);
  return [`### ${plain(title)}`, ...lines].join(between);
}

/**
 * A path or a label must not become a link, a mention, a colour or a line of its own. Neither chat has a way to escape: WeCom
 * would show the backslashes. So what has a meaning is replaced by its full-width twin.
 */
function plain(text: string): string {
  return text
    .replaceAll(/[\r\n]+/g, " ")
    .replaceAll(/[[\]<>`*@]/g, (mark) => String.fromCharCode(mark.charCodeAt(0) + FULL_WIDTH));
}

/** From U+0021 to U+FF01. */
const FULL_WIDTH = 0xfee0;

function feishuPost({ title, facts }: Notice): object {
  return { title, content: facts.map(([name, text]) => [{ tag: "text", text: `${name}: ${text}` }]) };
}

/** WeCom takes so much and refuses more. */
const WECOM_BYTES = 4_096;

function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  return `${encoded
    .subarray(0, bytes - 4)
    .toString()
    .replace(/\uFFFD+$/, "")}…`;
}

/** What a chat wants with each message to believe that it is from us. */
export interface Signed {
  readonly url: URL;
  readonly body: string;
}

/**
 * Signs as the chat's robot asks for: DingTalk in the URL, Feishu in the message. Others have their secret in the URL
 * itself.
 */
export function signForChat(
  format: MessageFormat,
  secret: string | null,
  { url, body }: Signed,
  now: number,
): Signed {
  if (secret === null) return { url, body };
  if (format === "dingtalk") {
    const signed = new URL(url);
    const sign = createHmac("sha256", secret).update(`${now}\n${secret}`).digest("base64");
    signed.searchParams.set("timestamp", String(now));
    signed.searchParams.set("sign", sign);
    return { url: signed, body };
  }
  if (format === "feishu") {
    const timestamp = String(Math.floor(now / 1_000));
    // The text is the key here, and nothing is signed with it.
    const sign = createHmac("sha256", `${timestamp}\n${secret}`).digest("base64");
    return { url, body: JSON.stringify({ timestamp, sign, ...(JSON.parse(body) as object) }) };
  }
  return { url, body };
}
