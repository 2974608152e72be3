/** Polynomial of CRC-32C (Castagnoli), reflected. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  }
  return value >>> 0;
});

/** CRC-32C, which Node's zlib does not have. */
export class Crc32c {
  private value = 0xffffffff;

  update(data: Buffer): void {
    let { value } = this;
    for (const byte of data) {
      value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
    }
    this.value = value >>> 0;
  }

  digest(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE((this.value ^ 0xffffffff) >>> 0);
    return bytes.toString('base64');
  }
}
