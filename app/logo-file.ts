/** As large as the operation takes; a larger file is not read, and refused as one that is too long. */
const LARGEST = 256 * 1024;

/** The picture that was chosen just now, else the one that an earlier step has kept, in base64; '' when there is none. */
export async function readLogo(form: FormData): Promise<string> {
  const file = form.get('file');
  if (!(file instanceof Blob) || file.size === 0) {
    const kept = form.get('image');
    return typeof kept === 'string' ? kept : '';
  }
  const bytes = new Uint8Array(await file.slice(0, LARGEST + 3).arrayBuffer());
  let letters = '';
  for (let at = 0; at < bytes.length; at += 8192) letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(letters);
}
