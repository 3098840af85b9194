/** A new UUID version 7 (RFC 9562 §5.7): time-ordered, so that indexes grow at their end. */
export function newId(now: number = Date.now()): string {
  const milliseconds = now.toString(16).padStart(12, '0');
  // The variant bits and 74 random ones are those of a version 4.
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
