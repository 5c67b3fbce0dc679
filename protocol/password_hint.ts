/** Whose password is used on a connection: the kind of resource or job, and its name (wire.md 8.3). */
export interface PasswordOwner {
  readonly type: string;
  readonly name: string;
}

/** The two ends of a connection. */
export type End = "connector" | "acceptor";

/** Where the password of a connection stands: on the end that connected, and on the other (wire.md 5.3). */
interface Places {
  readonly connector: string;
  readonly acceptor: string;
}

const JOB = "the job's key, which both daemons have from the director";

const PLACES: Readonly<Record<string, Places>> = {
  R_DIRECTOR: {
    connector: "the Client or Storage resource of the director for this daemon",
    acceptor: 'the Director resource "{name}" of the file or storage daemon',
  },
  R_CLIENT: {
    connector: "the file daemon's Director resource",
    acceptor: 'the Client resource "{name}" of the director',
  },
  R_CONSOLE: {
    connector: 'the Console resource "{name}" of the console',
    acceptor: 'the Console resource "{name}" of the director',
  },
  "R_CONSOLE *UserAgent*": {
    connector: "the console's Director resource",
    acceptor: "the director's own Director resource",
  },
  R_JOB: { connector: JOB, acceptor: JOB },
};

/** What to compare when passwords differ; names the resources on both ends. */
export function passwordHint(owner: PasswordOwner): string {
  const places = PLACES[`${owner.type} ${owner.name}`] ?? PLACES[owner.type];
  if (places === undefined) return "compare Password in the resources on both ends";
  if (places.connector === places.acceptor) {
    return `it is ${places.acceptor}; the job has ended here, most likely`;
  }
  const { connector, acceptor } = places;
  return `Password in ${connector} and Password in ${acceptor} must be the same`
    .replaceAll("{name}", owner.name);
}
