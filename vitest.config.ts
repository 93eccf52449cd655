import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Four kinds of test, found by where they live (CONTRIBUTING.md, "Where tests live").
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["{packages,tooling}/*/src/**/*.test.ts"] } },
      {
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["packages/*/{src,test}/**/*.test-d.ts"],
            // No more than they need: errors outside of the type tests are for `pnpm types` to tell.
            tsconfig: "./tsconfig.test-d.json",
            ignoreSourceErrors: true,
          },
        },
      },
      {
        test: {
          name: "service",
          globalSetup: ["./tooling/test-kit/src/vitest-redis.ts"],
          include: ["{packages,tooling,examples}/*/test/**/*.test.ts"],
          // These wait more than they compute.
          maxWorkers: Math.max(3, availableParallelism()),
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          globalSetup: ["./tooling/test-kit/src/vitest-redis.ts"],
          include: ["test/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Each of them waits half of its time.
          maxWorkers: 2,
        },
      },
    ],
  },
});
