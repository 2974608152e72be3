import * as http from 'node:http';
import * as https from 'node:https';
import { AddressInfo, createServer, Server, Socket } from 'node:net';
import { Certificate } from './certificate';

/** Every TLS connection begins with this byte: a handshake record. */
const TLS_HANDSHAKE = 0x16;

/**
 * One port that speaks HTTP and HTTPS.
 *
 * `kubectl` sends a token over HTTPS only; for scripts and controllers on the same machine plain HTTP spares the
 * business with certificates.
 */
export class DualServer {
  private readonly sockets = new Set<Socket>();
  private readonly front: Server;
  private refusing = false;

  /**
   * @param certificate - asked for when the first TLS connection comes
   */
  constructor(
    certificate: () => Certificate,
    private readonly listener: http.RequestListener,
  ) {
    const plain = http.createServer(listener);
    let secure: https.Server | undefined;
    const secureServer = () => {
      secure ??= this.createSecureServer(certificate());
      return secure;
    };
    this.front = createServer(socket => {
      if (this.refusing) {
        socket.destroy();
        return;
      }
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      // A client that resets the connection is no reason to end.
      socket.on('error', () => socket.destroy());
      socket.once('data', first => {
        socket.pause();
        socket.unshift(first);
        const server = first[0] === TLS_HANDSHAKE ? secureServer() : plain;
        server.emit('connection', socket);
        process.nextTick(() => socket.resume());
      });
    });
  }

  /** Starts to listen and returns the port. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.front.once('error', reject);
      this.front.listen(port, host, resolve);
    });
    return (this.front.address() as AddressInfo).port;
  }

  /** Drops all connections and every new one, until told otherwise. */
  refuseConnections(refuse: boolean): void {
    this.refusing = refuse;
    if (refuse) {
      this.dropConnections();
    }
  }

  async close(): Promise<void> {
    const closed = new Promise(resolve => this.front.close(resolve));
    this.dropConnections();
    await closed;
  }

  private createSecureServer(certificate: Certificate): https.Server {
    return https.createServer(
      { cert: certificate.certificate, key: certificate.privateKey },
      this.listener,
    );
  }

  private dropConnections(): void {
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }
}
