import type { Metadata } from "next";
import type { ReactNode } from "react";
import "@streambed/example-kit/chat.css";

export const metadata: Metadata = { title: "Streambed on Next.js" };

export default function Layout({ children }: { children: ReactNode }): ReactNode {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
