import { Box, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Something that is known, under its name. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <Box component="div">
      <Text component="dt" size="xs" c="dimmed" mb={2}>
        {name}
      </Text>
      <Box component="dd" m={0}>
        {children}
      </Box>
    </Box>
  );
}
