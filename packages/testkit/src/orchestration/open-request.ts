import { RawConnection, type RawResponse } from "../raw-connection.ts";

const body = '["tea"]';

/** A request that the application has begun to read, and that it cannot answer before the rest has come. */
export class OpenRequest implements Disposable {
  readonly #connection: RawConnection;

  private constructor(connection: RawConnection) {
    this.#connection = connection;
  }

  /** Resolves when the server has it. */
  static async begin(port: number): Promise<OpenRequest> {
    const connection = new RawConnection(port);
    const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue`;
    const interim = await connection.send(`POST /orders HTTP/1.1\r\nHost: orders\r\n${headers}\r\n\r\n`).response();
    if (interim.status !== 100) throw new Error(`the server does not read on: ${interim.status} ${interim.reason}`);
    return new OpenRequest(connection);
  }

  /** Sends the rest. */
  async finish(): Promise<RawResponse> {
    return await this.#connection.send(body).response();
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }
}
