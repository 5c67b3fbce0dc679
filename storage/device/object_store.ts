/** An object of a store. */
export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** MD5 of its bytes as hexadecimal text, if the store tells it. */
  readonly md5: string | undefined;
}

/** A place for objects under names, such as a bucket. */
export interface ObjectStore {
  /** The place as messages name it. */
  readonly printName: string;
  /** Stores an object, and makes sure that it arrived. @throws {ObjectStoreError} */
  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The bytes of an object, checked; undefined if there is none. @throws {ObjectStoreError} */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Removes an object; one that is not there is no error. @throws {ObjectStoreError} */
  remove(key: string): Promise<void>;
  /** The objects whose names begin so, in the order of their names. @throws {ObjectStoreError} */
  list(prefix: string): Promise<StoredObject[]>;
}

/** A store did not do what it was asked. */
export class ObjectStoreError extends Error {
  /** The class, for logs. */
  override readonly name = "ObjectStoreError";
}
