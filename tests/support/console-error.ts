import { afterEach, beforeEach, expect, type MockInstance, vi } from 'vitest';

let spy: MockInstance<typeof console.error>;

beforeEach(() => {
  spy = vi.spyOn(console, 'error');
});

// Something that a person would have to look at, so the test has not passed. What is expected is taken back by the test
// with its own spy.
afterEach(() => {
  const messages = spy.mock.calls.map((call) => call.map(String).join(' '));
  spy.mockRestore();
  expect(messages, 'console.error was called').toEqual([]);
});
