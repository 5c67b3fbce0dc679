/** Users who log in at a console with PAM (wire.md 13.4, 15.2): real modules of the system decide. */
import { match, ok, rejects, strictEqual } from "node:assert";
import {
  AuthenticationError,
  ConsoleSession,
  dial,
  passwordKey,
  realEnvironment,
} from "../protocol/mod.ts";
import { join } from "./support/paths.ts";
import { writeScript } from "./support/script.ts";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";
import { waitFor } from "./support/wait_for.ts";

const secret = "s3cret and \u00fcber";

const consoles = `
Console { Name = pam; Password = "pam"; Use Pam Authentication = yes }
User { Name = alice; Profile = readers }
User { Name = carol; Profile = readers; Job ACL = *all* }
Profile { Name = readers; Command ACL = version, whoami, status }
`;

interface PamScene {
  readonly installation: Installation;
  /** Logs in; `answers` are given to prompts, in order. */
  logIn(wish: {
    credentials?: { user: string; password: string };
    answers?: (string | (() => Promise<string>))[];
  }): Promise<{ session: ConsoleSession; prompts: string[] }>;
  /** Waits until the director's log has said something. */
  said(text: RegExp): Promise<void>;
}

/** A director whose PAM lets in alice, bob and carol with one password; what is in `lines` goes before that. */
async function pamScene(
  run: (scene: PamScene) => Promise<void>,
  lines = "",
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "roost-pam-" });
  try {
    const script = join(folder, "check");
    writeScript(
      script,
      `#!/bin/sh\nread -r secret\ncase $PAM_USER in alice|bob|carol) [ "$secret" = '${secret}' ];; *) exit 1;; esac\n`,
    );
    await Deno.writeTextFile(
      join(folder, "bareos"),
      `${lines}auth required pam_exec.so expose_authtok quiet ${script}\n` +
        "account required pam_succeed_if.so quiet user != carol\n",
    );
    await using installation = await Installation.create({
      backup: Deno.cwd(),
      env: { ROOST_PAM_DIRECTORY: folder },
    });
    const rewriter = new Rewriter(installation);
    const port = Number(await rewriter.value(files.director, "Port"));
    await Deno.mkdir(rewriter.path("bareos-dir.d/console"), { recursive: true });
    await installation.configure("bareos-dir.d/console/pam.conf", consoles);
    await installation.start("dir");
    const log = (): Promise<string> =>
      Deno.readTextFile(rewriter.path("log/roost.log")).catch(() => "");
    await run({
      installation,
      async logIn({ credentials, answers }) {
        const prompts: string[] = [];
        const left = [...answers ?? []];
        const connection = await dial({ address: "127.0.0.1", port, who: "Director" });
        try {
          const session = await ConsoleSession.login(connection, {
            ...{ name: "pam", key: passwordKey("pam"), isTls: true },
            ...{ version: "26.0.0", protocolVersion: "26.0.0" },
            environment: { ...realEnvironment, pause: () => Promise.resolve() },
            ...(credentials === undefined ? {} : { credentials }),
            ...(answers === undefined ? {} : {
              prompt: (text: string, isSecret: boolean) => {
                prompts.push(`${isSecret ? "secret" : "shown"} ${text}`);
                const answer = left.shift() ?? "";
                return typeof answer === "string" ? Promise.resolve(answer) : answer();
              },
            }),
          });
          return { session, prompts };
        } catch (error) {
          connection.close();
          throw error;
        }
      },
      async said(text) {
        await waitFor(`the log to say ${text}`, async () => text.test(await log()));
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a user whom PAM lets in has the rights of his User resource, others stay outside", () =>
  pamScene(async ({ installation, logIn, said }) => {
    // with credentials at hand
    const direct = await logIn({ credentials: { user: "alice", password: secret } });
    match(direct.session.information, /\nYou are logged in as: alice$/);
    match(await direct.session.call("whoami"), /alice/);
    match(await direct.session.call("version"), /roost-dir Version/);
    match(await direct.session.call("list jobs"), /is an invalid command|not authorized|denied/i);
    await direct.session.close();

    // in a dialogue
    const asked = await logIn({ answers: ["alice", secret] });
    strictEqual(asked.prompts.join("|"), "shown login:|secret Password: ");
    match(await asked.session.call("whoami"), /alice/);
    await asked.session.close();

    const refused = (wish: Parameters<typeof logIn>[0]) =>
      rejects(() => logIn(wish), AuthenticationError);
    await refused({ credentials: { user: "alice", password: "guess" } });
    await refused({ credentials: { user: "mallory", password: secret } });
    await said(/Cannot accept Console "pam" at 127\S+: PAM refuses the login: /);
    await refused({ answers: ["alice", "guess"] });
    await refused({ answers: ["", ""] });
    await refused({ answers: ["x".repeat(100_000), "\0"] });
    // PAM knows the account, and does not let it in now
    await refused({ credentials: { user: "carol", password: secret } });
    // PAM lets bob in, the director does not know what he may do
    await refused({ credentials: { user: "bob", password: secret } });
    await said(/there is no User resource "bob", which says what this user of PAM may do/);
    // the director serves on, and who gives a wrong password for the console gets no further
    match(await installation.console("version"), /roost-dir Version/);
  }));

Deno.test("what PAM tells comes with its next question, and a console that hangs up ends its login", () =>
  pamScene(async ({ installation, logIn }) => {
    const asked = await logIn({ answers: ["alice", secret] });
    strictEqual(asked.prompts.join("|"), "shown Welcome to the store\nlogin:|secret Password: ");
    await asked.session.close();
    const started = installation.pid("dir");
    const threads = () => [...Deno.readDirSync(`/proc/${started}/task`)].length;
    const before = threads();
    const hangUp = new Error("hangs up");
    await rejects(() => logIn({ answers: ["alice", () => Promise.reject(hangUp)] }), hangUp);
    for (let count = 0; count < 5; count++) {
      await rejects(() => logIn({ credentials: { user: "mallory", password: "x" } }));
    }
    await waitFor("the threads of logins to end", () => threads() <= before + 1);
    const again = await logIn({ credentials: { user: "alice", password: secret } });
    ok(again.session.information.endsWith("alice"));
    await again.session.close();
  }, "auth optional pam_echo.so Welcome to the store\n"));
