import { exerciseStore } from "./exercise-store.ts";
import { openInMemory } from "./folders.ts";

exerciseStore("memory", openInMemory, 20);
