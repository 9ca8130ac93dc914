import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { optionsTable, withOptionsTable } from "../../src/config/document.ts";
import { flagOf, keyOf, variableOf } from "../../src/config/option.ts";
import { OPTIONS } from "../../src/config/options.ts";
import { GENERATED, present } from "./generated.ts";

describe("what is made from the options table is up to date", () => {
  for (const { path, make } of GENERATED) {
    const isLater = path === "README.md" && present(path) === "" && "there is no README yet";
    test(path, { skip: isLater }, () => {
      const made = make(present(path));
      assert.notEqual(made, null, `${path} needs <!-- options:start --> and <!-- options:end -->`);
      assert.equal(made, present(path), `${path} is stale: run node test/config/generated.ts`);
    });
  }
});

test("the page names every option in its three spellings", () => {
  const page = present("docs/configuration.md");
  for (const option of OPTIONS) {
    for (const spelling of [`### ${flagOf(option)}\n`, `\`${variableOf(option)}=`]) {
      assert.ok(page.includes(spelling), spelling);
    }
    if (option.notInFile !== true) assert.ok(page.includes(`\`${keyOf(option)}: `), keyOf(option));
  }
});

test("the table stands between its markers and nothing else changes", () => {
  const page = "# A\n<!-- options:start -->\nold\n<!-- options:end -->\nend $1\n";
  const made = withOptionsTable(page);
  assert.equal(made, `# A\n<!-- options:start -->\n\n${optionsTable()}\n\n<!-- options:end -->\nend $1\n`);
  assert.equal(withOptionsTable(made), made);
  assert.equal(withOptionsTable("# A\n"), null);
});
