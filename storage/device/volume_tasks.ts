import { DeviceError } from "./device_error.ts";

/** What is done on a volume: the system's errors become those of the device. */
export class VolumeTasks {
  readonly #volume: string;
  readonly #device: string;
  readonly #onFailure: () => void;

  /** Tasks on `volume` of the device that messages call `device`; `onFailure` is called at each error. */
  constructor(volume: string, device: string, onFailure: () => void = () => {}) {
    this.#volume = volume;
    this.#device = device;
    this.#onFailure = onFailure;
  }

  /** Does a task, such as `measure`, at a byte offset if it has one. @throws {DeviceError} */
  do<Result>(task: string, offset: number | undefined, call: () => Result): Result {
    try {
      return call();
    } catch (cause) {
      throw this.error(task, cause, offset);
    }
  }

  /** Why a task failed, after it had `written` so many bytes. */
  error(task: string, cause: unknown, offset?: number, written = 0): DeviceError {
    this.#onFailure();
    const place = { volume: this.#volume, device: this.#device, written };
    return new DeviceError(task, offset === undefined ? place : { ...place, offset }, cause);
  }
}
