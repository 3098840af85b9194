/** Pictures made of dots alone: what a browser draws of them can neither run nor load anything. */
export type ImageType = 'image/png' | 'image/jpeg' | 'image/webp';

export const LARGEST_IMAGE = 256 * 1024;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];

const begins = (bytes: Uint8Array, with_: readonly number[]) => with_.every((byte, at) => bytes[at] === byte);
const wordAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

/** What a picture is by its first bytes, whatever it is called; null when it is none that can be shown. */
export function imageTypeOf(bytes: Uint8Array): ImageType | null {
  if (begins(bytes, PNG) && wordAt(bytes, 12) === 'IHDR') return 'image/png';
  if (begins(bytes, JPEG)) return 'image/jpeg';
  return wordAt(bytes, 0) === 'RIFF' && wordAt(bytes, 8) === 'WEBP' ? 'image/webp' : null;
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
