/** Pictures made of dots alone: what a browser draws of them can neither run nor load anything. */
export type ImageType = 'image/png' | 'image/jpeg' | 'image/webp';

export const LARGEST_IMAGE = 256 * 1024;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];

const begins = (bytes: Uint8Array, with_: readonly number[]) => with_.every((byte, at) => bytes[at] === byte);
const wordAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

/** The last chunk of a PNG, its sum included. */
const PNG_END = [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];
const JPEG_END = [0xff, 0xd9];
/** In dots, each way: a small file can claim to be a picture that no browser can hold. */
const LARGEST_SIDE = 8_192;

const ends = (bytes: Uint8Array, with_: readonly number[]) => begins(bytes.subarray(-with_.length), with_);

function isPng(bytes: Uint8Array): boolean {
  if (bytes.length < 45 || !begins(bytes, PNG) || wordAt(bytes, 12) !== 'IHDR' || !ends(bytes, PNG_END)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return [view.getUint32(16), view.getUint32(20)].every((side) => side >= 1 && side <= LARGEST_SIDE);
}

function isWebp(bytes: Uint8Array): boolean {
  if (bytes.length < 20 || wordAt(bytes, 0) !== 'RIFF' || wordAt(bytes, 8) !== 'WEBP') return false;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8 === bytes.length;
}

/** What a picture is by how it begins and ends, whatever it is called; null when it is none that can be shown, or more than one. */
export function imageTypeOf(bytes: Uint8Array): ImageType | null {
  if (isPng(bytes)) return 'image/png';
  if (begins(bytes, JPEG) && ends(bytes, JPEG_END)) return 'image/jpeg';
  return isWebp(bytes) ? 'image/webp' : null;
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
