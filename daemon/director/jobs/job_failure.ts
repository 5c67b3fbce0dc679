/** A job cannot go on; the message is the text of the fatal job message, without line end. */
export class JobFailure extends Error {
  /** The class, for logs. */
  override readonly name: string = "JobFailure";
}

/** The job was canceled; nothing more is to be said. */
export class JobCanceled extends JobFailure {
  /** The class, for logs. */
  override readonly name = "JobCanceled";
}
