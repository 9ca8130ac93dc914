import { Code, Image, SegmentedControl, Stack, Text } from "@mantine/core";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useTexts } from "../../i18n/language.tsx";
import { TASK } from "../../i18n/task.ts";
import { useFormat } from "../../i18n/use-format.ts";
import { toHex, toPrettyJson, toText } from "./body-text.ts";

interface BodyViewProps {
  /** The first bytes, or all. */
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly size: number;
}

/** Pictures that are nothing but pictures; SVG can hold a script. */
const PICTURE = /^image\/(?:png|jpeg|gif|webp|avif)\b/i;

/** A body as people read it: as JSON with its lines indented, as text, as a picture, or as hex. All of it is text. */
export function BodyView({ bytes, type, size }: BodyViewProps): ReactNode {
  const words = useTexts(TASK);
  const format = useFormat();
  const text = useMemo(() => toText(bytes), [bytes]);
  const json = useMemo(() => (text === null ? null : toPrettyJson(text)), [text]);
  const isPicture = PICTURE.test(type) && bytes.byteLength === size;
  const ways = [
    ...(isPicture ? [{ value: "image", label: words.image }] : []),
    ...(json === null ? [] : [{ value: "json", label: words.json }]),
    ...(text === null ? [] : [{ value: "text", label: words.text }]),
    { value: "hex", label: words.hex },
  ];
  const [chosen, choose] = useState<string | null>(null);
  const way = chosen ?? ways[0]?.value ?? "hex";
  return (
    <Stack gap="xs">
      {ways.length > 1 && (
        <SegmentedControl
          size="xs"
          w="fit-content"
          data={ways}
          value={way}
          onChange={choose}
          aria-label={words.body}
        />
      )}
      {way === "image" ? (
        <Picture bytes={bytes} type={type} />
      ) : (
        <Code
          block
          mah={420}
          style={{ overflow: "auto", overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}
          tabIndex={0}
        >
          {way === "json" ? json : way === "text" ? text : toHex(bytes)}
        </Code>
      )}
      {bytes.byteLength < size && (
        <Text size="xs" c="dimmed">
          {words.truncated(format.bytes(size))}
        </Text>
      )}
    </Stack>
  );
}

/** The policy of the page lets `data:` pictures through, and no others from elsewhere. */
function Picture({ bytes, type }: Pick<BodyViewProps, "bytes" | "type">): ReactNode {
  const words = useTexts(TASK);
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const reader = new FileReader();
    reader.addEventListener("load", () => typeof reader.result === "string" && setUrl(reader.result));
    reader.readAsDataURL(new Blob([bytes as BlobPart], { type: type.split(";", 1)[0] ?? "" }));
  }, [bytes, type]);
  return <Image src={url} alt={words.image} w="auto" maw="min(100%, 520px)" fit="contain" radius="md" />;
}
