import { expect, test } from "vitest";
import { launchChromium } from "@streambed/test-kit";

// The first run on a machine may install the browser.
test("a browser runs scripts", { timeout: 180_000 }, async () => {
  await using browser = await launchChromium();
  const page = await browser.newPage();
  await page.setContent(
    "<h1>before</h1><script>document.querySelector('h1').textContent = 'after'</script>",
  );
  expect(await page.textContent("h1")).toBe("after");
});
