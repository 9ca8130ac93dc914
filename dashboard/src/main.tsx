import { MantineProvider } from "@mantine/core";
import "@mantine/core/styles.css";
import { createRoot } from "react-dom/client";

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <MantineProvider defaultColorScheme="auto" getStyleNonce={() => nonce}>
      Headgate
    </MantineProvider>,
  );
}
