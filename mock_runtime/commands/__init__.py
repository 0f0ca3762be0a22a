"""Commands that put the fake in the way of programs which know nothing of it. Imported when they are named."""
