import { exerciseStore } from "./exercise-store.ts";
import { openOnDisk } from "./folders.ts";

exerciseStore("sqlite", openOnDisk);
