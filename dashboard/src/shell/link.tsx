import { Anchor, type AnchorProps } from "@mantine/core";
import { createLink, type LinkComponent } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode, Ref } from "react";

type Props = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps> &
  AnchorProps & { readonly ref?: Ref<HTMLAnchorElement> };

function Styled(props: Props): ReactNode {
  return <Anchor size="sm" {...props} />;
}

const Linked = createLink(Styled);

/** A link to another view, whose path and parameters are checked by the compiler. */
export const ViewLink: LinkComponent<typeof Styled> = (props) => <Linked {...props} />;
