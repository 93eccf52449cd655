declare namespace App {
  interface Locals {
    /** Who asks; their chats' ids begin with it. */
    visitor: string;
  }
}
