import { createContext } from 'react';

/** Marks the inline scripts of this response as ours under the content security policy; empty in the browser. */
export const Nonce = createContext<string | undefined>(undefined);
