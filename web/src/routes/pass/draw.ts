import { encodeQR } from 'qr';

const QUIET_ZONE = 4;

/** The modules of a text's QR code at level M, row by row, with its quiet zone; true is dark. */
export const modulesOf = (text: string): boolean[][] => encodeQR(text, 'raw', { ecc: 'medium', border: QUIET_ZONE });

/** Draw a text as a QR code of at most that width (CSS pixels): whole device pixels a module, so that edges are sharp. */
export function draw(canvas: HTMLCanvasElement, text: string, width: number): void {
  const rows = modulesOf(text);
  const scale = Math.max(1, Math.floor((width * devicePixelRatio) / rows.length));
  const size = rows.length * scale;
  canvas.width = canvas.height = size;
  canvas.style.width = `${size / devicePixelRatio}px`;
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, size, size);
  pen.fillStyle = '#000';
  rows.forEach((row, y) => row.forEach((dark, x) => dark && pen.fillRect(x * scale, y * scale, scale, scale)));
}
